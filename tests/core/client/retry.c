/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* How a client goes on until somebody is there, and how it gives up. The plugin "scripted" stands
 * in for the service. */

#include <hvsock/hvsock-plugin.h>

#include "waits.h"

/* The plugin is loaded already, so that this takes none of the time. */
static HvsockClient *
client_new (guint timeout, guint retry_interval)
{
  const char *folder = g_test_get_filename (G_TEST_BUILT, "core", "client", NULL);
  g_autoptr (HvsockRegistry) registry = hvsock_registry_new_for_path (folder);
  g_autoptr (HvsockTransport) transport = NULL;
  g_autoptr (GError) error = NULL;

  transport = hvsock_registry_lookup (registry, "scripted", NULL, &error);
  g_assert_no_error (error);

  return g_object_new (HVSOCK_TYPE_CLIENT, "registry", registry, "timeout", timeout,
                       "retry-interval", retry_interval, NULL);
}

typedef HvsockConnection *(*Connect) (HvsockClient *client, const char *uri, GError **error);

static HvsockConnection *
connect_blocking (HvsockClient *client, const char *uri, GError **error)
{
  return hvsock_client_connect (client, uri, NULL, error);
}

static HvsockConnection *
connect_async (HvsockClient *client, const char *uri, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  hvsock_client_connect_async (client, uri, NULL, conformance_result_cb, &result);
  g_assert_null (result);
  conformance_wait (&result);
  return hvsock_client_connect_finish (client, result, error);
}

static guint
get_number (HvsockConnection *connection, const char *name)
{
  return GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (connection), name));
}

static void
expect_attempts (HvsockConnection *connection, guint n_attempts, GError *error)
{
  g_assert_no_error (error);
  g_assert_cmpuint (get_number (connection, "attempts"), ==, n_attempts);
}

static void
test_retried (gconstpointer data)
{
  static const char *const uris[] = {
    "scripted:///refused/refused/good",
    "scripted:///not-found/not-found/good",
    "scripted:///host-unreachable/host-unreachable/good",
    "scripted:///name-not-found/refused/good",
  };
  const Connect connect = data;

  for (guint i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      g_autoptr (HvsockClient) client = client_new (0, 1);
      g_autoptr (HvsockConnection) connection = NULL;
      g_autoptr (GError) error = NULL;

      connection = connect (client, uris[i], &error);
      expect_attempts (connection, 3, error);
      g_assert_cmpuint (get_number (connection, "timeout"), ==, 0);
    }
}

static void
test_final (gconstpointer data)
{
  static const struct
  {
    const char *part;
    int code;
  } cases[] = {
    { "network-unreachable", G_IO_ERROR_NETWORK_UNREACHABLE },
    { "denied", G_IO_ERROR_PERMISSION_DENIED },
    { "not-supported", G_IO_ERROR_NOT_SUPPORTED },
    { "timed-out", G_IO_ERROR_TIMED_OUT },
    { "failed", G_IO_ERROR_FAILED },
    { "name-denied", G_IO_ERROR_PERMISSION_DENIED },
  };
  const Connect connect = data;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (HvsockClient) client = client_new (0, 1);
      g_autofree char *uri = g_strdup_printf ("scripted:///%s/good", cases[i].part);
      g_autoptr (GError) error = NULL;

      g_assert_null (connect (client, uri, &error));
      g_assert_error (error, G_IO_ERROR, cases[i].code);
    }
}

static void
test_not_wanted (gconstpointer data)
{
  const Connect connect = data;
  g_autoptr (HvsockClient) client = client_new (10000, 0);
  g_autoptr (GError) error = NULL;

  g_assert_null (connect (client, "scripted:///refused/good", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
}

/* The message keeps what was in the way until the end. */
static void
test_deadline (gconstpointer data)
{
  static const guint intervals[] = { 1, G_MAXINT };
  const Connect connect = data;

  for (guint i = 0; i < G_N_ELEMENTS (intervals); i++)
    {
      g_autoptr (HvsockClient) client = client_new (30, intervals[i]);
      gint64 began = g_get_monotonic_time ();
      g_autoptr (GError) error = NULL;

      g_assert_null (connect (client, "scripted:///refused", &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
      g_assert_cmpint (g_get_monotonic_time () - began, >=, 30000);
      g_assert_true (g_str_has_prefix (error->message, "no success within 30 ms: attempt "));
      g_assert_true (g_str_has_suffix (error->message, ": refused"));
    }
}

/* What is left of the time is what the transport gets, for the name as for the connection. */
static void
test_deadline_of_parts (gconstpointer data)
{
  static const char *const uris[] = {
    "scripted:///silent",
    "scripted:///name-silent",
    "scripted:///refused/silent",
  };
  const Connect connect = data;

  for (guint i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      g_autoptr (HvsockClient) client = client_new (20, 1);
      g_autoptr (GError) error = NULL;

      g_assert_null (connect (client, uris[i], &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
    }
}

/* The last attempt, which is given little time, does not hide why there were others. */
static void
test_deadline_in_attempt (gconstpointer data)
{
  static const char *const uris[] = {
    "scripted:///refused/silent",
    "scripted:///refused/name-silent",
  };
  const Connect connect = data;

  for (guint i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      g_autoptr (HvsockClient) client = client_new (300, 1);
      g_autoptr (GError) error = NULL;

      g_assert_null (connect (client, uris[i], &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
      g_assert_cmpstr (error->message, ==, "no success within 300 ms: attempt 1: refused");
    }
}

static void
test_time_left (gconstpointer data)
{
  const Connect connect = data;
  g_autoptr (HvsockClient) client = client_new (100000, 50);
  g_autoptr (HvsockConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  connection = connect (client, "scripted:///refused/good", &error);
  expect_attempts (connection, 2, error);
  g_assert_cmpuint (get_number (connection, "timeout"), <=, 100000 - 50);
  g_assert_cmpuint (get_number (connection, "timeout"), >, 0);
}

#define REFUSAL_TIMEOUT 20

/* As if the transport's system never said that nobody listens. */
static HvsockTransportClass *
make_refusals_silent (HvsockClient *client, guint refusal_timeout)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockTransport) transport =
      hvsock_registry_lookup (hvsock_client_get_registry (client), "scripted", NULL, &error);
  HvsockTransportClass *klass;

  g_assert_no_error (error);
  klass = HVSOCK_TRANSPORT_GET_CLASS (transport);
  klass->refusal_timeout = refusal_timeout;
  return klass;
}

static void
test_silence_refuses (gconstpointer data)
{
  const Connect connect = data;
  g_autoptr (HvsockClient) settings = client_new (0, 0);
  g_autoptr (HvsockClient) client =
      g_object_new (HVSOCK_TYPE_CLIENT, "registry", hvsock_client_get_registry (settings), NULL);
  HvsockTransportClass *klass = make_refusals_silent (client, REFUSAL_TIMEOUT);
  gint64 began = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;

  g_assert_null (connect (client, "scripted:///silent", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
  g_assert_cmpint (g_get_monotonic_time () - began, >=, REFUSAL_TIMEOUT * 1000);
  klass->refusal_timeout = 0;
}

/* Who has chosen a time-out gets it. */
static void
test_silence_times_out (gconstpointer data)
{
  const Connect connect = data;
  g_autoptr (HvsockClient) client = client_new (2 * REFUSAL_TIMEOUT, 0);
  HvsockTransportClass *klass = make_refusals_silent (client, REFUSAL_TIMEOUT);
  gint64 began = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;

  g_assert_null (connect (client, "scripted:///silent", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpint (g_get_monotonic_time () - began, >=, 2 * REFUSAL_TIMEOUT * 1000);
  klass->refusal_timeout = 0;
}

/* Unless it is to be tried again within it. */
static void
test_silence_retried (gconstpointer data)
{
  const Connect connect = data;
  g_autoptr (HvsockClient) client = client_new (0, 1);
  HvsockTransportClass *klass = make_refusals_silent (client, REFUSAL_TIMEOUT);
  g_autoptr (HvsockConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  connection = connect (client, "scripted:///silent/silent/good", &error);
  expect_attempts (connection, 3, error);
  g_assert_cmpuint (get_number (connection, "timeout"), ==, REFUSAL_TIMEOUT);
  klass->refusal_timeout = 0;
}

static void
test_settings_changed (void)
{
  g_autoptr (HvsockClient) client = client_new (0, 1);
  g_autoptr (HvsockConnection) connection = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  hvsock_client_connect_async (client, "scripted:///refused/refused/good", NULL,
                               conformance_result_cb, &result);
  hvsock_client_set_timeout (client, 1);
  hvsock_client_set_retry_interval (client, 0);
  conformance_wait (&result);
  connection = hvsock_client_connect_finish (client, result, &error);
  expect_attempts (connection, 3, error);
  g_assert_cmpuint (get_number (connection, "timeout"), ==, 0);
}

/* The client may be gone before it is done. */
static void
test_client_gone (void)
{
  HvsockClient *client = client_new (0, 1);
  g_autoptr (HvsockConnection) connection = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GObject) source = NULL;
  g_autoptr (GError) error = NULL;

  hvsock_client_connect_async (client, "scripted:///refused/good", NULL, conformance_result_cb,
                               &result);
  g_object_unref (client);
  conformance_wait (&result);
  source = g_async_result_get_source_object (result);
  connection = hvsock_client_connect_finish (HVSOCK_CLIENT (source), result, &error);
  expect_attempts (connection, 2, error);
}

/* All attempts are in the context that was the thread's default when the first began. */
static void
test_in_context (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (HvsockClient) client = client_new (0, 1);
  g_autoptr (HvsockConnection) connection = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_main_context_push_thread_default (context);
  hvsock_client_connect_async (client, "scripted:///refused/name-not-found/good", NULL,
                               conformance_result_cb, &result);
  g_main_context_pop_thread_default (context);
  while (result == NULL)
    g_main_context_iteration (context, TRUE);
  connection = hvsock_client_connect_finish (client, result, &error);
  expect_attempts (connection, 3, error);
}

static gpointer
connect_in_thread (gpointer data)
{
  gpointer *arguments = data;
  g_autoptr (GError) error = NULL;

  g_assert_null (hvsock_client_connect (arguments[0], "scripted:///refused", arguments[1], &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  return NULL;
}

static void
test_cancelled_blocking (void)
{
  g_autoptr (HvsockClient) client = client_new (0, G_MAXINT);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  gpointer arguments[] = { client, cancellable };
  ConformanceThread *thread = conformance_thread_new (connect_in_thread, arguments);

  conformance_thread_wait_asleep (thread);
  g_cancellable_cancel (cancellable);
  conformance_thread_join (thread);
}

/* Whoever connects may overlook it, the client does not. */
static void
test_cancelled_during_attempt (void)
{
  g_autoptr (HvsockClient) client = client_new (0, 1);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_assert_null (hvsock_client_connect (client, "scripted:///cancels", cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static gboolean
cancel_cb (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return G_SOURCE_REMOVE;
}

static void
test_cancelled_async (void)
{
  g_autoptr (HvsockClient) client = client_new (0, G_MAXINT);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  hvsock_client_connect_async (client, "scripted:///refused", cancellable, conformance_result_cb,
                               &result);
  g_timeout_add (5, cancel_cb, cancellable);
  conformance_wait (&result);
  g_assert_null (hvsock_client_connect_finish (client, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
add (const char *name, GTestDataFunc func)
{
  g_autofree char *blocking = g_strdup_printf ("/retry/blocking/%s", name);
  g_autofree char *async = g_strdup_printf ("/retry/async/%s", name);

  g_test_add_data_func (blocking, connect_blocking, func);
  g_test_add_data_func (async, connect_async, func);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  add ("retried", test_retried);
  add ("final", test_final);
  add ("not-wanted", test_not_wanted);
  add ("deadline/reason", test_deadline);
  add ("deadline/of-parts", test_deadline_of_parts);
  add ("deadline/in-attempt", test_deadline_in_attempt);
  add ("deadline/time-left", test_time_left);
  add ("silence/refuses", test_silence_refuses);
  add ("silence/times-out", test_silence_times_out);
  add ("silence/retried", test_silence_retried);
  g_test_add_func ("/retry/settings-changed", test_settings_changed);
  g_test_add_func ("/retry/client-gone", test_client_gone);
  g_test_add_func ("/retry/in-context", test_in_context);
  g_test_add_func ("/retry/cancelled/blocking", test_cancelled_blocking);
  g_test_add_func ("/retry/cancelled/during-attempt", test_cancelled_during_attempt);
  g_test_add_func ("/retry/cancelled/async", test_cancelled_async);

  return g_test_run ();
}
