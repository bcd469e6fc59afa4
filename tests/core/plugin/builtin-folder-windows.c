/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Test of where plugins are installed: relative to the module, which is this program here. */

#include "plugin/hvsock-builtin-folder-private.h"

#include <windows.h>

static void
test_beside_module (void)
{
  wchar_t module[MAX_PATH];
  DWORD length = GetModuleFileNameW (NULL, module, G_N_ELEMENTS (module));
  g_autofree char *program = g_utf16_to_utf8 ((gunichar2 *) module, length, NULL, NULL, NULL);
  g_autofree char *beside = g_path_get_dirname (program);
  g_autofree char *expected = g_build_filename (beside, "lib", "hvsock-1", "plugins", NULL);
  g_autofree char *folder = hvsock_builtin_folder_get ();

  g_assert_cmpstr (folder, ==, expected);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/builtin-folder/beside-module", test_beside_module);

  return g_test_run ();
}
