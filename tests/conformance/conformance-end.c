/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Scenarios of what an end sees of the other: bytes as they come, the end of the stream, a peer
 * that is gone. */

#include "peers.h"
#include "waits.h"

#include <string.h>

/* A read does not wait for its buffer to be full. */
static void
test_short_read (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  g_autoptr (GError) error = NULL;
  char buffer[4096];
  gssize n;

  conformance_send (self, pair.server, "short");
  n = self->mode->read (conformance_input (pair.client), buffer, sizeof buffer, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (n, >=, 1);
  g_assert_cmpint (n, <=, 5);
  g_assert_cmpint (memcmp (buffer, "short", n), ==, 0);
}

static void
test_end_of_file (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);

  conformance_send (self, pair.server, "last");
  conformance_close (pair.server);
  conformance_expect (self, pair.client, "last");
  conformance_expect_end (self, pair.client);
  conformance_expect_end (self, pair.client);
  g_assert_false (g_io_stream_is_closed (G_IO_STREAM (pair.client)));
}

static void
test_end_of_file_at_once (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);

  conformance_close (pair.client);
  conformance_expect_end (self, pair.server);
}

static void
test_peer_gone (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);

  conformance_close (pair.server);
  conformance_expect_write_error (self, pair.client, G_IO_ERROR_BROKEN_PIPE);
  conformance_expect_write_error (self, pair.client, G_IO_ERROR_BROKEN_PIPE);
}

static void
test_peer_gone_vectored (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  static const char bytes[4096];
  GOutputVector vectors[] = { { bytes, sizeof bytes }, { bytes, sizeof bytes } };
  g_autoptr (GError) error = NULL;

  conformance_close (pair.server);
  while (g_output_stream_writev (conformance_output (pair.client), vectors, 2, NULL, NULL, &error))
    continue;
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
}

/* The peer goes away while a write waits for it to read. */
static void
test_peer_goes (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all_async (conformance_output (pair.client), conformance_many_bytes,
                                   sizeof conformance_many_bytes, G_PRIORITY_DEFAULT, NULL,
                                   conformance_result_cb, &result);
  conformance_turn ();
  g_assert_null (result);
  conformance_close (pair.server);
  conformance_wait (&result);
  g_assert_false (
      g_output_stream_write_all_finish (conformance_output (pair.client), result, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
}

static void
test_readiness (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  GPollableInputStream *input = G_POLLABLE_INPUT_STREAM (conformance_input (pair.client));
  GPollableOutputStream *output = G_POLLABLE_OUTPUT_STREAM (conformance_output (pair.client));
  g_autoptr (GError) error = NULL;
  char byte;

  g_assert_true (g_pollable_input_stream_can_poll (input));
  g_assert_true (g_pollable_output_stream_can_poll (output));
  g_assert_false (g_pollable_input_stream_is_readable (input));
  g_assert_true (g_pollable_output_stream_is_writable (output));
  g_assert_cmpint (g_pollable_input_stream_read_nonblocking (input, &byte, 1, NULL, &error), ==,
                   -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);

  conformance_send (self, pair.server, "x");
  conformance_wait_readable (conformance_input (pair.client), NULL);
  g_assert_true (g_pollable_input_stream_is_readable (input));
  conformance_expect (self, pair.client, "x");
  g_assert_false (g_pollable_input_stream_is_readable (input));

  conformance_close (pair.server);
  conformance_wait_readable (conformance_input (pair.client), NULL);
  g_assert_true (g_pollable_input_stream_is_readable (input));
  conformance_expect_end (self, pair.client);
}

void
conformance_add_end_tests (void)
{
  conformance_add_modes ("/connection/short-read", test_short_read);
  conformance_add_modes ("/connection/end-of-file", test_end_of_file);
  conformance_add_modes ("/connection/end-of-file-at-once", test_end_of_file_at_once);
  conformance_add_modes ("/connection/peer-gone", test_peer_gone);
  conformance_add ("/connection/peer-gone/vectored", test_peer_gone_vectored);
  conformance_add ("/connection/peer-gone/during-write", test_peer_goes);
  conformance_add_modes ("/connection/readiness", test_readiness);
}
