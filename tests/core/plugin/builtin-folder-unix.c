/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Test of where plugins are installed: as it was built. */

#include "plugin/hvsock-builtin-folder-private.h"
#include "plugin/hvsock-plugin-config.h"

static void
test_as_built (void)
{
  g_autofree char *folder = hvsock_builtin_folder_get ();

  g_assert_true (g_path_is_absolute (folder));
  g_assert_cmpstr (folder, ==, HVSOCK_PLUGIN_DIR);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/builtin-folder/as-built", test_as_built);

  return g_test_run ();
}
