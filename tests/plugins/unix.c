/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The plugin for plain Unix sockets. */

#include "plugins.h"

#include "unix-sockets.h"

#include <errno.h>
#include <unistd.h>

static void
test_info (void)
{
  const char *const schemes[] = { "unix", NULL };
  g_autoptr (HvsockTransport) transport = plugin_get_transport ("unix");

  plugin_check_info ("unix", schemes);
  g_assert_cmpstr (hvsock_transport_get_name (transport), ==, "unix");
}

static void
test_probe (void)
{
  g_autoptr (HvsockProbe) probe = plugin_probe ("unix");

  g_assert_true (hvsock_probe_is_available (probe));
  g_assert_cmpuint (hvsock_probe_get_features (probe), ==,
                    HVSOCK_FEATURE_CONNECT | HVSOCK_FEATURE_LISTEN | HVSOCK_FEATURE_STREAM |
                        HVSOCK_FEATURE_HALF_CLOSE);
}

static void
expect_message (GError *error, const char *operation, const char *uri, int errsv)
{
  g_autofree char *text =
      g_strdup_printf ("cannot %s '%s': %s", operation, uri, g_strerror (errsv));

  g_assert_cmpstr (error->message, ==, text);
}

static void
test_failures (void)
{
  g_auto (Folder) folder = { 0 };
  g_autoptr (GError) missing = NULL;
  g_autoptr (GError) refused = NULL;
  g_autoptr (GError) nowhere = NULL;
  g_autofree char *path = NULL;
  g_autofree char *uri = NULL;
  g_autofree char *nowhere_uri = NULL;

  folder_init (&folder);
  path = g_build_filename (folder.path, "s", NULL);
  uri = g_strconcat ("unix://", path, NULL);
  nowhere_uri = g_strconcat ("unix://", folder.path, "/nowhere/s", NULL);

  missing = plugin_fail_to_connect (uri);
  g_assert_error (missing, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  expect_message (missing, "connect to", uri, ENOENT);
  socket_make_stale (path);
  refused = plugin_fail_to_connect (uri);
  g_assert_error (refused, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
  expect_message (refused, "connect to", uri, ECONNREFUSED);
  nowhere = plugin_fail_to_listen (nowhere_uri);
  g_assert_error (nowhere, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  expect_message (nowhere, "listen on", nowhere_uri, ENOENT);
}

/* Characters that a URI must escape. */
static void
test_escaped_path (void)
{
  g_auto (Folder) folder = { 0 };
  g_autoptr (HvsockListener) listener = NULL;
  g_autoptr (HvsockConnection) connection = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *uri = NULL;

  folder_init (&folder);
  path = g_build_filename (folder.path, "a b%?#", NULL);
  uri = g_strconcat ("unix://", folder.path, "/a%20b%25%3f%23", NULL);
  listener = hvsock_listen (uri, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (exists (path));
  connection = hvsock_connect (uri, NULL, &error);
  g_assert_no_error (error);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/plugin/unix/info", test_info);
  g_test_add_func ("/plugin/unix/probe", test_probe);
  g_test_add_func ("/plugin/unix/failures", test_failures);
  g_test_add_func ("/plugin/unix/escaped-path", test_escaped_path);

  return g_test_run ();
}
