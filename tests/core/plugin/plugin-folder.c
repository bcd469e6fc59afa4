/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Folders of plugins, put together from the fixtures for one test. A module is linked and not
 * copied, so that all folders lead to one file, which the process loads once: the types of a plugin
 * can be registered only once. */

#include "plugin-folder.h"

#include "plugin-folder-system.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <gmodule.h>

/* Its name has a blank and letters that are not ASCII. */
PluginFolder *
plugin_folder_new (void)
{
  g_autoptr (GError) error = NULL;
  PluginFolder *self = g_new0 (PluginFolder, 1);

  self->path = g_dir_make_tmp ("hvsock pl\303\274g\303\257ns XXXXXX", &error);
  g_assert_no_error (error);
  return self;
}

void
plugin_folder_free (PluginFolder *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = plugin_folder_get_file (self, name);

      plugin_folder_remove (path);
    }

  g_rmdir (self->path);
  g_free (self->path);
  g_free (self);
}

char *
plugin_folder_get_file (PluginFolder *self, const char *name)
{
  return g_build_filename (self->path, name, NULL);
}

char *
plugin_folder_get_module (PluginFolder *self, const char *name)
{
  g_autofree char *file = g_strconcat (name, "." FIXTURE_SUFFIX, NULL);

  return plugin_folder_get_file (self, file);
}

/* Whatever the umask is, only the owner may write the file. */
void
plugin_folder_write (PluginFolder *self, const char *name, const char *contents)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = plugin_folder_get_file (self, name);

  g_file_set_contents (path, contents, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
}

void
plugin_folder_add_key_file (PluginFolder *self,
                            const char *name,
                            const char *schemes,
                            int priority,
                            const char *abi)
{
  g_autofree char *file = g_strconcat (name, ".plugin", NULL);
  g_autofree char *contents = g_strdup_printf ("[Plugin]\n"
                                               "Name=%s\n"
                                               "Version=1.0\n"
                                               "Description=A fixture\n"
                                               "Schemes=%s;\n"
                                               "Priority=%d\n"
                                               "Abi=%s\n",
                                               name, schemes, priority, abi);

  plugin_folder_write (self, file, contents);
}

static char *
get_fixture (const char *name)
{
  g_autofree char *file = g_strconcat (name, "." FIXTURE_SUFFIX, NULL);

  return plugin_folder_find_fixture (file);
}

void
plugin_folder_link_module (PluginFolder *self, const char *name)
{
  g_autofree char *fixture = get_fixture (name);
  g_autofree char *module = plugin_folder_get_module (self, name);

  plugin_folder_link (fixture, module);
}

void
plugin_folder_copy_module (PluginFolder *self, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *fixture = get_fixture (name);
  g_autofree char *module = plugin_folder_get_module (self, name);
  g_autofree char *contents = NULL;
  gsize length;

  g_file_get_contents (fixture, &contents, &length, &error);
  g_assert_no_error (error);
  g_file_set_contents (module, contents, length, &error);
  g_assert_no_error (error);
}

void
plugin_folder_add (PluginFolder *self, const char *name, const char *schemes, int priority)
{
  plugin_folder_add_key_file (self, name, schemes, priority, "1.0");
  plugin_folder_link_module (self, name);
}

HvsockRegistry *
plugin_folder_open (PluginFolder *self)
{
  return hvsock_registry_new_for_path (self->path);
}

/* The plugin that is listed under @name, which the registry keeps alive. */
HvsockPluginInfo *
find_plugin (HvsockRegistry *registry, const char *name)
{
  g_autoptr (GPtrArray) plugins = hvsock_registry_list_plugins (registry);

  for (guint i = 0; i < plugins->len; i++)
    if (g_str_equal (hvsock_plugin_info_get_name (plugins->pdata[i]), name))
      return plugins->pdata[i];

  g_assert_not_reached ();
}

/* A function that @fixture exports. The module stays loaded. */
gpointer
find_fixture_symbol (const char *fixture, const char *symbol)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = get_fixture (fixture);
  GModule *module = g_module_open_full (path, G_MODULE_BIND_LOCAL, &error);
  gpointer function = NULL;

  g_assert_no_error (error);
  g_module_make_resident (module);
  g_assert_true (g_module_symbol (module, symbol, &function));
  return function;
}

void
store_result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **slot = user_data;

  g_assert_null (*slot);
  *slot = g_object_ref (result);
}

GAsyncResult *
wait_for_result (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);

  return *result;
}
