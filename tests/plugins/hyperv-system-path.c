/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Windows' own files, which the environment does not lead astray. */

#include "hyperv-system-path.h"

static void
test_absolute (void)
{
  g_autofree char *path = NULL;

  g_assert_true (g_setenv ("SystemRoot", "C:\\elsewhere", TRUE));
  g_assert_true (g_setenv ("PATH", "C:\\elsewhere", TRUE));
  path = hyperv_system_path ("kernel32.dll");
  g_assert_true (g_path_is_absolute (path));
  g_assert_true (g_ascii_isalpha (path[0]));
  g_assert_cmpint (path[1], ==, ':');
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/plugins/hyperv/system-path/absolute", test_absolute);

  return g_test_run ();
}
