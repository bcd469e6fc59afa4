/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The conformance suite over Hyper-V sockets, with the stand-in for AF_HYPERV behind the plugin. */

#include "hyperv.h"

#include "waits.h"

#include <shim.h>

#include <stdlib.h>
#include <string.h>

/* In milliseconds: how long silence may last until it counts as a refusal, and what is no default
 * of anybody. */
#define REFUSAL_LIMIT 1000
#define TIMEOUT       1234

static char *
make_guid (void)
{
  HvsockGuid guid;

  for (guint i = 0; i < G_N_ELEMENTS (guid.bytes); i++)
    guid.bytes[i] = g_random_int_range (0, 256);
  return hvsock_guid_to_string (&guid);
}

/* Of a service that nobody else has. */
static char *
make_uri (const char *vm)
{
  g_autofree char *service = make_guid ();

  return g_strdup_printf ("hvsock://%s/%s", vm, service);
}

/* A virtual machine that does not answer. */
static char *
make_silent_uri (void)
{
  g_autofree char *vm = make_guid ();

  return make_uri (vm);
}

/* The plugin is loaded to find out whether it serves the URI: before anything is behind it. */
static gpointer
put_shim_behind_plugin (gpointer data)
{
  g_autoptr (HvsockTransport) transport = hvsock_registry_resolve (
      hvsock_registry_get_default (), "hvsock://loopback/1", NULL, NULL, NULL);
  HMODULE plugin = GetModuleHandleA ("hyperv.dll");

  g_assert_nonnull (plugin);
  g_assert_cmpuint (shim_patch (plugin), >, 0);
  return NULL;
}

static const char *
hyperv_get_obstacle (void)
{
  static GOnce once = G_ONCE_INIT;

  g_once (&once, put_shim_behind_plugin, NULL);
  return NULL;
}

static char *
hyperv_set_up (Conformance *self)
{
  return make_uri ("loopback");
}

static void
hyperv_tear_down (Conformance *self)
{
}

static char *
hyperv_refuse (Conformance *self)
{
  return make_uri ("loopback");
}

static char *
hyperv_fall_silent (Conformance *self)
{
  return make_silent_uri ();
}

static void
hyperv_check_addresses (Conformance *self, HvsockConnection *client, HvsockConnection *server)
{
  HvsockAddress *peer = hvsock_connection_get_remote_address (server);
  HvsockAddress *local = hvsock_connection_get_local_address (client);

  g_assert_true (HVSOCK_IS_HYPERV_ADDRESS (peer));
  g_assert_true (HVSOCK_IS_HYPERV_ADDRESS (local));
  g_assert_true (hvsock_guid_equal (hvsock_hyperv_address_get_vm_id (HVSOCK_HYPERV_ADDRESS (peer)),
                                    hvsock_hyperv_address_find_vm_id ("loopback")));
}

/* From here on, what the stand-in is asked is in a file. */
static void
begin_record (Conformance *self)
{
  g_autofree char *path = g_build_filename (self->folder.path, "log", NULL);

  g_setenv ("HVSOCK_SHIM_LOG", path, TRUE);
}

/* Returns the last line of it. */
static char *
end_record (void)
{
  g_autofree char *log = NULL;
  g_autoptr (GError) error = NULL;
  const char *last;

  g_file_get_contents (g_getenv ("HVSOCK_SHIM_LOG"), &log, NULL, &error);
  g_assert_no_error (error);
  g_unsetenv ("HVSOCK_SHIM_LOG");
  g_strchomp (log);
  last = strrchr (log, '\n');
  g_assert_nonnull (last);
  return g_strdup (last + 1);
}

static void
expect_error (HvsockClient *client, const char *uri, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (hvsock_client_connect (client, uri, NULL, &error));
  g_assert_error (error, G_IO_ERROR, code);
  g_assert_nonnull (strstr (error->message, uri));
}

static void
test_silence_refuses (Conformance *self)
{
  g_autoptr (HvsockClient) client = hvsock_client_new ();
  g_autofree char *uri = make_silent_uri ();
  g_autofree char *asked = NULL;
  const char *timeout;

  begin_record (self);
  expect_error (client, uri, G_IO_ERROR_CONNECTION_REFUSED);
  asked = end_record ();
  timeout = strstr (asked, " timeout ");
  g_assert_nonnull (timeout);
  g_assert_cmpint (atoi (timeout + strlen (" timeout ")), <=, REFUSAL_LIMIT);
}

/* The whole URI in the words of the system: the bytes of the address, and the time-out. */
static void
test_native (Conformance *self)
{
  static const char uri[] = "hvsock://loopback/73c39589-192e-4c64-9acf-6c5d0aa18528";
  g_autoptr (HvsockTransport) transport = NULL;
  g_autoptr (HvsockAddress) address = NULL;
  g_autofree char *asked = NULL;
  g_autoptr (GError) error = NULL;

  transport = hvsock_registry_resolve (hvsock_registry_get_default (), uri, &address, NULL, &error);
  g_assert_no_error (error);
  begin_record (self);
  /* Without a client, which would take off what the rest has taken. */
  g_assert_null (hvsock_transport_connect (transport, address, TIMEOUT, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
  g_assert_nonnull (strstr (error->message, uri));
  asked = end_record ();
  g_assert_cmpstr (asked, ==,
                   "connect 22000000"
                   "9761e1e056dd104a91955ee7a155a838"
                   "8995c3732e19644c9acf6c5d0aa18528"
                   " timeout " G_STRINGIFY (TIMEOUT));
}

/* A service that a Linux guest knows by a port. */
static void
test_port (Conformance *self)
{
  guint port = g_random_int_range (1024, G_MAXINT);
  g_autofree char *listen_uri = g_strdup_printf ("vsock://:%u", port);
  g_autofree char *uri = g_strdup_printf ("hvsock://loopback/%u", port);
  g_autofree char *guid_uri =
      g_strdup_printf ("hvsock://loopback/%08x-facb-11e6-bd58-64006a7986d3", port);
  const char *uris[] = { uri, guid_uri };
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockListener) listener = hvsock_listen (listen_uri, NULL, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      g_auto (ConformancePair) pair = conformance_connect_to (listener, uris[i]);

      conformance_expect_alive (self, &pair);
    }
}

static void
test_cid (Conformance *self)
{
  static const char *const uris[] = { "vsock://3:80", "vsock://vm:80",
                                      "vsock://3:80?sibling=true" };

  for (guint i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (hvsock_connect (uris[i], NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
      g_assert_nonnull (strstr (error->message, uris[i]));
      g_assert_nonnull (strstr (error->message, "hvsock://VM/PORT"));
    }
}

/* A listener that is bound to one virtual machine: the stand-in takes it for that machine's own. */
static void
test_machine (Conformance *self)
{
  g_autofree char *uri = make_silent_uri ();
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockListener) listener = hvsock_listen (uri, NULL, &error);

  g_assert_no_error (error);
  {
    g_auto (ConformancePair) pair = conformance_connect_to (listener, uri);

    conformance_expect_alive (self, &pair);
  }
}

/* What is framed is ended by a cancellable of its own, and then leaves the caller's. */
static void
test_framed_cancel (Conformance *self)
{
  g_autofree char *plain = make_uri ("loopback");
  g_autofree char *uri = g_strconcat (plain, "?framing=shutdown", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockListener) listener = hvsock_listen (uri, NULL, &error);

  g_assert_no_error (error);
  {
    g_auto (ConformancePair) pair = conformance_connect_to (listener, uri);
    GInputStream *input = conformance_input (pair.client);
    g_autoptr (GCancellable) cancellable = g_cancellable_new ();
    g_autoptr (GAsyncResult) result = NULL;
    char byte;

    g_input_stream_read_async (input, &byte, 1, G_PRIORITY_DEFAULT, cancellable,
                               conformance_result_cb, &result);
    conformance_turn ();
    conformance_cancel (cancellable, &result);
    g_assert_cmpint (g_input_stream_read_finish (input, result, &error), ==, -1);
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    conformance_expect_alive (self, &pair);
  }
}

/* Who drops a main context leaves it, until the next news, to those who were to wake it; and the
 * connection is dropped with it, if it was left to a source there. */
static void
test_dropped_context (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  GMainContext *context = g_main_context_new ();
  GSource *source = g_pollable_input_stream_create_source (
      G_POLLABLE_INPUT_STREAM (conformance_input (pair.client)), NULL);

  g_source_set_callback (source, G_SOURCE_FUNC (conformance_pollable_cb),
                         g_steal_pointer (&pair.client), g_object_unref);
  g_source_attach (source, context);
  g_source_unref (source);
  g_main_context_iteration (context, FALSE);
  g_main_context_unref (context);

  conformance_send (self, pair.server, "news");
  conformance_expect_end (self, pair.server);
}

static void
hyperv_add_tests (void)
{
  conformance_add ("/silence-refuses", test_silence_refuses);
  conformance_add ("/native", test_native);
  conformance_add ("/port", test_port);
  conformance_add ("/cid", test_cid);
  conformance_add ("/machine", test_machine);
  conformance_add ("/dropped-context", test_dropped_context);
  conformance_add_mode ("/framed-cancel", test_framed_cancel, &conformance_async);
  conformance_add_hyperv_bulk_tests ();
  conformance_add_hyperv_storm_tests ();
}

const ConformanceBackend conformance_backend = {
  .name = "hyperv",
  .shuts_reading_silently = TRUE,
  .get_obstacle = hyperv_get_obstacle,
  .set_up = hyperv_set_up,
  .tear_down = hyperv_tear_down,
  .refuse = hyperv_refuse,
  .fall_silent = hyperv_fall_silent,
  .check_addresses = hyperv_check_addresses,
  .add_tests = hyperv_add_tests,
};
