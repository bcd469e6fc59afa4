/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Tests of plugins that another user could have put there, as the modes of a Unix tell it. */

#include "plugin-failing.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void
assert_writable_fails (PluginFolder *folder, const char *writable, int mode)
{
  g_autofree char *path = plugin_folder_get_file (folder, writable);
  g_autofree char *remedy = g_strdup_printf ("chmod go-w '%s'", path);

  plugin_folder_add_key_file (folder, "unavailable", "unavailable", 0, "1.0");
  plugin_folder_copy_module (folder, "unavailable");
  g_assert_cmpint (g_chmod (path, mode), ==, 0);
  assert_fails (folder, "unavailable", HVSOCK_ERROR_PLUGIN_INVALID, writable, remedy);
}

static void
test_writable_module (gconstpointer mode)
{
  g_autoptr (PluginFolder) folder = make_folder ();

  assert_writable_fails (folder, "unavailable." FIXTURE_SUFFIX, GPOINTER_TO_INT (mode));
}

static void
test_writable_key_file (gconstpointer mode)
{
  g_autoptr (PluginFolder) folder = make_folder ();

  assert_writable_fails (folder, "unavailable.plugin", GPOINTER_TO_INT (mode));
}

/* Nothing in such a folder is loaded, but what is in another one is. */
static void
assert_writable_folder_fails (PluginFolder *writable, const char *path)
{
  g_autoptr (PluginFolder) other = make_folder ();
  g_autofree char *search_path = g_strjoin (G_SEARCHPATH_SEPARATOR_S, path, other->path, NULL);
  g_autoptr (HvsockRegistry) registry = hvsock_registry_new_for_path (search_path);
  g_autofree char *remedy = g_strdup_printf ("chmod go-w '%s'", writable->path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_chmod (writable->path, 0777), ==, 0);
  g_assert_null (hvsock_registry_lookup (registry, "unavailable", NULL, &error));
  g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_PLUGIN_INVALID);
  assert_kept (find_plugin (registry, "unavailable"), HVSOCK_ERROR_PLUGIN_INVALID, writable->path,
               remedy);
  assert_good_serves (registry);
}

static void
test_writable_folder (void)
{
  g_autoptr (PluginFolder) folder = plugin_folder_new ();

  plugin_folder_add (folder, "unavailable", "unavailable", 0);
  assert_writable_folder_fails (folder, folder->path);
}

/* A link in a folder that is safe leads to a module in one that is not. */
static void
test_writable_folder_behind_link (void)
{
  g_autoptr (PluginFolder) folder = plugin_folder_new ();
  g_autoptr (PluginFolder) target = plugin_folder_new ();
  g_autofree char *link = plugin_folder_get_module (folder, "unavailable");
  g_autofree char *module = plugin_folder_get_module (target, "unavailable");

  plugin_folder_add_key_file (folder, "unavailable", "unavailable", 0, "1.0");
  plugin_folder_copy_module (target, "unavailable");
  g_assert_cmpint (symlink (module, link), ==, 0);
  assert_writable_folder_fails (target, folder->path);
}

static void
test_key_file_is_fifo (void)
{
  g_autoptr (PluginFolder) folder = make_folder ();
  g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);
  g_autofree char *path = plugin_folder_get_file (folder, "bad.plugin");

  g_assert_no_errno (mkfifo (path, 0600));
  assert_kept (find_plugin (registry, "bad"), HVSOCK_ERROR_PLUGIN_INVALID, path, "regular file");
  assert_good_serves (registry);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_data_func ("/plugin/failures/writable/module-by-group", GINT_TO_POINTER (0664),
                        test_writable_module);
  g_test_add_data_func ("/plugin/failures/writable/module-by-others", GINT_TO_POINTER (0646),
                        test_writable_module);
  g_test_add_data_func ("/plugin/failures/writable/key-file-by-group", GINT_TO_POINTER (0664),
                        test_writable_key_file);
  g_test_add_data_func ("/plugin/failures/writable/key-file-by-others", GINT_TO_POINTER (0646),
                        test_writable_key_file);
  g_test_add_func ("/plugin/failures/writable/folder", test_writable_folder);
  g_test_add_func ("/plugin/failures/writable/folder-behind-link",
                   test_writable_folder_behind_link);
  g_test_add_func ("/plugin/failures/key-file/fifo", test_key_file_is_fifo);

  return g_test_run ();
}
