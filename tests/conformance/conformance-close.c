/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Scenarios of closing an end of a connection: under the hands of its own operations, and with
 * bytes still on their way. */

#include "peers.h"
#include "waits.h"

#include <string.h>

static void
start_read (HvsockConnection *connection, char *buffer, GAsyncResult **result)
{
  g_input_stream_read_async (conformance_input (connection), buffer, 1, G_PRIORITY_DEFAULT, NULL,
                             conformance_result_cb, result);
  conformance_turn ();
  g_assert_null (*result);
}

static void
expect_closed_read (HvsockConnection *connection, GAsyncResult **result)
{
  g_autoptr (GError) error = NULL;

  conformance_wait (result);
  g_assert_cmpint (g_input_stream_read_finish (conformance_input (connection), *result, &error), ==,
                   -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

static void
test_pending_read_async (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  g_autoptr (GAsyncResult) result = NULL;
  char byte;

  start_read (pair.client, &byte, &result);
  conformance_close (pair.client);
  expect_closed_read (pair.client, &result);
  conformance_expect_end (self, pair.server);
}

static void
test_pending_read_close_async (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) closed = NULL;
  g_autoptr (GError) error = NULL;
  char byte;

  start_read (pair.client, &byte, &result);
  g_io_stream_close_async (G_IO_STREAM (pair.client), G_PRIORITY_DEFAULT, NULL,
                           conformance_result_cb, &closed);
  conformance_wait (&closed);
  g_assert_true (g_io_stream_close_finish (G_IO_STREAM (pair.client), closed, &error));
  g_assert_no_error (error);
  expect_closed_read (pair.client, &result);
  conformance_expect_end (self, pair.server);
}

static gpointer
read_closed (gpointer data)
{
  Conformance self = { .mode = &conformance_blocking };

  conformance_expect_read_error (&self, data, G_IO_ERROR_CLOSED);
  return NULL;
}

static void
test_pending_read_blocking (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  ConformanceThread *thread = conformance_thread_new (read_closed, pair.client);

  conformance_thread_wait_asleep (thread);
  conformance_close (pair.client);
  conformance_thread_join (thread);
  conformance_expect_end (self, pair.server);
}

static gpointer
read_closed_with_timeout (gpointer data)
{
  hvsock_connection_set_timeout (data, G_MAXINT);
  return read_closed (data);
}

/* A wait with a time-out is another one inside. */
static void
test_pending_read_with_timeout (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  ConformanceThread *thread = conformance_thread_new (read_closed_with_timeout, pair.client);

  conformance_thread_wait_asleep (thread);
  conformance_close (pair.client);
  conformance_thread_join (thread);
  conformance_expect_end (self, pair.server);
}

static void
test_pending_read_pollable (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  GInputStream *input = conformance_input (pair.client);
  g_autoptr (GSource) source =
      g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (input), NULL);
  gboolean is_ready = FALSE;

  g_source_set_callback (source, G_SOURCE_FUNC (conformance_pollable_cb), &is_ready, NULL);
  g_source_attach (source, NULL);
  conformance_turn ();
  g_assert_false (is_ready);

  conformance_close (pair.client);
  conformance_wait_flag (&is_ready);
  conformance_expect_read_error (self, pair.client, G_IO_ERROR_CLOSED);
  conformance_expect_end (self, pair.server);
}

/* A source that is made afterwards does not wait for what cannot come. */
static void
test_sources_afterwards (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);

  conformance_close (pair.client);
  conformance_wait_readable (conformance_input (pair.client), NULL);
  conformance_wait_writable (conformance_output (pair.client), NULL);
}

static void
test_pending_write_async (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all_async (conformance_output (pair.client), conformance_many_bytes,
                                   sizeof conformance_many_bytes, G_PRIORITY_DEFAULT, NULL,
                                   conformance_result_cb, &result);
  conformance_turn ();
  g_assert_null (result);
  conformance_close (pair.client);
  conformance_wait (&result);
  g_assert_false (
      g_output_stream_write_all_finish (conformance_output (pair.client), result, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

static gpointer
write_closed (gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (g_output_stream_write_all (conformance_output (data), conformance_many_bytes,
                                             sizeof conformance_many_bytes, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  return NULL;
}

static void
test_pending_write_blocking (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  ConformanceThread *thread = conformance_thread_new (write_closed, pair.client);

  conformance_thread_wait_asleep (thread);
  conformance_close (pair.client);
  conformance_thread_join (thread);
}

/* Everything at once: operations in both directions, from the loop and from another thread. */
static void
test_pending_both (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  g_autoptr (GAsyncResult) result = NULL;
  ConformanceThread *thread = conformance_thread_new (write_closed, pair.client);
  char byte;

  conformance_thread_wait_asleep (thread);
  start_read (pair.client, &byte, &result);
  conformance_close (pair.client);
  expect_closed_read (pair.client, &result);
  conformance_thread_join (thread);
}

static void
test_own_calls (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);

  conformance_close (pair.client);
  conformance_close (pair.client);
  conformance_expect_read_error (self, pair.client, G_IO_ERROR_CLOSED);
  conformance_expect_write_error (self, pair.client, G_IO_ERROR_CLOSED);
  g_assert_cmpint (hvsock_connection_get_fd (pair.client), ==, -1);
  conformance_expect_end (self, pair.server);
}

static void
test_last_reference (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);

  conformance_send (self, pair.client, "last");
  g_clear_object (&pair.client);
  conformance_expect (self, pair.server, "last");
  conformance_expect_end (self, pair.server);
}

/* Streams outlive their connection where the application keeps them, but closed. */
static void
test_streams_kept (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  g_autoptr (GInputStream) input = g_object_ref (conformance_input (pair.client));
  g_autoptr (GOutputStream) output = g_object_ref (conformance_output (pair.client));
  g_autoptr (GError) error = NULL;
  char byte = 0;

  conformance_close (pair.client);
  g_clear_object (&pair.client);
  g_assert_cmpint (self->mode->read (input, &byte, 1, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_cmpint (self->mode->write (output, &byte, 1, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

static gsize
drain (Conformance *self, HvsockConnection *connection)
{
  g_autofree char *buffer = g_malloc (65536);
  g_autoptr (GError) error = NULL;
  gsize total = 0;
  gssize n;

  while ((n = self->mode->read (conformance_input (connection), buffer, 65536, NULL, &error)) > 0)
    total += n;
  g_assert_no_error (error);
  return total;
}

/* What was written before is delivered, however much the system had taken. */
static void
test_last_words (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  gsize filled = conformance_fill (pair.client);

  conformance_close (pair.client);
  g_assert_cmpuint (drain (self, pair.server), ==, filled);
}

/* Some systems tell the peer that its words were not heard, after ours and before the end. */
static void
test_unread (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  g_autoptr (GError) error = NULL;
  char byte;
  gssize n;

  conformance_send (self, pair.server, "unheard");
  conformance_wait_readable (conformance_input (pair.client), NULL);
  conformance_send (self, pair.client, "last words");
  conformance_close (pair.client);
  conformance_expect (self, pair.server, "last words");
  n = self->mode->read (conformance_input (pair.server), &byte, 1, NULL, &error);
  if (n != 0)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
  conformance_expect_end (self, pair.server);
}

static void
test_both_ends (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);

  conformance_close (pair.client);
  conformance_close (pair.server);
}

void
conformance_add_close_tests (void)
{
  conformance_add ("/connection/close/pending-read/async", test_pending_read_async);
  conformance_add ("/connection/close/pending-read/close-async", test_pending_read_close_async);
  conformance_add ("/connection/close/pending-read/blocking", test_pending_read_blocking);
  conformance_add ("/connection/close/pending-read/with-timeout", test_pending_read_with_timeout);
  conformance_add ("/connection/close/pending-read/pollable", test_pending_read_pollable);
  conformance_add ("/connection/close/sources-afterwards", test_sources_afterwards);
  conformance_add ("/connection/close/pending-write/async", test_pending_write_async);
  conformance_add ("/connection/close/pending-write/blocking", test_pending_write_blocking);
  conformance_add ("/connection/close/pending-both", test_pending_both);
  conformance_add_modes ("/connection/close/own-calls", test_own_calls);
  conformance_add_modes ("/connection/close/last-reference", test_last_reference);
  conformance_add_modes ("/connection/close/streams-kept", test_streams_kept);
  conformance_add_modes ("/connection/close/last-words", test_last_words);
  conformance_add_modes ("/connection/close/unread", test_unread);
  conformance_add ("/connection/close/both-ends", test_both_ends);
}
