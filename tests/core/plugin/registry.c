/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Tests of the registry: what it finds, in which order, and who serves. */

#include "plugin-folder.h"

#include <errno.h>
#include <string.h>

static void
assert_served_by (HvsockRegistry *registry, const char *uri, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockAddress) address = NULL;
  g_autoptr (HvsockTransport) transport =
      hvsock_registry_resolve (registry, uri, &address, NULL, &error);
  g_autofree char *path = g_strconcat ("/", name, NULL);

  g_assert_no_error (error);
  g_assert_cmpstr (hvsock_transport_get_name (transport), ==, name);
  g_assert_cmpstr (hvsock_unix_address_get_path (HVSOCK_UNIX_ADDRESS (address)), ==, path);
}

static HvsockPluginState
get_state (HvsockRegistry *registry, const char *name)
{
  return hvsock_plugin_info_get_state (find_plugin (registry, name));
}

static void
test_list (void)
{
  g_autoptr (PluginFolder) first = plugin_folder_new ();
  g_autoptr (PluginFolder) second = plugin_folder_new ();
  g_autofree char *search_path =
      g_strjoin (G_SEARCHPATH_SEPARATOR_S, first->path, "/does/not/exist", second->path, NULL);
  g_autoptr (HvsockRegistry) registry = hvsock_registry_new_for_path (search_path);
  const char *const expected[] = { "hanging", "unavailable", "good", "shared_high" };
  g_autoptr (GPtrArray) plugins = NULL;

  plugin_folder_add (first, "unavailable", "unavailable", 0);
  plugin_folder_add (first, "hanging", "hanging", 0);
  plugin_folder_add (second, "shared_high", "shared", 0);
  plugin_folder_add (second, "good", "good", 0);
  plugin_folder_write (second, "README", "no plugin\n");
  plugin_folder_write (second, ".hidden.plugin", "no plugin\n");

  plugins = hvsock_registry_list_plugins (registry);
  g_assert_cmpuint (plugins->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < plugins->len; i++)
    {
      g_assert_cmpstr (hvsock_plugin_info_get_name (plugins->pdata[i]), ==, expected[i]);
      g_assert_cmpint (hvsock_plugin_info_get_state (plugins->pdata[i]), ==,
                       HVSOCK_PLUGIN_STATE_FOUND);
    }
}

static void
test_info (void)
{
  g_autoptr (PluginFolder) folder = plugin_folder_new ();
  g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);
  g_autofree char *module = plugin_folder_get_module (folder, "good");
  g_autofree char *name = NULL;
  g_autofree char *version = NULL;
  g_autofree char *description = NULL;
  g_autofree char *path = NULL;
  g_auto (GStrv) schemes = NULL;
  HvsockPluginState state;
  int priority;
  g_autoptr (GError) error = NULL;

  plugin_folder_add (folder, "good", "good", 3);
  g_object_get (find_plugin (registry, "good"), "name", &name, "version", &version, "description",
                &description, "path", &path, "schemes", &schemes, "priority", &priority, "state",
                &state, "error", &error, NULL);

  g_assert_cmpstr (name, ==, "good");
  g_assert_cmpstr (version, ==, "1.0");
  g_assert_cmpstr (description, ==, "A fixture");
  g_assert_cmpstr (path, ==, module);
  g_assert_cmpuint (g_strv_length (schemes), ==, 1);
  g_assert_cmpstr (schemes[0], ==, "good");
  g_assert_cmpint (priority, ==, 3);
  g_assert_cmpint (state, ==, HVSOCK_PLUGIN_STATE_FOUND);
  g_assert_no_error (error);
}

static void
test_scheme_case (void)
{
  g_autoptr (PluginFolder) folder = plugin_folder_new ();
  g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);
  g_autoptr (HvsockTransport) transport = NULL;
  g_autoptr (GError) error = NULL;

  plugin_folder_add (folder, "good", "good", 0);
  assert_served_by (registry, "good://x", "good");
  assert_served_by (registry, "GooD://x", "good");
  /* What follows the scheme is the plugin's own. */
  assert_served_by (registry, "good:any thing", "good");
  assert_served_by (registry, "good:", "good");

  transport = hvsock_registry_lookup (registry, "GOOD", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (hvsock_transport_get_name (transport), ==, "good");
}

static void
test_no_scheme (void)
{
  g_autoptr (HvsockRegistry) registry = hvsock_registry_new_for_path ("");
  const char *const uris[] = { "", "good", "//good", "1good://x", "g ood://x", ":x" };

  for (gsize i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (HvsockAddress) address = NULL;

      g_assert_null (hvsock_registry_resolve (registry, uris[i], &address, NULL, &error));
      g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI);
      g_assert_null (address);
    }
}

static void
test_no_transport (void)
{
  g_autoptr (PluginFolder) folder = plugin_folder_new ();
  g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);
  g_autoptr (HvsockRegistry) empty = hvsock_registry_new_for_path ("");
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) empty_error = NULL;

  plugin_folder_add (folder, "good", "good", 0);
  plugin_folder_add (folder, "shared_low", "shared", 0);

  g_assert_null (hvsock_registry_resolve (registry, "other://x", NULL, NULL, &error));
  g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_NO_TRANSPORT);
  g_assert_nonnull (strstr (error->message, "cannot resolve 'other://x'"));
  g_assert_nonnull (strstr (error->message, "scheme 'other'"));
  g_assert_nonnull (strstr (error->message, folder->path));
  g_assert_nonnull (strstr (error->message, "known schemes: good shared"));

  g_assert_null (hvsock_registry_lookup (empty, "other", NULL, &empty_error));
  g_assert_error (empty_error, HVSOCK_ERROR, HVSOCK_ERROR_NO_TRANSPORT);
  g_assert_nonnull (strstr (empty_error->message, "no plugin was found"));
}

/* Something else than a folder in the search path is told to who misses a plugin. */
static void
test_unreadable_folder (void)
{
  g_autoptr (PluginFolder) folder = plugin_folder_new ();
  g_autofree char *file = plugin_folder_get_file (folder, "file");
  g_autofree char *search_path = g_strjoin (G_SEARCHPATH_SEPARATOR_S, file, folder->path, NULL);
  g_autoptr (HvsockRegistry) registry = hvsock_registry_new_for_path (search_path);
  g_autoptr (GError) error = NULL;

  plugin_folder_write (folder, "file", "no folder\n");
  plugin_folder_add (folder, "good", "good", 0);

  assert_served_by (registry, "good://x", "good");
  g_assert_null (hvsock_registry_lookup (registry, "other", NULL, &error));
  g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_NO_TRANSPORT);
  g_assert_nonnull (strstr (error->message, g_strerror (ENOTDIR)));
}

static void
test_priority (void)
{
  const struct
  {
    int high;
    int low;
    const char *winner;
  } cases[] = {
    { 1, 0, "shared_high" },
    { 0, 1, "shared_low" },
    { 0, 0, "shared_high" },
    { -2, -1, "shared_low" },
    { G_MAXINT, G_MININT, "shared_high" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PluginFolder) folder = plugin_folder_new ();
      g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);
      const char *loser =
          g_str_equal (cases[i].winner, "shared_high") ? "shared_low" : "shared_high";
      g_autoptr (HvsockTransport) transport = NULL;
      g_autoptr (GError) error = NULL;

      plugin_folder_add (folder, "shared_high", "shared", cases[i].high);
      plugin_folder_add (folder, "shared_low", "shared", cases[i].low);

      assert_served_by (registry, "shared://x", cases[i].winner);
      transport = hvsock_registry_lookup (registry, "shared", NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (hvsock_transport_get_name (transport), ==, cases[i].winner);
      g_assert_cmpint (get_state (registry, cases[i].winner), ==, HVSOCK_PLUGIN_STATE_LOADED);
      g_assert_cmpint (get_state (registry, loser), ==, HVSOCK_PLUGIN_STATE_FOUND);
    }
}

/* One that refuses the URI, fails to load, or is not available leaves it to the next. */
static void
test_next_candidate (void)
{
  g_autoptr (PluginFolder) folder = plugin_folder_new ();
  g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);

  plugin_folder_add_key_file (folder, "missing", "shared", 30, "1.0");
  plugin_folder_add (folder, "unavailable", "shared", 20);
  plugin_folder_add (folder, "shared_high", "shared", 10);
  plugin_folder_add (folder, "shared_low", "shared", 0);

  assert_served_by (registry, "shared://x", "shared_high");
  assert_served_by (registry, "shared://not-shared_high", "shared_low");
  g_assert_cmpint (get_state (registry, "missing"), ==, HVSOCK_PLUGIN_STATE_FAILED);
  g_assert_cmpint (get_state (registry, "unavailable"), ==, HVSOCK_PLUGIN_STATE_LOADED);
}

static void
test_uri_refused_by_one (void)
{
  g_autoptr (PluginFolder) folder = plugin_folder_new ();
  g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);
  g_autoptr (HvsockAddress) address = NULL;
  g_autoptr (GError) error = NULL;

  plugin_folder_add (folder, "good", "good", 0);
  g_assert_null (hvsock_registry_resolve (registry, "good://not-good", &address, NULL, &error));
  g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI);
  g_assert_cmpstr (error->message, ==, "invalid URI 'good://not-good': expected no 'not-good'");
  g_assert_null (address);
}

static void
test_uri_refused_by_all (void)
{
  g_autoptr (PluginFolder) folder = plugin_folder_new ();
  g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);
  g_autoptr (GError) error = NULL;

  plugin_folder_add (folder, "shared_high", "shared", 0);
  plugin_folder_add (folder, "shared_low", "shared", 0);
  g_assert_null (hvsock_registry_resolve (registry, "shared://not-shared_high-not-shared_low", NULL,
                                          NULL, &error));
  g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI);
  g_assert_nonnull (strstr (error->message, "expected no 'not-shared_high'"));
  g_assert_nonnull (strstr (error->message, "expected no 'not-shared_low'"));
}

static void
test_all_reasons (void)
{
  g_autoptr (PluginFolder) folder = plugin_folder_new ();
  g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);
  g_autoptr (GError) error = NULL;

  plugin_folder_add_key_file (folder, "missing", "shared", 0, "1.0");
  plugin_folder_add (folder, "unavailable", "shared", 0);
  plugin_folder_add (folder, "shared_low", "shared", 0);
  g_assert_null (hvsock_registry_resolve (registry, "shared://not-shared_low", NULL, NULL, &error));
  g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "plugin 'missing'"));
  g_assert_nonnull (strstr (error->message, "the machine has no such device: insert one"));
  g_assert_nonnull (strstr (error->message, "expected no 'not-shared_low'"));
}

static void
test_hundred_plugins (void)
{
  g_autoptr (PluginFolder) folder = plugin_folder_new ();
  g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);
  g_autoptr (GPtrArray) plugins = NULL;

  plugin_folder_add (folder, "good", "good", 0);
  for (int i = 1; i < 100; i++)
    {
      g_autofree char *name = g_strdup_printf ("other_%d", i);
      g_autofree char *scheme = g_strdup_printf ("other-%d", i);

      plugin_folder_add_key_file (folder, name, scheme, i, "1.0");
    }

  assert_served_by (registry, "good://x", "good");
  plugins = hvsock_registry_list_plugins (registry);
  g_assert_cmpuint (plugins->len, ==, 100);
  for (guint i = 0; i < plugins->len; i++)
    {
      gboolean is_good = g_str_equal (hvsock_plugin_info_get_name (plugins->pdata[i]), "good");

      g_assert_cmpint (hvsock_plugin_info_get_state (plugins->pdata[i]), ==,
                       is_good ? HVSOCK_PLUGIN_STATE_LOADED : HVSOCK_PLUGIN_STATE_FOUND);
    }
}

static gpointer
resolve_cb (gpointer registry)
{
  g_autoptr (GError) error = NULL;
  HvsockTransport *transport = hvsock_registry_resolve (registry, "good://x", NULL, NULL, &error);

  g_assert_no_error (error);
  return transport;
}

static void
test_threads (void)
{
  int (*count_instances) (void) = find_fixture_symbol ("good", "fixture_count_instances");
  g_autoptr (PluginFolder) folder = plugin_folder_new ();
  g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);
  g_autoptr (HvsockTransport) transport = NULL;
  GThread *threads[8];
  int before;

  plugin_folder_add (folder, "good", "good", 0);
  before = count_instances ();

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("resolve", resolve_cb, registry);

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      g_autoptr (HvsockTransport) found = g_thread_join (threads[i]);

      if (i == 0)
        g_set_object (&transport, found);
      g_assert_true (found == transport);
    }

  g_assert_cmpint (count_instances (), ==, before + 1);
}

/* The default registry is one for the process, so this needs a process of its own. */
static void
test_default (void)
{
  g_autoptr (PluginFolder) folder = NULL;

  if (g_test_subprocess ())
    {
      g_assert_true (hvsock_registry_get_default () == hvsock_registry_get_default ());
      assert_served_by (hvsock_registry_get_default (), "good://x", "good");
      return;
    }

  folder = plugin_folder_new ();
  plugin_folder_add (folder, "good", "good", 0);
  g_setenv ("HVSOCK_PLUGIN_PATH", folder->path, TRUE);
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/registry/list", test_list);
  g_test_add_func ("/registry/info", test_info);
  g_test_add_func ("/registry/scheme-case", test_scheme_case);
  g_test_add_func ("/registry/no-scheme", test_no_scheme);
  g_test_add_func ("/registry/no-transport", test_no_transport);
  g_test_add_func ("/registry/unreadable-folder", test_unreadable_folder);
  g_test_add_func ("/registry/priority", test_priority);
  g_test_add_func ("/registry/next-candidate", test_next_candidate);
  g_test_add_func ("/registry/uri-refused/by-one", test_uri_refused_by_one);
  g_test_add_func ("/registry/uri-refused/by-all", test_uri_refused_by_all);
  g_test_add_func ("/registry/all-reasons", test_all_reasons);
  g_test_add_func ("/registry/hundred-plugins", test_hundred_plugins);
  g_test_add_func ("/registry/threads", test_threads);
  g_test_add_func ("/registry/default", test_default);

  return g_test_run ();
}
