/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Names that the plugin for AF_VSOCK looks up, by a stand-in for systemd-machined on a bus of its
 * own. Only what an address is resolved to is looked at: nothing is connected to. */

#include "plugins.h"

#include "folder.h"
#include "machined-stand-in.h"
#include "resolves.h"
#include "waits.h"

#define URI(machine) "vsock://" machine ":80"

typedef struct
{
  HvsockTransport *transport;
  GTestDBus *bus;
  MachinedStandIn *machined;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (self->bus);
  g_assert_true (
      g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", g_test_dbus_get_bus_address (self->bus), TRUE));
  self->machined = machined_stand_in_new (g_test_dbus_get_bus_address (self->bus));
  self->transport = plugin_get_transport ("vsock");
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_object (&self->transport);
  g_clear_pointer (&self->machined, machined_stand_in_free);
  g_test_dbus_down (self->bus);
  g_clear_object (&self->bus);
}

static void
expect_error (Fixture *self, const char *uri, int code, const char *text)
{
  g_autoptr (HvsockAddress) address = hvsock_address_new_from_uri (uri, NULL);
  g_autofree char *start = g_strdup_printf ("cannot resolve '%s': ", uri);

  for (guint i = 0; i < G_N_ELEMENTS (resolves); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (resolves[i](self->transport, address, 0, NULL, &error));
      g_assert_error (error, G_IO_ERROR, code);
      g_assert_true (g_str_has_prefix (error->message, start));
      plugin_expect_text (error, text);
    }
}

static void
test_found (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *uri;
    const char *resolved;
  } cases[] = {
    { URI (MACHINE_GOOD), "vsock://4321:80" },
    { URI (MACHINE_GOOD) "?buffer-size=4096&type=seqpacket",
      "vsock://4321:80?buffer-size=4096&type=seqpacket" },
    { URI (MACHINE_HIGHEST), "vsock://4294967294:80" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint j = 0; j < G_N_ELEMENTS (resolves); j++)
      {
        g_autoptr (HvsockAddress) address = hvsock_address_new_from_uri (cases[i].uri, NULL);
        g_autoptr (HvsockAddress) resolved = NULL;
        g_autoptr (GError) error = NULL;
        g_autofree char *uri = NULL;

        resolved = resolves[j](self->transport, address, 60000, NULL, &error);
        g_assert_no_error (error);
        uri = hvsock_address_to_uri (resolved);
        g_assert_cmpstr (uri, ==, cases[i].resolved);
      }
}

static void
test_not_found (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *uri;
    int code;
    const char *text;
  } cases[] = {
    { URI ("nobody"), G_IO_ERROR_NOT_FOUND, "no machine of this name" },
    /* The case of a name counts. */
    { URI ("Old"), G_IO_ERROR_NOT_FOUND, "no machine of this name" },
    { URI (MACHINE_GONE), G_IO_ERROR_NOT_FOUND, "no machine of this name" },
    { URI (MACHINE_ANY), G_IO_ERROR_NOT_FOUND, "has no CID" },
    { URI (MACHINE_OLD), G_IO_ERROR_NOT_FOUND, "does not tell CIDs" },
    { URI (MACHINE_ODD), G_IO_ERROR_NOT_FOUND, "does not tell CIDs" },
    { URI (MACHINE_DENIED), G_IO_ERROR_PERMISSION_DENIED, "the stand-in says so" },
    { URI (MACHINE_BROKEN), G_IO_ERROR_FAILED, "the stand-in says so" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    expect_error (self, cases[i].uri, cases[i].code, cases[i].text);
}

static void
test_no_name (Fixture *self, gconstpointer data)
{
  g_autoptr (HvsockAddress) address = hvsock_vsock_address_new (5, 80);

  for (guint i = 0; i < G_N_ELEMENTS (resolves); i++)
    {
      g_autoptr (HvsockAddress) resolved = resolves[i](self->transport, address, 0, NULL, NULL);

      g_assert_true (resolved == address);
    }
  g_assert_cmpuint (machined_stand_in_count (self->machined), ==, 0);
}

static void
test_no_machined (Fixture *self, gconstpointer data)
{
  g_clear_pointer (&self->machined, machined_stand_in_free);
  expect_error (self, URI (MACHINE_GOOD), G_IO_ERROR_NOT_SUPPORTED, "start systemd-machined");
}

static void
test_no_bus (Fixture *self, gconstpointer data)
{
  g_assert_true (g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/socket", TRUE));
  expect_error (self, URI (MACHINE_GOOD), G_IO_ERROR_NOT_SUPPORTED, "no system bus: ");
}

static void
test_slow (Fixture *self, gconstpointer data)
{
  static const char *const uris[] = { URI (MACHINE_SLOW), URI (MACHINE_SLOW_CID) };

  for (guint i = 0; i < G_N_ELEMENTS (uris); i++)
    for (guint j = 0; j < G_N_ELEMENTS (resolves); j++)
      {
        g_autoptr (HvsockAddress) address = hvsock_address_new_from_uri (uris[i], NULL);
        g_autoptr (GError) error = NULL;

        g_assert_null (resolves[j](self->transport, address, 100, NULL, &error));
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
        plugin_expect_text (error, "no answer within 100 ms");
      }
}

/* A socket that nobody accepts from, so that not even the connection to the bus is made. */
static void
test_slow_bus (Fixture *self, gconstpointer data)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL;
  g_autofree char *bus = NULL;
  g_autoptr (GSocketAddress) socket_address = NULL;
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (HvsockAddress) address = hvsock_address_new_from_uri (URI (MACHINE_GOOD), NULL);
  g_autoptr (GError) error = NULL;

  folder_init (&folder);
  path = g_build_filename (folder.path, "bus", NULL);
  bus = g_strconcat ("unix:path=", path, NULL);
  socket_address = g_unix_socket_address_new (path);
  g_socket_listener_add_address (listener, socket_address, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", bus, TRUE));

  for (guint i = 0; i < G_N_ELEMENTS (resolves); i++)
    {
      g_assert_null (resolves[i](self->transport, address, 100, NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
      g_clear_error (&error);
    }
}

static void
test_cancelled (Fixture *self, gconstpointer data)
{
  static const char *const uris[] = { URI (MACHINE_SLOW), URI (MACHINE_SLOW_CID) };

  for (guint i = 0; i < G_N_ELEMENTS (uris); i++)
    for (guint j = 0; j < G_N_ELEMENTS (resolves); j++)
      {
        g_autoptr (HvsockAddress) address = hvsock_address_new_from_uri (uris[i], NULL);
        g_autoptr (GCancellable) cancellable = g_cancellable_new ();
        g_autoptr (GError) error = NULL;

        machined_stand_in_cancel (self->machined, cancellable);
        g_assert_null (resolves[j](self->transport, address, 0, cancellable, &error));
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      }
}

static void
test_cancelled_before (Fixture *self, gconstpointer data)
{
  g_autoptr (HvsockAddress) address = hvsock_address_new_from_uri (URI (MACHINE_GOOD), NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  for (guint i = 0; i < G_N_ELEMENTS (resolves); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (resolves[i](self->transport, address, 0, cancellable, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
  g_assert_cmpuint (machined_stand_in_count (self->machined), ==, 0);
}

/* The deadline of a client is over the look-up as well. */
static void
test_client (Fixture *self, gconstpointer data)
{
  g_autoptr (HvsockClient) client =
      g_object_new (HVSOCK_TYPE_CLIENT, "timeout", 100, "retry-interval", 10, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (hvsock_client_connect (client, URI (MACHINE_SLOW), NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);

  /* A machine may be about to start, but what does not know machines will not begin to. */
  hvsock_client_set_timeout (client, 0);
  hvsock_client_connect_async (client, URI ("nobody"), cancellable, conformance_result_cb, &result);
  while (machined_stand_in_count (self->machined) <= 2)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (result);
  g_cancellable_cancel (cancellable);
  conformance_wait (&result);
  g_assert_null (hvsock_client_connect_finish (client, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  g_clear_pointer (&self->machined, machined_stand_in_free);
  g_assert_null (hvsock_client_connect (client, URI ("nobody"), NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

static void
skip (gconstpointer reason)
{
  g_test_skip (reason);
}

static const char *
find_obstacle (void)
{
  g_autofree char *daemon = g_find_program_in_path ("dbus-daemon");
  g_autoptr (HvsockProbe) probe = plugin_probe ("vsock");

  if (daemon == NULL)
    return "there is no dbus-daemon: install it (Debian: dbus-daemon)";
  if (!hvsock_probe_is_available (probe))
    return "this machine has no AF_VSOCK: load the kernel module vsock";
  return NULL;
}

static void
add (const char *path, void (*func) (Fixture *self, gconstpointer data), const char *obstacle)
{
  if (obstacle == NULL)
    g_test_add (path, Fixture, NULL, set_up, func, tear_down);
  else
    g_test_add_data_func (path, obstacle, skip);
}

int
main (int argc, char *argv[])
{
  const char *obstacle;

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  obstacle = find_obstacle ();

  add ("/plugin/vsock/names/found", test_found, obstacle);
  add ("/plugin/vsock/names/not-found", test_not_found, obstacle);
  add ("/plugin/vsock/names/no-name", test_no_name, obstacle);
  add ("/plugin/vsock/names/no-machined", test_no_machined, obstacle);
  add ("/plugin/vsock/names/no-bus", test_no_bus, obstacle);
  add ("/plugin/vsock/names/slow", test_slow, obstacle);
  add ("/plugin/vsock/names/slow-bus", test_slow_bus, obstacle);
  add ("/plugin/vsock/names/cancelled", test_cancelled, obstacle);
  add ("/plugin/vsock/names/cancelled-before", test_cancelled_before, obstacle);
  add ("/plugin/vsock/names/client", test_client, obstacle);

  return g_test_run ();
}
