/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Tests of the search path, private parts included. */

#include "plugin/hvsock-builtin-folder-private.h"
#include "plugin/hvsock-search-path-private.h"

/* With what separates folders and their parts on this system. */
static char *
to_native (const char *search_path)
{
  char *native = g_strdelimit (g_strdup (search_path), ":", G_SEARCHPATH_SEPARATOR);

  return g_strdelimit (native, "/", G_DIR_SEPARATOR);
}

static void
assert_folders (const char *search_path, const char *expected)
{
  g_autofree char *native = to_native (search_path);
  g_autofree char *native_expected = to_native (expected);
  g_auto (GStrv) folders = hvsock_search_path_split (native);
  g_autofree char *joined = g_strjoinv (" ", folders);

  g_assert_cmpstr (joined, ==, native_expected);
}

static void
test_split (void)
{
  assert_folders ("", "");
  assert_folders (":", "");
  assert_folders ("/a", "/a");
  assert_folders ("/b:/a", "/b /a");
  assert_folders (":/a::/b:", "/a /b");
  assert_folders ("/a:/b:/a", "/a /b");
  assert_folders ("/a:/a/:/a/./:/b/../a", "/a");
  assert_folders ("/\303\244 \342\202\254", "/\303\244 \342\202\254");
}

static void
test_relative (void)
{
  g_autofree char *here = g_get_current_dir ();
  g_autofree char *expected = g_build_filename (here, "plugins", NULL);
  g_auto (GStrv) folders = hvsock_search_path_split ("plugins");

  g_assert_cmpuint (g_strv_length (folders), ==, 1);
  g_assert_cmpstr (folders[0], ==, expected);
}

static void
test_default (void)
{
  g_autofree char *first = to_native ("/first");
  g_autofree char *second = to_native ("/second");
  g_autofree char *search_path = to_native ("/first:/second");
  g_autofree char *builtin_folder = hvsock_builtin_folder_get ();
  g_auto (GStrv) with = NULL;
  g_auto (GStrv) without = NULL;

  g_setenv ("HVSOCK_PLUGIN_PATH", search_path, TRUE);
  with = hvsock_search_path_get_default ();
  g_assert_cmpuint (g_strv_length (with), ==, 3);
  g_assert_cmpstr (with[0], ==, first);
  g_assert_cmpstr (with[1], ==, second);
  g_assert_cmpstr (with[2], ==, builtin_folder);

  g_unsetenv ("HVSOCK_PLUGIN_PATH");
  without = hvsock_search_path_get_default ();
  g_assert_cmpuint (g_strv_length (without), ==, 1);
  g_assert_cmpstr (without[0], ==, builtin_folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/search-path/split", test_split);
  g_test_add_func ("/search-path/relative", test_relative);
  g_test_add_func ("/search-path/default", test_default);

  return g_test_run ();
}
