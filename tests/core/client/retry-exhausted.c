/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A client that pauses between two attempts while the process is out of descriptors. The plugin
 * "scripted" stands in for the service, and needs none. */

#include <hvsock/hvsock-plugin.h>

#include <sys/resource.h>

static void
test_pause (void)
{
  const char *folder = g_test_get_filename (G_TEST_BUILT, "core", "client", NULL);
  g_autoptr (HvsockRegistry) registry = hvsock_registry_new_for_path (folder);
  g_autoptr (HvsockClient) client =
      g_object_new (HVSOCK_TYPE_CLIENT, "registry", registry, "retry-interval", 1, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (HvsockTransport) transport = NULL;
  g_autoptr (HvsockConnection) connection = NULL;
  g_autoptr (GError) error = NULL;
  struct rlimit before;
  struct rlimit none;

  transport = hvsock_registry_lookup (registry, "scripted", NULL, &error);
  g_assert_no_error (error);

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &before));
  none = before;
  none.rlim_cur = 0;
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &none));
  connection = hvsock_client_connect (client, "scripted:///refused/good", cancellable, &error);
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &before));
  g_assert_no_error (error);
  g_assert_nonnull (connection);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/retry/exhausted/pause", test_pause);

  return g_test_run ();
}
