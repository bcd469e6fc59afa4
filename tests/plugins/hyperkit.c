/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The plugin for Hyperkit's sockets. The test stands in for the device with a bare socket, and
 * looks at each byte that comes. */

#include "plugins.h"

#include "unix-sockets.h"

#include <errno.h>
#include <unistd.h>

static void
test_info (void)
{
  const char *const schemes[] = { "hyperkit", NULL };
  g_autoptr (HvsockTransport) transport = plugin_get_transport ("hyperkit");

  plugin_check_info ("hyperkit", schemes);
  g_assert_cmpstr (hvsock_transport_get_name (transport), ==, "hyperkit");
}

static void
test_probe (void)
{
  g_autoptr (HvsockProbe) probe = plugin_probe ("hyperkit");

  g_assert_true (hvsock_probe_is_available (probe));
  g_assert_cmpuint (hvsock_probe_get_features (probe), ==,
                    HVSOCK_FEATURE_CONNECT | HVSOCK_FEATURE_LISTEN | HVSOCK_FEATURE_STREAM |
                        HVSOCK_FEATURE_HALF_CLOSE);
}

/* What is there at the first read is all that the device ever sees of a request. */
static void
test_greeting (void)
{
  static const struct
  {
    const char *authority;
    const char *greeting;
  } cases[] = {
    { ":80", "00000003.00000050\n" },
    { "3:1", "00000003.00000001\n" },
    { "2748:43981", "00000abc.0000abcd\n" },
    { "4294967294:4294967294", "fffffffe.fffffffe\n" },
  };
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL;
  int listener;

  folder_init (&folder);
  path = g_build_filename (folder.path, "connect", NULL);
  listener = socket_listen (path, SOCK_STREAM, 1);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *uri = g_strdup_printf ("hyperkit://%s%s", cases[i].authority, folder.path);
      g_autoptr (HvsockConnection) connection = NULL;
      g_autoptr (GError) error = NULL;
      char bytes[64];
      int fd;

      connection = hvsock_connect (uri, NULL, &error);
      g_assert_no_error (error);
      fd = accept (listener, NULL, NULL);
      g_assert_cmpint (recv (fd, bytes, sizeof bytes, MSG_DONTWAIT), ==, 18);
      g_assert_cmpmem (bytes, 18, cases[i].greeting, 18);
      g_assert_cmpint (recv (fd, bytes, sizeof bytes, MSG_DONTWAIT), ==, -1);
      g_assert_cmpint (errno, ==, EAGAIN);
      close (fd);
    }
  close (listener);
}

static void
test_listen (void)
{
  static const struct
  {
    const char *authority;
    const char *name;
  } cases[] = {
    { ":80", "00000002.00000050" },
    { "7:43981", "00000002.0000abcd" },
    { ":4294967294", "00000002.fffffffe" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Folder) folder = { 0 };
      g_autoptr (HvsockListener) listener = NULL;
      g_autoptr (HvsockConnection) connection = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *path = NULL;
      g_autofree char *uri = NULL;
      int fd;

      folder_init (&folder);
      path = g_build_filename (folder.path, cases[i].name, NULL);
      uri = g_strdup_printf ("hyperkit://%s%s", cases[i].authority, folder.path);
      socket_make_stale (path);
      listener = hvsock_listen (uri, NULL, &error);
      g_assert_no_error (error);
      fd = socket_connect (path, SOCK_STREAM | SOCK_NONBLOCK);
      g_assert_cmpint (fd, >=, 0);
      connection = hvsock_listener_accept (listener, NULL, &error);
      g_assert_no_error (error);
      g_assert_null (hvsock_connection_get_remote_address (connection));
      g_assert_true (hvsock_connection_get_local_address (connection) ==
                     hvsock_listener_get_local_address (listener));
      close (fd);
      hvsock_listener_close (listener);
      g_assert_false (exists (path));
    }
}

static void
test_remedies (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL;
  g_autofree char *uri = NULL;
  g_autoptr (GError) missing = NULL;
  g_autoptr (GError) refused = NULL;

  folder_init (&folder);
  path = g_build_filename (folder.path, "connect", NULL);
  uri = g_strconcat ("hyperkit://:80", folder.path, NULL);
  missing = plugin_fail_to_connect (uri);
  g_assert_error (missing, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  plugin_expect_text (missing, "no virtual machine keeps its sockets in this directory");
  socket_make_stale (path);
  refused = plugin_fail_to_connect (uri);
  g_assert_error (refused, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
  plugin_expect_text (refused, "the virtual machine of this directory does not run");
  plugin_expect_text (refused, uri);
}

static void
test_no_directory (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *uri = NULL;
  g_autoptr (GError) listening = NULL;
  g_autoptr (GError) connecting = NULL;

  folder_init (&folder);
  uri = g_strconcat ("hyperkit://:80", folder.path, "/nowhere", NULL);
  listening = plugin_fail_to_listen (uri);
  g_assert_error (listening, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  connecting = plugin_fail_to_connect (uri);
  g_assert_error (connecting, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/plugin/hyperkit/info", test_info);
  g_test_add_func ("/plugin/hyperkit/probe", test_probe);
  g_test_add_func ("/plugin/hyperkit/greeting", test_greeting);
  g_test_add_func ("/plugin/hyperkit/listen", test_listen);
  g_test_add_func ("/plugin/hyperkit/remedies", test_remedies);
  g_test_add_func ("/plugin/hyperkit/no-directory", test_no_directory);

  return g_test_run ();
}
