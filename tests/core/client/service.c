/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A service on plain Unix sockets: whom it lets in, whom it turns away, and how it ends. */

#include <hvsock/hvsock.h>

#include "folder.h"
#include "streams.h"
#include "waits.h"

#include <unistd.h>

typedef struct
{
  Folder folder;
  char *uris[2];
  HvsockService *service;
  GPtrArray *served; /* connections that were handed out and are kept */
  GThread *served_in;
  GMainContext *context; /* where it was served */
  HvsockListener *served_by;
  guint n_failed;
} Fixture;

static gboolean
incoming_cb (HvsockService *service,
             HvsockConnection *connection,
             HvsockListener *listener,
             gpointer data)
{
  Fixture *self = data;

  self->served_in = g_thread_self ();
  self->context = g_main_context_get_thread_default ();
  self->served_by = listener;
  g_ptr_array_add (self->served, g_object_ref (connection));
  return TRUE;
}

static void
failed_cb (HvsockService *service, HvsockListener *listener, GError *error, gpointer data)
{
  Fixture *self = data;

  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  self->n_failed++;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  folder_init (&self->folder);
  self->served = g_ptr_array_new_with_free_func (g_object_unref);
  self->service = hvsock_service_new ();
  g_signal_connect (self->service, "incoming", G_CALLBACK (incoming_cb), self);
  g_signal_connect (self->service, "listener-failed", G_CALLBACK (failed_cb), self);
  for (guint i = 0; i < G_N_ELEMENTS (self->uris); i++)
    {
      self->uris[i] = g_strdup_printf ("unix://%s/%u", self->folder.path, i);
      g_assert_nonnull (hvsock_service_listen (self->service, self->uris[i], &error));
      g_assert_no_error (error);
    }
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_ptr_array_unref (self->served);
  g_clear_object (&self->service);
  conformance_turn ();
  for (guint i = 0; i < G_N_ELEMENTS (self->uris); i++)
    g_free (self->uris[i]);
  folder_assert_empty (&self->folder);
  folder_clear (&self->folder);
}

static HvsockConnection *
connect_to (Fixture *self, guint i)
{
  g_autoptr (GError) error = NULL;
  HvsockConnection *connection = hvsock_connect (self->uris[i], NULL, &error);

  g_assert_no_error (error);
  return connection;
}

static void
wait_served (Fixture *self, guint n)
{
  while (self->served->len < n)
    g_main_context_iteration (NULL, TRUE);
}

/* The service has closed it. */
static void
expect_turned_away (HvsockConnection *connection)
{
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  char byte;

  g_input_stream_read_async (input, &byte, 1, G_PRIORITY_DEFAULT, NULL, conformance_result_cb,
                             &result);
  conformance_wait (&result);
  g_assert_cmpint (g_input_stream_read_finish (input, result, &error), ==, 0);
  g_assert_no_error (error);
}

static void
test_incoming (Fixture *self, gconstpointer data)
{
  g_assert_false (hvsock_service_is_started (self->service));
  hvsock_service_start (self->service);
  hvsock_service_start (self->service);
  g_assert_true (hvsock_service_is_started (self->service));

  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (HvsockConnection) client = connect_to (self, i % 2);
      g_autofree char *uri = NULL;

      wait_served (self, i + 1);
      uri = hvsock_address_to_uri (hvsock_listener_get_local_address (self->served_by));
      g_assert_cmpstr (uri, ==, self->uris[i % 2]);
      g_assert_true (self->served_in == g_thread_self ());
      stream_send (client, "hello");
      stream_expect (self->served->pdata[i], "hello");
      stream_send (self->served->pdata[i], "hello");
      stream_expect (client, "hello");
    }
  g_assert_cmpuint (hvsock_service_get_n_accepted (self->service), ==, 4);
  g_assert_cmpuint (hvsock_service_get_n_active (self->service), ==, 4);
  g_assert_cmpuint (hvsock_service_get_n_refused (self->service), ==, 0);
  g_ptr_array_set_size (self->served, 0);
  g_assert_cmpuint (hvsock_service_get_n_active (self->service), ==, 0);
  g_assert_cmpuint (hvsock_service_get_n_accepted (self->service), ==, 4);
}

/* Those who come meanwhile wait. */
static void
test_stop_start (Fixture *self, gconstpointer data)
{
  g_autoptr (HvsockConnection) client = NULL;

  hvsock_service_start (self->service);
  conformance_turn ();
  hvsock_service_stop (self->service);
  hvsock_service_stop (self->service);
  g_assert_false (hvsock_service_is_started (self->service));
  conformance_turn ();
  client = connect_to (self, 0);
  conformance_turn ();
  g_assert_cmpuint (self->served->len, ==, 0);

  hvsock_service_start (self->service);
  wait_served (self, 1);
  stream_send (client, "hello");
  stream_expect (self->served->pdata[0], "hello");
}

static gboolean
stop_cb (HvsockService *service,
         HvsockConnection *connection,
         HvsockListener *listener,
         gpointer data)
{
  hvsock_service_stop (service);
  return FALSE;
}

/* Whoever was accepted when a handler stops the service is not lost. */
static void
test_stopped_by_handler (Fixture *self, gconstpointer data)
{
  g_autoptr (HvsockConnection) first = connect_to (self, 0);
  g_autoptr (HvsockConnection) second = connect_to (self, 1);

  g_signal_connect (self->service, "incoming", G_CALLBACK (stop_cb), NULL);
  g_signal_handlers_disconnect_by_func (self->service, incoming_cb, self);
  g_signal_connect (self->service, "incoming", G_CALLBACK (incoming_cb), self);
  hvsock_service_start (self->service);
  wait_served (self, 1);
  g_assert_false (hvsock_service_is_started (self->service));
  conformance_turn ();
  hvsock_service_start (self->service);
  wait_served (self, 2);
  g_assert_cmpuint (hvsock_service_get_n_refused (self->service), ==, 0);
  stream_send (first, "hello");
  stream_send (second, "hello");
  stream_expect (self->served->pdata[0], "hello");
  stream_expect (self->served->pdata[1], "hello");
}

static void
test_max_connections (Fixture *self, gconstpointer data)
{
  g_autoptr (HvsockConnection) first = NULL;
  g_autoptr (HvsockConnection) second = NULL;
  g_autoptr (HvsockConnection) third = NULL;
  g_autoptr (HvsockConnection) fourth = NULL;

  hvsock_service_set_max_connections (self->service, 2);
  g_assert_cmpuint (hvsock_service_get_max_connections (self->service), ==, 2);
  hvsock_service_start (self->service);
  first = connect_to (self, 0);
  wait_served (self, 1);
  second = connect_to (self, 1);
  wait_served (self, 2);
  third = connect_to (self, 0);
  expect_turned_away (third);
  g_assert_cmpuint (hvsock_service_get_n_refused (self->service), ==, 1);

  g_ptr_array_remove_index (self->served, 0);
  fourth = connect_to (self, 0);
  wait_served (self, 2);
  stream_send (fourth, "hello");
  stream_expect (self->served->pdata[1], "hello");
  g_assert_cmpuint (hvsock_service_get_n_accepted (self->service), ==, 3);
}

/* All are of one user here. */
static void
test_max_per_peer (Fixture *self, gconstpointer data)
{
  g_autoptr (HvsockConnection) first = NULL;
  g_autoptr (HvsockConnection) second = NULL;

  hvsock_service_set_max_per_peer (self->service, 1);
  g_assert_cmpuint (hvsock_service_get_max_per_peer (self->service), ==, 1);
  hvsock_service_start (self->service);
  first = connect_to (self, 0);
  wait_served (self, 1);
  second = connect_to (self, 1);
  expect_turned_away (second);
  g_assert_cmpuint (hvsock_service_get_n_refused (self->service), ==, 1);
  g_assert_cmpuint (hvsock_service_get_n_active (self->service), ==, 1);
}

static void
test_allowed_peers (Fixture *self, gconstpointer data)
{
  g_autofree char *own = g_strdup_printf ("uid %u", (guint) getuid ());
  const char *const nobody[] = { "host", "cid 3-10", "parent", "uid 4294967294", NULL };
  const char *const oneself[] = { "cid 3", own, NULL };
  const char *const none[] = { NULL };
  const char *const *const refused[] = { nobody, none };
  const char *const *const allowed[] = { oneself, NULL };
  g_autoptr (GError) error = NULL;

  hvsock_service_start (self->service);
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (HvsockConnection) client = NULL;

      g_assert_true (hvsock_service_set_allowed_peers (self->service, refused[i], &error));
      g_assert_no_error (error);
      client = connect_to (self, 0);
      expect_turned_away (client);
      g_assert_cmpuint (hvsock_service_get_n_refused (self->service), ==, i + 1);
    }
  for (guint i = 0; i < G_N_ELEMENTS (allowed); i++)
    {
      g_autoptr (HvsockConnection) client = NULL;

      g_assert_true (hvsock_service_set_allowed_peers (self->service, allowed[i], &error));
      g_assert_no_error (error);
      client = connect_to (self, 0);
      wait_served (self, i + 1);
    }
}

static void
test_bad_rules (Fixture *self, gconstpointer data)
{
  static const char *const bad[] = {
    "",          "cid",       "cid ",  "cid 3-", "cid -3",         "cid 10-3",
    "cid 3-4-5", "cid 03",    "cid x", "uid -1", "uid 4294967296", "vm nobody",
    "vm ",       "everybody", "host ", " host",  "CID 3",
  };
  static const char *const good[] = {
    "cid 0",
    "cid 4294967295",
    "cid 3-3",
    "host",
    "parent",
    "vm parent",
    "vm 73c39589-192e-4c64-9acf-6c5d0aa18528",
    "uid 0",
    "uid 1000-1999",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      const char *const rules[] = { "host", bad[i], NULL };
      g_autoptr (GError) error = NULL;

      g_assert_false (hvsock_service_set_allowed_peers (self->service, rules, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    }
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      const char *const rules[] = { good[i], NULL };
      g_autoptr (GError) error = NULL;

      g_assert_true (hvsock_service_set_allowed_peers (self->service, rules, &error));
      g_assert_no_error (error);
    }
}

static void
test_first_byte (Fixture *self, gconstpointer data)
{
  g_autoptr (HvsockConnection) silent = NULL;
  g_autoptr (HvsockConnection) ended = NULL;
  g_autoptr (HvsockConnection) speaks = NULL;
  g_autoptr (GError) error = NULL;

  hvsock_service_set_first_byte_timeout (self->service, 50);
  g_assert_cmpuint (hvsock_service_get_first_byte_timeout (self->service), ==, 50);
  hvsock_service_start (self->service);
  silent = connect_to (self, 0);
  speaks = connect_to (self, 0);
  stream_send (speaks, "hello");
  wait_served (self, 1);
  stream_expect (self->served->pdata[0], "hello");
  expect_turned_away (silent);
  g_assert_cmpuint (hvsock_service_get_n_silent (self->service), ==, 1);

  ended = connect_to (self, 1);
  g_assert_true (hvsock_connection_shutdown (ended, FALSE, TRUE, &error));
  wait_served (self, 2);
  g_assert_cmpuint (hvsock_service_get_n_silent (self->service), ==, 1);
}

/* What the application begins then is in the context of the service. */
static void
test_first_byte_context (Fixture *self, gconstpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (HvsockConnection) client = NULL;

  hvsock_service_set_first_byte_timeout (self->service, 60000);
  g_main_context_push_thread_default (context);
  hvsock_service_start (self->service);
  g_main_context_pop_thread_default (context);
  client = connect_to (self, 0);
  stream_send (client, "hello");
  while (self->served->len == 0)
    g_main_context_iteration (context, TRUE);
  g_assert_true (self->context == context);

  hvsock_service_stop (self->service);
  while (g_main_context_iteration (context, FALSE))
    continue;
}

static gboolean
drain (Fixture *self, guint timeout, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  hvsock_service_drain_async (self->service, timeout, cancellable, conformance_result_cb, &result);
  g_assert_null (result);
  conformance_wait (&result);
  return hvsock_service_drain_finish (self->service, result, error);
}

static void
test_drain_nobody (Fixture *self, gconstpointer data)
{
  g_autoptr (HvsockConnection) client = NULL;
  g_autoptr (GError) error = NULL;

  hvsock_service_start (self->service);
  g_assert_true (drain (self, 0, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (hvsock_service_is_started (self->service));
  client = hvsock_connect (self->uris[0], NULL, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
test_drain_waits (Fixture *self, gconstpointer data)
{
  g_autoptr (HvsockConnection) client = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  hvsock_service_start (self->service);
  client = connect_to (self, 0);
  wait_served (self, 1);
  hvsock_service_drain_async (self->service, 0, NULL, conformance_result_cb, &result);
  conformance_turn ();
  g_assert_null (result);
  g_assert_false (drain (self, 0, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
  g_clear_error (&error);

  stream_send (client, "hello");
  stream_expect (self->served->pdata[0], "hello");
  g_ptr_array_set_size (self->served, 0);
  conformance_wait (&result);
  g_assert_true (hvsock_service_drain_finish (self->service, result, &error));
  g_assert_no_error (error);
}

static void
test_drain_late (Fixture *self, gconstpointer data)
{
  g_autoptr (HvsockConnection) client = NULL;
  g_autoptr (GError) error = NULL;

  hvsock_service_start (self->service);
  client = connect_to (self, 0);
  wait_served (self, 1);
  g_assert_false (drain (self, 20, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  expect_turned_away (client);
}

/* One that has said nothing yet when the time is over never reaches the application. */
static void
test_drain_late_silent (Fixture *self, gconstpointer data)
{
  g_autoptr (HvsockConnection) client = NULL;
  g_autoptr (GError) error = NULL;

  hvsock_service_set_first_byte_timeout (self->service, 60000);
  hvsock_service_start (self->service);
  client = connect_to (self, 0);
  while (hvsock_service_get_n_active (self->service) == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (drain (self, 20, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  expect_turned_away (client);
  conformance_turn ();
  g_assert_cmpuint (self->served->len, ==, 0);
}

static void
test_drain_cancelled (Fixture *self, gconstpointer data)
{
  g_autoptr (HvsockConnection) client = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  hvsock_service_start (self->service);
  client = connect_to (self, 0);
  wait_served (self, 1);
  g_timeout_add_once (0, (GSourceOnceFunc) g_cancellable_cancel, cancellable);
  g_assert_false (drain (self, 0, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  stream_send (client, "hello");
  stream_expect (self->served->pdata[0], "hello");
}

static void
test_listener_failed (Fixture *self, gconstpointer data)
{
  g_autoptr (HvsockConnection) client = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *uri = g_strdup_printf ("unix://%s/third", self->folder.path);
  HvsockListener *third = hvsock_service_listen (self->service, uri, &error);

  g_assert_no_error (error);
  hvsock_service_start (self->service);
  conformance_turn ();
  hvsock_listener_close (third);
  while (self->n_failed == 0)
    g_main_context_iteration (NULL, TRUE);

  client = connect_to (self, 0);
  wait_served (self, 1);
}

static void
test_last_reference (Fixture *self, gconstpointer data)
{
  g_autoptr (HvsockConnection) client = NULL;
  g_autoptr (GError) error = NULL;

  hvsock_service_start (self->service);
  conformance_turn ();
  g_clear_object (&self->service);
  conformance_turn ();
  client = hvsock_connect (self->uris[0], NULL, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

/* Blocks, as a handler in a thread may. */
static gboolean
echo_cb (HvsockService *service,
         HvsockConnection *connection,
         HvsockListener *listener,
         gpointer main_thread)
{
  g_assert_true (g_thread_self () != main_thread);
  stream_expect (connection, "hello");
  stream_send (connection, "hello");
  return TRUE;
}

static void
test_threaded (Fixture *self, gconstpointer data)
{
  g_autoptr (HvsockService) service = hvsock_service_new_threaded (2);
  g_autofree char *uri = g_strdup_printf ("unix://%s/threaded", self->folder.path);
  HvsockConnection *clients[5];
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_signal_connect (service, "incoming", G_CALLBACK (echo_cb), g_thread_self ());
  hvsock_service_listen (service, uri, &error);
  g_assert_no_error (error);
  hvsock_service_start (service);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      clients[i] = hvsock_connect (uri, NULL, &error);
      g_assert_no_error (error);
    }
  while (hvsock_service_get_n_accepted (service) < G_N_ELEMENTS (clients))
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      stream_send (clients[i], "hello");
      stream_expect (clients[i], "hello");
      g_object_unref (clients[i]);
    }
  hvsock_service_drain_async (service, 0, NULL, conformance_result_cb, &result);
  conformance_wait (&result);
  g_assert_true (hvsock_service_drain_finish (service, result, &error));
  g_assert_no_error (error);
}

static void
add (const char *path, void (*func) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, func, tear_down);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  add ("/service/incoming", test_incoming);
  add ("/service/stop-start", test_stop_start);
  add ("/service/stopped-by-handler", test_stopped_by_handler);
  add ("/service/threaded", test_threaded);
  add ("/service/max-connections", test_max_connections);
  add ("/service/max-per-peer", test_max_per_peer);
  add ("/service/allowed-peers", test_allowed_peers);
  add ("/service/bad-rules", test_bad_rules);
  add ("/service/first-byte", test_first_byte);
  add ("/service/first-byte/context", test_first_byte_context);
  add ("/service/drain/nobody", test_drain_nobody);
  add ("/service/drain/waits", test_drain_waits);
  add ("/service/drain/late", test_drain_late);
  add ("/service/drain/late-silent", test_drain_late_silent);
  add ("/service/drain/cancelled", test_drain_cancelled);
  add ("/service/listener-failed", test_listener_failed);
  add ("/service/last-reference", test_last_reference);

  return g_test_run ();
}
