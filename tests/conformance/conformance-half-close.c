/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Scenarios of closing one direction while the other goes on. The transport's probe must own up to
 * it. */

#include "peers.h"
#include "waits.h"

static void
shut_down (HvsockConnection *connection, gboolean read, gboolean write)
{
  g_autoptr (GError) error = NULL;

  hvsock_connection_shutdown (connection, read, write, &error);
  g_assert_no_error (error);
}

/* The usual dialogue: the question ends, then the answer does. */
static void
question_and_answer (Conformance *self, HvsockConnection *asks, HvsockConnection *answers)
{
  conformance_send (self, asks, "question");
  shut_down (asks, FALSE, TRUE);
  conformance_expect (self, answers, "question");
  conformance_expect_end (self, answers);
  conformance_expect_end (self, answers);

  conformance_send (self, answers, "answer");
  conformance_expect (self, asks, "answer");
  conformance_expect_write_error (self, asks, G_IO_ERROR_BROKEN_PIPE);
  conformance_send (self, answers, "more");
  shut_down (answers, FALSE, TRUE);
  conformance_expect (self, asks, "more");
  conformance_expect_end (self, asks);
}

static void
test_client_writes (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);

  question_and_answer (self, pair.client, pair.server);
}

static void
test_server_writes (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);

  question_and_answer (self, pair.server, pair.client);
}

static void
expect_unread (Conformance *self, HvsockConnection *peer)
{
  if (!conformance_backend.shuts_reading_silently)
    conformance_expect_write_error (self, peer, G_IO_ERROR_BROKEN_PIPE);
}

static void
test_client_reads (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);

  shut_down (pair.client, TRUE, FALSE);
  conformance_expect_end (self, pair.client);
  conformance_send (self, pair.client, "still heard");
  conformance_expect (self, pair.server, "still heard");
  expect_unread (self, pair.server);
  conformance_send (self, pair.client, "even so");
  conformance_expect (self, pair.server, "even so");
}

static void
test_server_reads (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);

  shut_down (pair.server, TRUE, FALSE);
  conformance_expect_end (self, pair.server);
  expect_unread (self, pair.client);
  conformance_send (self, pair.server, "still heard");
  conformance_expect (self, pair.client, "still heard");
}

static void
test_both (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);

  conformance_send (self, pair.client, "last");
  shut_down (pair.client, TRUE, TRUE);
  conformance_expect (self, pair.server, "last");
  conformance_expect_end (self, pair.server);
  conformance_expect_end (self, pair.client);
  conformance_expect_write_error (self, pair.client, G_IO_ERROR_BROKEN_PIPE);
  expect_unread (self, pair.server);
}

static void
test_pending_read (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  char buffer[16];

  g_input_stream_read_async (conformance_input (pair.client), buffer, sizeof buffer,
                             G_PRIORITY_DEFAULT, NULL, conformance_result_cb, &result);
  shut_down (pair.client, FALSE, TRUE);
  conformance_expect_end (self, pair.server);
  conformance_turn ();
  g_assert_null (result);

  conformance_send (self, pair.server, "answer");
  conformance_wait (&result);
  g_assert_cmpint (g_input_stream_read_finish (conformance_input (pair.client), result, &error), >,
                   0);
  g_assert_no_error (error);
}

static void
test_ends_own_read (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  char buffer[16];

  g_input_stream_read_async (conformance_input (pair.client), buffer, sizeof buffer,
                             G_PRIORITY_DEFAULT, NULL, conformance_result_cb, &result);
  conformance_turn ();
  g_assert_null (result);
  shut_down (pair.client, TRUE, FALSE);
  conformance_wait (&result);
  g_assert_cmpint (g_input_stream_read_finish (conformance_input (pair.client), result, &error), ==,
                   0);
  g_assert_no_error (error);
}

static void
test_repeated (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);

  shut_down (pair.client, FALSE, FALSE);
  conformance_expect_alive (self, &pair);
  shut_down (pair.client, FALSE, TRUE);
  shut_down (pair.client, FALSE, TRUE);
  shut_down (pair.client, TRUE, TRUE);
  conformance_expect_end (self, pair.server);
  conformance_close (pair.server);
  shut_down (pair.client, TRUE, TRUE);
}

static void
end_after_peer (Conformance *self, HvsockConnection *connection, HvsockConnection *peer)
{
  conformance_send (self, connection, "last");
  conformance_expect (self, peer, "last");
  conformance_close (peer);
  conformance_expect_end (self, connection);
  shut_down (connection, FALSE, TRUE);
  conformance_expect_end (self, connection);
}

static void
test_client_after_peer (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);

  end_after_peer (self, pair.client, pair.server);
}

static void
test_server_after_peer (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);

  end_after_peer (self, pair.server, pair.client);
}

static void
test_closed (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  g_autoptr (GError) error = NULL;

  conformance_close (pair.client);
  g_assert_false (hvsock_connection_shutdown (pair.client, FALSE, TRUE, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

static void
test_probed (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  gboolean is_probed = (conformance_get_features () & HVSOCK_FEATURE_HALF_CLOSE) != 0;
  gboolean is_expected = !conformance_backend.lacks_half_close;

  /* The framing has it whatever the transport has. */
  if (conformance_backend.framed_over == NULL)
    g_assert_true (is_probed == is_expected);
  g_assert_true (hvsock_connection_can_half_close (pair.client) == is_expected);
  g_assert_true (hvsock_connection_can_half_close (pair.server) == is_expected);
  g_assert_true (hvsock_listener_can_half_close (self->listener) == is_expected);
}

static void
expect_refused (HvsockConnection *connection, gboolean read, gboolean write)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (hvsock_connection_shutdown (connection, read, write, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

/* Nothing is cut. */
static void
test_refused (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  HvsockConnection *ends[] = { pair.client, pair.server };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      expect_refused (ends[i], FALSE, TRUE);
      expect_refused (ends[i], TRUE, FALSE);
      shut_down (ends[i], FALSE, FALSE);
      conformance_expect_alive (self, &pair);
    }
}

void
conformance_add_half_close_tests (void)
{
  conformance_add ("/connection/half-close/closed", test_closed);
  conformance_add ("/connection/half-close/probed", test_probed);
  conformance_add_modes ("/connection/half-close/both", test_both);
  if (conformance_backend.lacks_half_close)
    {
      conformance_add_modes ("/connection/half-close/refused", test_refused);
      return;
    }

  conformance_add_modes ("/connection/half-close/client-writes", test_client_writes);
  conformance_add_modes ("/connection/half-close/server-writes", test_server_writes);
  conformance_add_modes ("/connection/half-close/client-reads", test_client_reads);
  conformance_add_modes ("/connection/half-close/server-reads", test_server_reads);
  conformance_add ("/connection/half-close/pending-read", test_pending_read);
  conformance_add ("/connection/half-close/ends-own-read", test_ends_own_read);
  conformance_add ("/connection/half-close/repeated", test_repeated);
  conformance_add_modes ("/connection/half-close/client-after-peer", test_client_after_peer);
  conformance_add_modes ("/connection/half-close/server-after-peer", test_server_after_peer);
}
