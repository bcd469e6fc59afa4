/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Tests of plugins that are wrong, each in one way: the error has its code and names the file, it
 * is kept, the other plugins of the folder still serve, and the process goes on. */

#include "plugin-failing.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

static const struct
{
  const char *name;
  const char *expected;
  HvsockError code;
} modules[] = {
  { "abstract_type", "'HvsockTransport' is not a transport", HVSOCK_ERROR_PLUGIN_INVALID },
  { "newer_minor", "ABI 1.1, this libhvsock has 1.0", HVSOCK_ERROR_PLUGIN_INCOMPATIBLE },
  { "no_descriptor", "descriptor is missing", HVSOCK_ERROR_PLUGIN_INVALID },
  { "no_symbol", "'hvsock_plugin_no_symbol_describe'", HVSOCK_ERROR_PLUGIN_INVALID },
  { "no_type", "get_transport_type", HVSOCK_ERROR_PLUGIN_INVALID },
  { "tiny_size", "too small", HVSOCK_ERROR_PLUGIN_INVALID },
  { "wrong_major", "ABI 2.0, this libhvsock has 1.0", HVSOCK_ERROR_PLUGIN_INCOMPATIBLE },
  { "wrong_name", "'other', expected 'wrong_name'", HVSOCK_ERROR_PLUGIN_INVALID },
  { "wrong_schemes", "scheme 'wrong-schemes'", HVSOCK_ERROR_PLUGIN_INVALID },
  { "wrong_size", "expected", HVSOCK_ERROR_PLUGIN_INVALID },
  { "wrong_type", "'GObject' is not a transport", HVSOCK_ERROR_PLUGIN_INVALID },
};

static void
test_module (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (PluginFolder) folder = make_folder ();
  g_autofree char *file = g_strconcat (modules[i].name, "." FIXTURE_SUFFIX, NULL);
  g_autofree char *scheme = g_strdelimit (g_strdup (modules[i].name), "_", '-');

  plugin_folder_add (folder, modules[i].name, scheme, 0);
  assert_fails (folder, modules[i].name, modules[i].code, file, modules[i].expected);
}

static void
test_missing_module (void)
{
  g_autoptr (PluginFolder) folder = make_folder ();

  plugin_folder_add_key_file (folder, "missing", "missing", 0, "1.0");
  assert_fails (folder, "missing", HVSOCK_ERROR_PLUGIN_INVALID, "missing." FIXTURE_SUFFIX,
                g_strerror (ENOENT));
}

static void
test_not_a_module (void)
{
  g_autoptr (PluginFolder) folder = make_folder ();

  plugin_folder_add_key_file (folder, "text", "text", 0, "1.0");
  plugin_folder_write (folder, "text." FIXTURE_SUFFIX, "This is no module.\n");
  assert_fails (folder, "text", HVSOCK_ERROR_PLUGIN_INVALID, "text." FIXTURE_SUFFIX, NULL);
}

static void
test_folder_for_module (void)
{
  g_autoptr (PluginFolder) folder = make_folder ();
  g_autofree char *module = plugin_folder_get_module (folder, "folder");

  plugin_folder_add_key_file (folder, "folder", "folder", 0, "1.0");
  g_assert_cmpint (g_mkdir (module, 0755), ==, 0);
  assert_fails (folder, "folder", HVSOCK_ERROR_PLUGIN_INVALID, "folder." FIXTURE_SUFFIX,
                "is not a file");
}

/* The module would serve, but what is said of it comes first. */
static void
test_key_file_abi (gconstpointer abi)
{
  g_autoptr (PluginFolder) folder = make_folder ();

  plugin_folder_add_key_file (folder, "unavailable", "unavailable", 0, abi);
  plugin_folder_link_module (folder, "unavailable");
  assert_fails (folder, "unavailable", HVSOCK_ERROR_PLUGIN_INCOMPATIBLE, "unavailable.plugin", abi);
}

static void
test_no_key_file (void)
{
  g_autoptr (PluginFolder) folder = make_folder ();
  g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);
  g_autoptr (GPtrArray) plugins = NULL;
  g_autoptr (GError) error = NULL;

  plugin_folder_link_module (folder, "unavailable");
  plugins = hvsock_registry_list_plugins (registry);
  g_assert_cmpuint (plugins->len, ==, 1);
  g_assert_null (hvsock_registry_lookup (registry, "unavailable", NULL, &error));
  g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_NO_TRANSPORT);
  assert_good_serves (registry);
}

static const struct
{
  const char *path;
  const char *contents;
} key_files[] = {
  { "/plugin/failures/key-file/not-one", "\177ELF" },
  { "/plugin/failures/key-file/no-group", "[Other]\nName=bad\n" },
  { "/plugin/failures/key-file/no-name", "[Plugin]\nVersion=1\nSchemes=other\nAbi=1.0\n" },
  { "/plugin/failures/key-file/bad-scheme",
    "[Plugin]\nName=bad\nVersion=1\nSchemes=B/D\nAbi=1.0\n" },
  { "/plugin/failures/key-file/bad-abi",
    "[Plugin]\nName=bad\nVersion=1\nSchemes=other\nAbi=one\n" },
};

/* A scheme that nobody serves: the message tells of the key files that could not be read, since one
 * of them might have. */
static void
test_key_file (gconstpointer data)
{
  g_autoptr (PluginFolder) folder = make_folder ();
  g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);
  g_autofree char *path = plugin_folder_get_file (folder, "bad.plugin");
  g_autoptr (GError) error = NULL;

  plugin_folder_write (folder, "bad.plugin", key_files[GPOINTER_TO_SIZE (data)].contents);
  assert_kept (find_plugin (registry, "bad"), HVSOCK_ERROR_PLUGIN_INVALID, path, "expected");

  g_assert_null (hvsock_registry_resolve (registry, "bad://x", NULL, NULL, &error));
  g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_NO_TRANSPORT);
  g_assert_nonnull (strstr (error->message, path));
  assert_good_serves (registry);
}

/* A key file that is not valid but names its scheme is that scheme's reason. */
static void
test_key_file_with_scheme (void)
{
  g_autoptr (PluginFolder) folder = make_folder ();

  plugin_folder_write (folder, "bad.plugin", "[Plugin]\nName=bad\nVersion=1\nSchemes=bad\n");
  assert_fails (folder, "bad", HVSOCK_ERROR_PLUGIN_INVALID, "bad.plugin", "key 'Abi'");
}

/* Of another registry in the same process, in a folder of its own. */
static void
test_second_copy (void)
{
  g_autoptr (PluginFolder) folder = make_folder ();
  g_autoptr (PluginFolder) other = plugin_folder_new ();
  g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);
  g_autoptr (HvsockRegistry) second = plugin_folder_open (other);
  g_autoptr (GError) error = NULL;

  plugin_folder_add_key_file (other, "good", "good", 0, "1.0");
  plugin_folder_copy_module (other, "good");
  assert_good_serves (registry);

  g_assert_null (hvsock_registry_resolve (second, "good://x", NULL, NULL, &error));
  g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_PLUGIN_INVALID);
  g_assert_nonnull (strstr (error->message, "the process has loaded another copy of it"));
  assert_good_serves (registry);
}

static void
test_shadowed (void)
{
  g_autoptr (PluginFolder) first = plugin_folder_new ();
  g_autoptr (PluginFolder) second = make_folder ();
  g_autofree char *search_path =
      g_strjoin (G_SEARCHPATH_SEPARATOR_S, first->path, second->path, NULL);
  g_autoptr (HvsockRegistry) registry = hvsock_registry_new_for_path (search_path);
  g_autofree char *shadow = plugin_folder_get_file (first, "good.plugin");
  g_autofree char *shadowed = plugin_folder_get_file (second, "good.plugin");
  g_autoptr (GPtrArray) plugins = NULL;

  plugin_folder_add (first, "good", "good", 0);
  plugins = hvsock_registry_list_plugins (registry);

  g_assert_cmpuint (plugins->len, ==, 2);
  assert_good_serves (registry);
  g_assert_cmpint (hvsock_plugin_info_get_state (plugins->pdata[0]), ==,
                   HVSOCK_PLUGIN_STATE_LOADED);
  assert_kept (plugins->pdata[1], HVSOCK_ERROR_PLUGIN_INVALID, shadowed, "is shadowed by");
  assert_kept (plugins->pdata[1], HVSOCK_ERROR_PLUGIN_INVALID, shadow, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (modules); i++)
    {
      g_autofree char *name = g_strdelimit (g_strdup (modules[i].name), "_", '-');
      g_autofree char *path = g_strconcat ("/plugin/failures/module/", name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_module);
    }

  for (gsize i = 0; i < G_N_ELEMENTS (key_files); i++)
    g_test_add_data_func (key_files[i].path, GSIZE_TO_POINTER (i), test_key_file);

  g_test_add_func ("/plugin/failures/module/missing", test_missing_module);
  g_test_add_func ("/plugin/failures/module/not-one", test_not_a_module);
  g_test_add_func ("/plugin/failures/module/folder", test_folder_for_module);
  g_test_add_func ("/plugin/failures/key-file/none", test_no_key_file);
  g_test_add_func ("/plugin/failures/key-file/with-scheme", test_key_file_with_scheme);
  g_test_add_data_func ("/plugin/failures/key-file/newer-minor", "1.1", test_key_file_abi);
  g_test_add_data_func ("/plugin/failures/key-file/newer-major", "2.0", test_key_file_abi);
  g_test_add_data_func ("/plugin/failures/key-file/older-major", "0.9", test_key_file_abi);
  g_test_add_func ("/plugin/second-copy", test_second_copy);
  g_test_add_func ("/plugin/failures/shadowed", test_shadowed);

  return g_test_run ();
}
