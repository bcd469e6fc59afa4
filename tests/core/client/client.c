/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The client, and the short forms of it, on the plain Unix sockets of the plugin "unix". */

#include <hvsock/hvsock.h>

#include "folder.h"
#include "streams.h"
#include "waits.h"

typedef struct
{
  Folder folder;
  char *path;
  char *uri;
} Place;

static void
place_init (Place *self)
{
  folder_init (&self->folder);
  self->path = g_build_filename (self->folder.path, "s", NULL);
  self->uri = g_strconcat ("unix://", self->path, NULL);
}

static void
place_clear (Place *self)
{
  folder_assert_empty (&self->folder);
  folder_clear (&self->folder);
  g_free (self->path);
  g_free (self->uri);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Place, place_clear)

static void
count_cb (GObject *object, GParamSpec *pspec, gpointer data)
{
  guint *n = data;

  ++*n;
}

static void
test_properties (void)
{
  g_autoptr (HvsockClient) client = hvsock_client_new ();
  g_autoptr (HvsockRegistry) got = NULL;
  guint n_timeout = 0;
  guint n_retry_interval = 0;
  guint timeout, retry_interval;

  g_assert_cmpuint (hvsock_client_get_timeout (client), ==, 10000);
  g_assert_cmpuint (hvsock_client_get_retry_interval (client), ==, 0);
  g_assert_true (hvsock_client_get_registry (client) == hvsock_registry_get_default ());
  g_object_get (client, "registry", &got, NULL);
  g_assert_true (got == hvsock_registry_get_default ());

  g_signal_connect (client, "notify::timeout", G_CALLBACK (count_cb), &n_timeout);
  g_signal_connect (client, "notify::retry-interval", G_CALLBACK (count_cb), &n_retry_interval);
  hvsock_client_set_timeout (client, 10000);
  hvsock_client_set_retry_interval (client, 0);
  g_assert_cmpuint (n_timeout + n_retry_interval, ==, 0);
  hvsock_client_set_timeout (client, 0);
  g_object_set (client, "retry-interval", G_MAXINT, NULL);
  g_assert_cmpuint (n_timeout, ==, 1);
  g_assert_cmpuint (n_retry_interval, ==, 1);
  g_object_get (client, "timeout", &timeout, "retry-interval", &retry_interval, NULL);
  g_assert_cmpuint (timeout, ==, 0);
  g_assert_cmpuint (retry_interval, ==, G_MAXINT);
}

static void
test_own_registry (void)
{
  g_autoptr (HvsockRegistry) registry = hvsock_registry_new_for_path ("");
  g_autoptr (HvsockClient) client = g_object_new (HVSOCK_TYPE_CLIENT, "registry", registry, NULL);

  g_assert_true (hvsock_client_get_registry (client) == registry);
}

static void
test_short_blocking (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (HvsockListener) listener = NULL;
  g_autoptr (HvsockConnection) client = NULL;
  g_autoptr (HvsockConnection) server = NULL;
  g_autoptr (GError) error = NULL;

  place_init (&place);
  listener = hvsock_listen (place.uri, NULL, &error);
  g_assert_no_error (error);
  client = hvsock_connect (place.uri, NULL, &error);
  g_assert_no_error (error);
  server = hvsock_listener_accept (listener, NULL, &error);
  g_assert_no_error (error);
  stream_send (client, "abc");
  stream_expect (server, "abc");
  hvsock_listener_close (listener);
}

static void
test_short_async (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (HvsockListener) listener = NULL;
  g_autoptr (HvsockConnection) client = NULL;
  g_autoptr (HvsockConnection) server = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  place_init (&place);
  listener = hvsock_listen (place.uri, NULL, &error);
  g_assert_no_error (error);
  hvsock_connect_async (place.uri, NULL, conformance_result_cb, &result);
  conformance_wait (&result);
  client = hvsock_connect_finish (result, &error);
  g_assert_no_error (error);
  server = hvsock_listener_accept (listener, NULL, &error);
  g_assert_no_error (error);
  stream_send (server, "abc");
  stream_expect (client, "abc");
  hvsock_listener_close (listener);
}

static void
expect_failure (const char *uri, GQuark domain, int code)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) blocking = NULL;
  g_autoptr (GError) async = NULL;
  g_autoptr (GError) listening = NULL;

  g_assert_null (hvsock_connect (uri, NULL, &blocking));
  g_assert_error (blocking, domain, code);
  hvsock_connect_async (uri, NULL, conformance_result_cb, &result);
  g_assert_null (result);
  conformance_wait (&result);
  g_assert_null (hvsock_connect_finish (result, &async));
  g_assert_error (async, domain, code);
  g_assert_cmpstr (async->message, ==, blocking->message);
  g_assert_null (hvsock_listen (uri, NULL, &listening));
  g_assert_error (listening, domain, code);
}

static void
test_failures (void)
{
  static const char *const malformed[] = { "", "nothing", "unix:s", "unix:///s?no=option",
                                           "vsock://2:080" };

  for (guint i = 0; i < G_N_ELEMENTS (malformed); i++)
    expect_failure (malformed[i], HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI);
  expect_failure ("nobody-s-scheme://2:80", HVSOCK_ERROR, HVSOCK_ERROR_NO_TRANSPORT);
  expect_failure ("unix:///nowhere/s", G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
test_cancelled_before (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (HvsockListener) listener = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  place_init (&place);
  listener = hvsock_listen (place.uri, NULL, &error);
  g_assert_no_error (error);
  g_cancellable_cancel (cancellable);
  g_assert_null (hvsock_connect (place.uri, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  hvsock_connect_async (place.uri, cancellable, conformance_result_cb, &result);
  conformance_wait (&result);
  g_assert_null (hvsock_connect_finish (result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  hvsock_listener_close (listener);
}

/* The service starts while the client is at it. */
static void
test_service_comes (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (HvsockClient) client = hvsock_client_new ();
  g_autoptr (HvsockListener) listener = NULL;
  g_autoptr (HvsockConnection) connection = NULL;
  g_autoptr (HvsockConnection) accepted = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  place_init (&place);
  hvsock_client_set_retry_interval (client, 1);
  hvsock_client_set_timeout (client, 0);
  hvsock_client_connect_async (client, place.uri, NULL, conformance_result_cb, &result);
  for (guint turn = 0; turn < 20; turn++)
    {
      g_main_context_iteration (NULL, TRUE);
      g_assert_null (result);
    }
  listener = hvsock_client_listen (client, place.uri, NULL, &error);
  g_assert_no_error (error);
  conformance_wait (&result);
  connection = hvsock_client_connect_finish (client, result, &error);
  g_assert_no_error (error);
  accepted = hvsock_listener_accept (listener, NULL, &error);
  g_assert_no_error (error);
  stream_send (connection, "abc");
  stream_expect (accepted, "abc");
  hvsock_listener_close (listener);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/client/properties", test_properties);
  g_test_add_func ("/client/own-registry", test_own_registry);
  g_test_add_func ("/client/short-form/blocking", test_short_blocking);
  g_test_add_func ("/client/short-form/async", test_short_async);
  g_test_add_func ("/client/failures", test_failures);
  g_test_add_func ("/client/cancelled-before", test_cancelled_before);
  g_test_add_func ("/client/service-comes", test_service_comes);

  return g_test_run ();
}
