/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Scenarios of packet-oriented connections (`?type=seqpacket`), for transports that have them. */

#include "lanes.h"

#include "waits.h"

#include <poll.h>

static const gsize sizes[] = { 1, 2, 100, 4096, 65536 };

/* A message cannot be written by parts, so there is nothing to poll for. */
static void
write_message (Conformance *self, HvsockConnection *connection, gsize size)
{
  const ConformanceMode *mode =
      self->mode == &conformance_pollable ? &conformance_async : self->mode;
  g_autoptr (GError) error = NULL;
  gssize n = mode->write (conformance_output (connection), conformance_get_random_bytes (), size,
                          NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (n, ==, size);
}

static void
expect_message (Conformance *self, HvsockConnection *connection, gsize size)
{
  g_autofree char *buffer = g_malloc (size + 1);
  g_autoptr (GError) error = NULL;
  gssize n = self->mode->read (conformance_input (connection), buffer, size + 1, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (buffer, MAX (n, 0), conformance_get_random_bytes (), size);
}

static void
test_boundaries (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect_messages ();

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      write_message (self, pair.client, sizes[i]);
      write_message (self, pair.server, sizes[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      expect_message (self, pair.server, sizes[i]);
      expect_message (self, pair.client, sizes[i]);
    }
  conformance_close (pair.client);
  conformance_expect_end (self, pair.server);
}

static void
test_too_large (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect_messages ();

  write_message (self, pair.client, 100);
  write_message (self, pair.client, 2);
  conformance_expect_read_error (self, pair.server, G_IO_ERROR_MESSAGE_TOO_LARGE);
  expect_message (self, pair.server, 2);
}

static void
test_exact (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect_messages ();

  conformance_send (self, pair.client, "exact");
  conformance_expect (self, pair.server, "exact");
}

static void
test_vectored (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect_messages ();
  GOutputVector vectors[] = {
    { conformance_get_random_bytes (), 100 },
    { conformance_get_random_bytes () + 100, 23 },
  };
  g_autoptr (GError) error = NULL;
  gsize written;

  g_output_stream_writev (conformance_output (pair.client), vectors, G_N_ELEMENTS (vectors),
                          &written, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (written, ==, 123);
  expect_message (self, pair.server, 123);
}

void
conformance_wait_begun (HvsockConnection *connection)
{
  struct pollfd polled = { hvsock_connection_get_fd (connection), POLLOUT };
  int n_ready;

  while ((n_ready = poll (&polled, 1, 0)) > 0)
    g_thread_yield ();
  g_assert_no_errno (n_ready);
}

typedef struct
{
  Conformance *self;
  HvsockConnection *connection;
  GIOErrorEnum failure;
  GCancellable *cancellable;
} Writer;

/* More than the two ends hold for each other, which is 256 KiB. */
static const gsize large_sizes[] = { 200000, 100000, 1000, 250000, 65536 };

static gpointer
write_large (gpointer data)
{
  const Writer *writer = data;
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  for (guint i = 0; i < G_N_ELEMENTS (large_sizes); i++)
    write_message (writer->self, writer->connection, large_sizes[i]);
  g_main_context_pop_thread_default (context);
  return NULL;
}

/* A message that has to wait for the rest of its room arrives as one. */
static void
test_little_room (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect_messages ();
  Writer writer = { self, pair.client };
  ConformanceThread *thread = conformance_thread_new (write_large, &writer);

  conformance_thread_wait_asleep (thread);
  for (guint i = 0; i < G_N_ELEMENTS (large_sizes); i++)
    expect_message (self, pair.server, large_sizes[i]);
  conformance_thread_join (thread);
}

static void
shut_writing (HvsockConnection *connection)
{
  g_autoptr (GError) error = NULL;

  hvsock_connection_shutdown (connection, FALSE, TRUE, &error);
  g_assert_no_error (error);
}

static void
expect_broken (HvsockConnection *connection)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_output_stream_write (conformance_output (connection), "byte", 4, NULL, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
}

/* What has begun is not taken for a message by the peer, nor what would follow for its rest. */
static void
expect_broken_off (Conformance *self, ConformancePair *pair)
{
  expect_broken (pair->client);
  expect_message (self, pair->server, large_sizes[0]);
  conformance_expect_end (self, pair->server);
}

static gpointer
write_in_vain (gpointer data)
{
  const Writer *writer = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GError) error = NULL;

  g_main_context_push_thread_default (context);
  g_assert_cmpint (writer->self->mode->write (conformance_output (writer->connection),
                                              conformance_get_random_bytes (), large_sizes[1],
                                              writer->cancellable, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, (int) writer->failure);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
test_cancelled (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect_messages ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Writer writer = { self, pair.client, G_IO_ERROR_CANCELLED, cancellable };
  ConformanceThread *thread;

  write_message (self, pair.client, large_sizes[0]);
  thread = conformance_thread_new (write_in_vain, &writer);
  conformance_wait_begun (pair.client);
  g_cancellable_cancel (cancellable);
  conformance_thread_join (thread);
  expect_broken_off (self, &pair);
}

static void
test_timed_out (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect_messages ();
  g_autoptr (GError) error = NULL;

  write_message (self, pair.client, large_sizes[0]);
  hvsock_connection_set_timeout (pair.client, 20);
  g_assert_cmpint (self->mode->write (conformance_output (pair.client),
                                      conformance_get_random_bytes (), large_sizes[1], NULL,
                                      &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  expect_broken_off (self, &pair);
}

/* What was said before is there to be read, whichever end it is that ends the other direction. */
static void
test_write_failure (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect_messages ();
  Writer writer = { self, pair.client, G_IO_ERROR_BROKEN_PIPE };
  g_autoptr (GError) error = NULL;
  ConformanceThread *thread;

  write_message (self, pair.client, large_sizes[0]);
  write_message (self, pair.server, 1000);
  thread = conformance_thread_new (write_in_vain, &writer);
  conformance_wait_begun (pair.client);
  g_assert_true (hvsock_connection_shutdown (pair.server, TRUE, FALSE, &error));
  g_assert_no_error (error);
  conformance_thread_join (thread);
  expect_broken (pair.client);
  expect_message (self, pair.client, 1000);

  shut_writing (pair.client);
  expect_broken (pair.client);
  write_message (self, pair.server, 2000);
  expect_message (self, pair.client, 2000);
}

/* More than would get threads within the scenario's time if they had to share GTask's. */
#define N_STALLED 128

static void
start_write (HvsockConnection *connection, gsize size, GAsyncResult **result)
{
  g_output_stream_write_async (conformance_output (connection), conformance_get_random_bytes (),
                               size, G_PRIORITY_DEFAULT, NULL, conformance_result_cb, result);
}

/* Peers that do not read keep nobody else from writing. */
static void
test_stalled (Conformance *self)
{
  ConformancePair stalled[N_STALLED];
  GAsyncResult *results[N_STALLED] = { NULL };

  for (guint i = 0; i < N_STALLED; i++)
    {
      stalled[i] = conformance_connect_messages ();
      write_message (self, stalled[i].client, large_sizes[0]);
      start_write (stalled[i].client, large_sizes[1], &results[i]);
    }
  {
    g_auto (ConformancePair) pair = conformance_connect_messages ();

    write_message (self, pair.client, large_sizes[1]);
    expect_message (self, pair.server, large_sizes[1]);
  }
  for (guint i = 0; i < N_STALLED; i++)
    {
      g_assert_null (results[i]);
      conformance_close (stalled[i].client);
      conformance_wait (&results[i]);
      g_assert_cmpint (
          g_output_stream_write_finish (conformance_output (stalled[i].client), results[i], NULL),
          ==, -1);
      g_object_unref (results[i]);
      conformance_pair_clear (&stalled[i]);
    }
}

/* Nothing of it was begun. */
static void
test_cannot_fit (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect_messages ();
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (self->mode->write (conformance_output (pair.client),
                                      conformance_get_random_bytes (), 300000, NULL, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE);
  write_message (self, pair.client, 100);
  expect_message (self, pair.server, 100);
}

static void
test_cannot_poll (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect_messages ();
  GPollableOutputStream *output = G_POLLABLE_OUTPUT_STREAM (conformance_output (pair.client));
  g_autoptr (GError) error = NULL;

  g_assert_false (g_pollable_output_stream_can_poll (output));
  g_assert_cmpint (g_pollable_output_stream_write_nonblocking (output, "byte", 4, NULL, &error), ==,
                   -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_assert_true (
      g_pollable_input_stream_can_poll (G_POLLABLE_INPUT_STREAM (conformance_input (pair.client))));
}

static gboolean
incoming_cb (HvsockService *service,
             HvsockConnection *connection,
             HvsockListener *listener,
             gpointer data)
{
  HvsockConnection **served = data;

  *served = g_object_ref (connection);
  return TRUE;
}

/* Waiting for the first byte takes nothing of the first message. */
static void
test_service (Conformance *self)
{
  static const char *const loopback[] = { "cid 1", NULL };
  g_autoptr (HvsockService) service = hvsock_service_new ();
  g_autoptr (HvsockConnection) client = NULL;
  g_autoptr (HvsockConnection) server = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *uri = NULL;
  HvsockListener *listener;

  g_signal_connect (service, "incoming", G_CALLBACK (incoming_cb), &server);
  hvsock_service_set_first_byte_timeout (service, 60000);
  g_assert_true (hvsock_service_set_allowed_peers (service, loopback, &error));
  g_assert_no_error (error);
  listener = hvsock_service_listen (service, conformance_backend.packet_uri, &error);
  g_assert_no_error (error);
  hvsock_service_start (service);

  uri = conformance_get_uri (listener);
  client = hvsock_connect (uri, NULL, &error);
  g_assert_no_error (error);
  write_message (self, client, 4096);
  write_message (self, client, 1);
  while (server == NULL)
    g_main_context_iteration (NULL, TRUE);
  expect_message (self, server, 4096);
  expect_message (self, server, 1);
  write_message (self, server, 100);
  expect_message (self, client, 100);
}

/* Both ways, and the end of each direction after its last message. */
static void
test_relay (Conformance *self)
{
  g_auto (ConformancePair) first = conformance_connect_messages ();
  g_auto (ConformancePair) second = conformance_connect_messages ();
  g_autoptr (HvsockRelay) relay =
      hvsock_relay_new (G_IO_STREAM (first.server), G_IO_STREAM (second.client));
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      write_message (self, first.client, sizes[i]);
      write_message (self, second.server, sizes[i]);
    }
  shut_writing (first.client);
  shut_writing (second.server);
  hvsock_relay_run_async (relay, G_PRIORITY_DEFAULT, NULL, conformance_result_cb, &result);
  conformance_wait (&result);
  hvsock_relay_run_finish (relay, result, &error);
  g_assert_no_error (error);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      expect_message (self, second.server, sizes[i]);
      expect_message (self, first.client, sizes[i]);
    }
  conformance_expect_end (self, second.server);
  conformance_expect_end (self, first.client);
}

static void
test_stream_refused (Conformance *self)
{
  g_autofree char *uri = g_strconcat (self->uri, "?type=seqpacket", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (hvsock_connect (uri, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
}

void
conformance_add_seqpacket_tests (void)
{
  if (conformance_backend.packet_uri == NULL)
    return;

  conformance_add_modes ("/seqpacket/boundaries", test_boundaries);
  conformance_add_modes ("/seqpacket/too-large", test_too_large);
  conformance_add_both ("/seqpacket/exact", test_exact);
  conformance_add_modes ("/seqpacket/little-room", test_little_room);
  conformance_add_both ("/seqpacket/cancelled", test_cancelled);
  conformance_add_both ("/seqpacket/timed-out", test_timed_out);
  conformance_add_both ("/seqpacket/write-failure", test_write_failure);
  conformance_add_both ("/seqpacket/cannot-fit", test_cannot_fit);
  conformance_add_mode ("/seqpacket/stalled", test_stalled, &conformance_async);
  conformance_add ("/seqpacket/cannot-poll", test_cannot_poll);
  conformance_add ("/seqpacket/vectored", test_vectored);
  conformance_add ("/seqpacket/service", test_service);
  conformance_add ("/seqpacket/relay", test_relay);
  conformance_add ("/seqpacket/stream-refused", test_stream_refused);
}
