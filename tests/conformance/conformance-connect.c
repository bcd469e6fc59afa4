/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Scenarios of connecting once: what is there, what refuses, what is not there, what never answers.
 */

#include "peers.h"
#include "waits.h"

/* Long enough to be told from an error at once, in milliseconds. */
#define TIMEOUT 100

static HvsockConnection *
connect_waiting (Conformance *self,
                 HvsockClient *client,
                 const char *uri,
                 GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  if (self->mode == &conformance_blocking)
    return hvsock_client_connect (client, uri, cancellable, error);

  hvsock_client_connect_async (client, uri, cancellable, conformance_result_cb, &result);
  conformance_wait (&result);
  return hvsock_client_connect_finish (client, result, error);
}

static void
expect_error (Conformance *self, HvsockClient *client, const char *uri, int code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockConnection) connection = connect_waiting (self, client, uri, NULL, &error);

  g_assert_error (error, G_IO_ERROR, code);
  g_assert_null (connection);
}

static void
test_client (Conformance *self)
{
  g_autoptr (HvsockClient) client = hvsock_client_new ();
  g_autoptr (GError) error = NULL;
  g_auto (ConformancePair) pair = { NULL, NULL };

  pair.client = connect_waiting (self, client, self->uri, NULL, &error);
  g_assert_no_error (error);
  pair.server = hvsock_listener_accept (self->listener, NULL, &error);
  g_assert_no_error (error);

  /* The time that connecting may take is none of reading and writing. */
  g_assert_cmpuint (hvsock_connection_get_timeout (pair.client), ==, 0);
  g_assert_cmpuint (hvsock_connection_get_timeout (pair.server), ==, 0);
  conformance_expect_alive (self, &pair);
}

static void
test_function (Conformance *self)
{
  g_autoptr (GAsyncResult) connected = NULL;
  g_autoptr (GAsyncResult) accepted = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (ConformancePair) pair = { NULL, NULL };

  hvsock_listener_accept_async (self->listener, NULL, conformance_result_cb, &accepted);
  hvsock_connect_async (self->uri, NULL, conformance_result_cb, &connected);
  conformance_wait (&connected);
  conformance_wait (&accepted);
  pair.client = hvsock_connect_finish (connected, &error);
  g_assert_no_error (error);
  pair.server = hvsock_listener_accept_finish (self->listener, accepted, &error);
  g_assert_no_error (error);
  conformance_expect_alive (self, &pair);
}

static void
test_refused (Conformance *self)
{
  g_autoptr (HvsockClient) client = hvsock_client_new ();
  g_autofree char *uri = conformance_backend.refuse (self);

  expect_error (self, client, uri, G_IO_ERROR_CONNECTION_REFUSED);
  expect_error (self, client, uri, G_IO_ERROR_CONNECTION_REFUSED);
}

static void
test_missing (Conformance *self)
{
  g_autoptr (HvsockClient) client = hvsock_client_new ();
  g_autofree char *uri = conformance_backend.get_missing_uri (self);

  expect_error (self, client, uri, G_IO_ERROR_NOT_FOUND);
}

static void
test_long_uri (Conformance *self)
{
  g_autofree char *uri = conformance_backend.get_long_uri (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockListener) listener = hvsock_listen (uri, NULL, &error);

  g_assert_no_error (error);
  {
    g_auto (ConformancePair) pair = conformance_connect_to (listener, uri);

    conformance_expect_alive (self, &pair);
  }
}

static void
test_cancelled_before (Conformance *self)
{
  g_autoptr (HvsockClient) client = hvsock_client_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockConnection) connection = NULL;

  g_cancellable_cancel (cancellable);
  connection = connect_waiting (self, client, self->uri, cancellable, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (connection);
}

static void
test_silent_timed_out (Conformance *self)
{
  g_autoptr (HvsockClient) client = hvsock_client_new ();
  g_autofree char *uri = conformance_backend.fall_silent (self);
  gint64 start = g_get_monotonic_time ();

  hvsock_client_set_timeout (client, TIMEOUT);
  expect_error (self, client, uri, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, (TIMEOUT - 1) * 1000);
}

static void
test_silent_cancelled_async (Conformance *self)
{
  g_autoptr (HvsockClient) client = conformance_client_new ();
  g_autofree char *uri = conformance_backend.fall_silent (self);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  hvsock_client_connect_async (client, uri, cancellable, conformance_result_cb, &result);
  conformance_turn ();
  g_assert_null (result);
  conformance_cancel (cancellable, &result);
  g_assert_null (hvsock_client_connect_finish (client, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

typedef struct
{
  const char *uri;
  GCancellable *cancellable;
} Attempt;

static gpointer
connect_cancelled (gpointer data)
{
  Attempt *attempt = data;
  g_autoptr (HvsockClient) client = conformance_client_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockConnection) connection =
      hvsock_client_connect (client, attempt->uri, attempt->cancellable, &error);

  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (connection);
  return NULL;
}

static void
test_silent_cancelled_blocking (Conformance *self)
{
  g_autofree char *uri = conformance_backend.fall_silent (self);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Attempt attempt = { uri, cancellable };
  ConformanceThread *thread = conformance_thread_new (connect_cancelled, &attempt);

  conformance_thread_wait_asleep (thread);
  g_cancellable_cancel (cancellable);
  conformance_thread_join (thread);
}

void
conformance_add_connect_tests (void)
{
  conformance_add_both ("/connect/client", test_client);
  conformance_add ("/connect/function", test_function);
  conformance_add_both ("/connect/refused", test_refused);
  conformance_add_both ("/connect/cancelled-before", test_cancelled_before);
  if (conformance_backend.get_missing_uri != NULL)
    conformance_add_both ("/connect/missing", test_missing);
  if (conformance_backend.get_long_uri != NULL)
    conformance_add ("/connect/long-uri", test_long_uri);
  if (conformance_backend.fall_silent != NULL)
    {
      conformance_add_both ("/connect/silent/timed-out", test_silent_timed_out);
      conformance_add ("/connect/silent/cancelled/async", test_silent_cancelled_async);
      conformance_add ("/connect/silent/cancelled/blocking", test_silent_cancelled_blocking);
    }
}
