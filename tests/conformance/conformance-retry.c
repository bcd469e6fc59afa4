/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Scenarios of a client that tries again, with HvsockClient:retry-interval, while it is refused. */

#include "peers.h"
#include "waits.h"

/* In milliseconds. */
#define INTERVAL 10
#define TIMEOUT  100

typedef struct
{
  HvsockClient *client;
  const char *uri;
  GCancellable *cancellable;
  GError *error;
} Attempt;

static HvsockClient *
make_client (guint timeout)
{
  HvsockClient *client = hvsock_client_new ();

  hvsock_client_set_timeout (client, timeout);
  hvsock_client_set_retry_interval (client, INTERVAL);
  g_assert_cmpuint (hvsock_client_get_timeout (client), ==, timeout);
  g_assert_cmpuint (hvsock_client_get_retry_interval (client), ==, INTERVAL);
  return client;
}

static gpointer
connect_blocking (gpointer data)
{
  Attempt *attempt = data;

  return hvsock_client_connect (attempt->client, attempt->uri, attempt->cancellable,
                                &attempt->error);
}

static HvsockListener *
stop_refusing (Conformance *self, const char *uri)
{
  g_autoptr (GError) error = NULL;
  HvsockListener *listener;

  if (conformance_backend.stop_refusing != NULL)
    return conformance_backend.stop_refusing (self, uri);

  listener = hvsock_listen (uri, NULL, &error);
  g_assert_no_error (error);
  return listener;
}

static void
expect_service (Conformance *self, HvsockListener *listener, HvsockConnection *client)
{
  g_autoptr (GError) error = NULL;
  g_auto (ConformancePair) pair = { client, NULL };

  pair.server = hvsock_listener_accept (listener, NULL, &error);
  g_assert_no_error (error);
  conformance_expect_alive (self, &pair);
}

static void
expect_served (Conformance *self, const char *uri)
{
  g_autoptr (HvsockClient) client = make_client (0);
  g_autoptr (HvsockListener) listener = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_late = FALSE;
  HvsockConnection *connection;

  /* So that more than the first attempt is refused. */
  g_timeout_add (3 * INTERVAL, conformance_flag_cb, &is_late);
  hvsock_client_connect_async (client, uri, NULL, conformance_result_cb, &result);
  conformance_wait_flag (&is_late);
  g_assert_null (result);

  listener = stop_refusing (self, uri);
  conformance_wait (&result);
  connection = hvsock_client_connect_finish (client, result, &error);
  g_assert_no_error (error);
  expect_service (self, listener, connection);
}

static void
test_served_async (Conformance *self)
{
  g_autofree char *uri = conformance_backend.refuse (self);

  expect_served (self, uri);
}

/* What is not there yet may come as well as what refuses. */
static void
test_missing (Conformance *self)
{
  g_autofree char *uri = conformance_backend.get_missing_uri (self);

  expect_served (self, uri);
}

static void
test_served_blocking (Conformance *self)
{
  g_autoptr (HvsockClient) client = make_client (0);
  g_autofree char *uri = conformance_backend.refuse (self);
  g_autoptr (HvsockListener) listener = NULL;
  Attempt attempt = { client, uri, NULL, NULL };
  ConformanceThread *thread = conformance_thread_new (connect_blocking, &attempt);
  HvsockConnection *connection;

  conformance_thread_wait_asleep (thread);
  listener = stop_refusing (self, uri);
  connection = conformance_thread_join (thread);
  g_assert_no_error (attempt.error);
  expect_service (self, listener, connection);
}

static void
test_timed_out (Conformance *self)
{
  g_autoptr (HvsockClient) client = make_client (TIMEOUT);
  g_autofree char *uri = conformance_backend.refuse (self);
  g_autoptr (GAsyncResult) result = NULL;
  Attempt attempt = { client, uri, NULL, NULL };
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();

  g_assert_null (connect_blocking (&attempt));
  g_assert_error (attempt.error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&attempt.error);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, (TIMEOUT - 1) * 1000);

  start = g_get_monotonic_time ();
  hvsock_client_connect_async (client, uri, NULL, conformance_result_cb, &result);
  conformance_wait (&result);
  g_assert_null (hvsock_client_connect_finish (client, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, (TIMEOUT - 1) * 1000);
}

static void
test_cancelled (Conformance *self)
{
  g_autoptr (HvsockClient) client = make_client (0);
  g_autofree char *uri = conformance_backend.refuse (self);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Attempt attempt = { client, uri, cancellable, NULL };
  ConformanceThread *thread = conformance_thread_new (connect_blocking, &attempt);

  hvsock_client_connect_async (client, uri, cancellable, conformance_result_cb, &result);
  conformance_thread_wait_asleep (thread);
  conformance_turn ();
  g_assert_null (result);

  conformance_cancel (cancellable, &result);
  g_assert_null (hvsock_client_connect_finish (client, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (conformance_thread_join (thread));
  g_assert_error (attempt.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&attempt.error);
}

void
conformance_add_retry_tests (void)
{
  conformance_add ("/connect/retry/served/async", test_served_async);
  conformance_add ("/connect/retry/served/blocking", test_served_blocking);
  if (conformance_backend.get_missing_uri != NULL)
    conformance_add ("/connect/retry/missing", test_missing);
  conformance_add ("/connect/retry/timed-out", test_timed_out);
  conformance_add ("/connect/retry/cancelled", test_cancelled);
}
