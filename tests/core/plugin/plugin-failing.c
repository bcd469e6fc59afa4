/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What is expected of a registry when a plugin is wrong. */

#include "plugin-failing.h"

#include <string.h>

/* The folder of a case holds the plugin in question, and beside it one with nothing wrong. */
PluginFolder *
make_folder (void)
{
  PluginFolder *folder = plugin_folder_new ();

  plugin_folder_add (folder, "good", "good", 0);
  return folder;
}

void
assert_good_serves (HvsockRegistry *registry)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockTransport) transport =
      hvsock_registry_resolve (registry, "good://x", NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (hvsock_transport_get_name (transport), ==, "good");
  g_assert_cmpint (hvsock_plugin_info_get_state (find_plugin (registry, "good")), ==,
                   HVSOCK_PLUGIN_STATE_LOADED);
}

void
assert_kept (HvsockPluginInfo *info, int code, const char *file, const char *expected)
{
  g_autoptr (GError) error = hvsock_plugin_info_dup_error (info);

  g_assert_error (error, HVSOCK_ERROR, code);
  g_assert_cmpint (hvsock_plugin_info_get_state (info), ==, HVSOCK_PLUGIN_STATE_FAILED);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, file));
  if (expected != NULL)
    g_assert_nonnull (strstr (error->message, expected));
}

/* Asks for the plugin three ways, twice each: what failed once fails again in the same way. */
void
assert_fails (PluginFolder *folder,
              const char *name,
              int code,
              const char *file_name,
              const char *expected)
{
  g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);
  g_autofree char *file = plugin_folder_get_file (folder, file_name);
  g_autofree char *uri = g_strconcat (name, "://x", NULL);
  HvsockPluginInfo *info = find_plugin (registry, name);
  g_autofree char *scheme = g_strdelimit (g_strdup (name), "_", '-');

  g_strdelimit (uri, "_", '-');
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GError) resolve_error = NULL;
      g_autoptr (GError) lookup_error = NULL;
      g_autoptr (GError) probe_error = NULL;

      g_assert_null (hvsock_registry_resolve (registry, uri, NULL, NULL, &resolve_error));
      g_assert_error (resolve_error, HVSOCK_ERROR, code);
      g_assert_nonnull (strstr (resolve_error->message, uri));
      g_assert_nonnull (strstr (resolve_error->message, file));

      g_assert_null (hvsock_registry_lookup (registry, scheme, NULL, &lookup_error));
      g_assert_error (lookup_error, HVSOCK_ERROR, code);
      g_assert_nonnull (strstr (lookup_error->message, file));

      g_assert_null (hvsock_registry_probe (registry, info, NULL, &probe_error));
      g_assert_error (probe_error, HVSOCK_ERROR, code);
      assert_kept (info, code, file, expected);
    }

  assert_good_serves (registry);
}
