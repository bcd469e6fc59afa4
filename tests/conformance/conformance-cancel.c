/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Scenarios of cancelling what waits. The connection, or the listener, goes on as if nothing had
 * been. */

#include "peers.h"
#include "waits.h"

#include <string.h>

/* What a thread of the scenario waits in. */
typedef struct
{
  gpointer waits; /* a connection or a listener */
  GCancellable *cancellable;
} Wait;

static void
test_before (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  char byte = 0;

  conformance_send (self, pair.server, "kept");
  conformance_wait_readable (conformance_input (pair.client), NULL);
  g_cancellable_cancel (cancellable);

  g_assert_cmpint (
      self->mode->read (conformance_input (pair.client), &byte, 1, cancellable, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_cmpint (
      self->mode->write (conformance_output (pair.client), &byte, 1, cancellable, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  conformance_expect (self, pair.client, "kept");
  conformance_expect_alive (self, &pair);
}

static void
test_read_async (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  char byte;

  g_input_stream_read_async (conformance_input (pair.client), &byte, 1, G_PRIORITY_DEFAULT,
                             cancellable, conformance_result_cb, &result);
  conformance_turn ();
  g_assert_null (result);
  conformance_cancel (cancellable, &result);
  g_assert_cmpint (g_input_stream_read_finish (conformance_input (pair.client), result, &error), ==,
                   -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  conformance_expect_alive (self, &pair);
}

/* The bytes came first: either they are handed over, or they wait for the next read. */
static void
test_read_late (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  char buffer[2] = { 0 };

  conformance_send (self, pair.server, "x");
  conformance_wait_readable (conformance_input (pair.client), NULL);
  g_input_stream_read_async (conformance_input (pair.client), buffer, 1, G_PRIORITY_DEFAULT,
                             cancellable, conformance_result_cb, &result);
  g_cancellable_cancel (cancellable);
  conformance_wait (&result);
  if (g_input_stream_read_finish (conformance_input (pair.client), result, &error) == 1)
    g_assert_cmpstr (buffer, ==, "x");
  else
    {
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      conformance_expect (self, pair.client, "x");
    }
  conformance_expect_alive (self, &pair);
}

static gpointer
read_cancelled (gpointer data)
{
  Wait *wait = data;
  g_autoptr (GError) error = NULL;
  char byte;

  g_assert_cmpint (
      g_input_stream_read (conformance_input (wait->waits), &byte, 1, wait->cancellable, &error),
      ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  return NULL;
}

static gpointer
write_cancelled (gpointer data)
{
  Wait *wait = data;
  g_autoptr (GError) error = NULL;

  g_assert_false (g_output_stream_write_all (conformance_output (wait->waits),
                                             conformance_many_bytes, sizeof conformance_many_bytes,
                                             NULL, wait->cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  return NULL;
}

static gpointer
accept_cancelled (gpointer data)
{
  Wait *wait = data;
  g_autoptr (GError) error = NULL;

  g_assert_null (hvsock_listener_accept (wait->waits, wait->cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  return NULL;
}

static void
cancel_in_thread (GThreadFunc func, gpointer waits)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Wait wait = { waits, cancellable };
  ConformanceThread *thread = conformance_thread_new (func, &wait);

  conformance_thread_wait_asleep (thread);
  g_cancellable_cancel (cancellable);
  conformance_thread_join (thread);
}

static void
test_read_blocking (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);

  cancel_in_thread (read_cancelled, pair.client);
  conformance_expect_alive (self, &pair);
}

static void
test_read_pollable (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  GInputStream *input = conformance_input (pair.client);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GSource) source =
      g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (input), cancellable);
  gboolean is_ready = FALSE;

  g_source_set_callback (source, G_SOURCE_FUNC (conformance_pollable_cb), &is_ready, NULL);
  g_source_attach (source, NULL);
  conformance_turn ();
  g_assert_false (is_ready);
  g_cancellable_cancel (cancellable);
  conformance_wait_flag (&is_ready);
  conformance_expect_alive (self, &pair);
}

static void
test_write_async (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  GOutputStream *output = conformance_output (pair.client);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all_async (output, conformance_many_bytes, sizeof conformance_many_bytes,
                                   G_PRIORITY_DEFAULT, cancellable, conformance_result_cb, &result);
  conformance_turn ();
  g_assert_null (result);
  conformance_cancel (cancellable, &result);
  g_assert_false (g_output_stream_write_all_finish (output, result, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  conformance_send (self, pair.server, "other way");
  conformance_expect (self, pair.client, "other way");
}

static void
test_write_blocking (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);

  cancel_in_thread (write_cancelled, pair.client);
  conformance_send (self, pair.server, "other way");
  conformance_expect (self, pair.client, "other way");
}

static void
test_write_pollable (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  GOutputStream *output = conformance_output (pair.client);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  static const char bytes[65536];

  conformance_fill (pair.client);
  g_timeout_add_once (0, (GSourceOnceFunc) g_cancellable_cancel, cancellable);
  while (conformance_pollable.write (output, bytes, sizeof bytes, cancellable, &error) > 0)
    continue;
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
expect_service (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);

  conformance_expect_alive (self, &pair);
}

static void
test_accept_before (Conformance *self)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Wait wait = { self->listener, cancellable };

  g_cancellable_cancel (cancellable);
  accept_cancelled (&wait);
  hvsock_listener_accept_async (self->listener, cancellable, conformance_result_cb, &result);
  conformance_wait (&result);
  g_assert_null (hvsock_listener_accept_finish (self->listener, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  expect_service (self);
}

static void
test_accept_async (Conformance *self)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  hvsock_listener_accept_async (self->listener, cancellable, conformance_result_cb, &result);
  conformance_turn ();
  g_assert_null (result);
  conformance_cancel (cancellable, &result);
  g_assert_null (hvsock_listener_accept_finish (self->listener, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  expect_service (self);
}

static void
test_accept_blocking (Conformance *self)
{
  cancel_in_thread (accept_cancelled, self->listener);
  expect_service (self);
}

void
conformance_add_cancel_tests (void)
{
  conformance_add_modes ("/connection/cancel/before", test_before);
  conformance_add ("/connection/cancel/read/async", test_read_async);
  conformance_add ("/connection/cancel/read/blocking", test_read_blocking);
  conformance_add ("/connection/cancel/read/pollable", test_read_pollable);
  conformance_add ("/connection/cancel/read/late", test_read_late);
  conformance_add ("/connection/cancel/write/async", test_write_async);
  conformance_add ("/connection/cancel/write/blocking", test_write_blocking);
  conformance_add ("/connection/cancel/write/pollable", test_write_pollable);
  conformance_add ("/listener/cancel/before", test_accept_before);
  conformance_add ("/listener/cancel/async", test_accept_async);
  conformance_add ("/listener/cancel/blocking", test_accept_blocking);
}
