/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What a scan of the folders found, by folder and by scheme. It is made in one go by reading key
 * files only, and does not change afterwards, so that it is read without a lock. */

#include "plugin/hvsock-catalog-private.h"

#include "plugin/hvsock-plugin-info-private.h"

#include <hvsock/hvsock-error.h>

#include <string.h>

struct _HvsockCatalog
{
  const char *const *folders;
  GPtrArray *slots;
  /* Name to the slot that is not hidden. */
  GHashTable *names;
  /* Scheme to the array of its slots, the best first. */
  GHashTable *schemes;
  /* What keeps a plugin from being found: a message each. */
  GPtrArray *problems;
};

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *
list_key_files (HvsockCatalog *self, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  if (dir == NULL && !g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    {
      g_debug ("plugin folder is skipped: %s", error->message);
      g_ptr_array_add (self->problems, g_strdup (error->message));
    }

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".plugin") && name[0] != '.')
      g_ptr_array_add (names, g_strdup (name));

  g_ptr_array_sort (names, compare_names);
  return names;
}

static void
add_to_schemes (HvsockCatalog *self, HvsockPluginSlot *slot)
{
  const char *const *schemes = hvsock_plugin_info_get_schemes (hvsock_plugin_slot_get_info (slot));

  for (guint i = 0; schemes[i] != NULL; i++)
    {
      GPtrArray *candidates = g_hash_table_lookup (self->schemes, schemes[i]);

      if (candidates == NULL)
        {
          candidates = g_ptr_array_new ();
          g_hash_table_insert (self->schemes, g_strdup (schemes[i]), candidates);
        }

      g_ptr_array_add (candidates, slot);
    }
}

/* A plugin in an earlier folder hides one of the same name in a later folder, even when it cannot
 * be used itself: which of the two serves must not depend on what goes wrong. */
static void
add_plugin (HvsockCatalog *self, const char *path)
{
  HvsockKeyFile *key_file = hvsock_key_file_read (path);
  HvsockPluginSlot *shadow = g_hash_table_lookup (self->names, key_file->name);
  g_autoptr (HvsockPluginInfo) info = hvsock_plugin_info_new (key_file);
  HvsockPluginSlot *slot = hvsock_plugin_slot_new (info);

  if (shadow != NULL)
    {
      g_autoptr (GError) error = g_error_new (
          HVSOCK_ERROR, HVSOCK_ERROR_PLUGIN_INVALID, "plugin key file '%s' is shadowed by '%s'",
          path, hvsock_plugin_info_get_key_file (hvsock_plugin_slot_get_info (shadow))->path);

      hvsock_plugin_info_set_failed (info, error);
    }
  else
    {
      g_hash_table_insert (self->names, (char *) hvsock_plugin_info_get_name (info), slot);
      add_to_schemes (self, slot);
      if (key_file->error != NULL)
        g_ptr_array_add (self->problems, g_strdup (key_file->error->message));
    }

  g_ptr_array_add (self->slots, slot);
}

static int
compare_slots (gconstpointer a, gconstpointer b)
{
  HvsockPluginInfo *one = hvsock_plugin_slot_get_info (*(HvsockPluginSlot *const *) a);
  HvsockPluginInfo *other = hvsock_plugin_slot_get_info (*(HvsockPluginSlot *const *) b);
  int priority = hvsock_plugin_info_get_priority (one);
  int other_priority = hvsock_plugin_info_get_priority (other);

  if (priority != other_priority)
    return priority > other_priority ? -1 : 1;

  return strcmp (hvsock_plugin_info_get_name (one), hvsock_plugin_info_get_name (other));
}

/* Reads the key files of @folders, which must outlive the catalog. */
HvsockCatalog *
hvsock_catalog_new (const char *const *folders)
{
  HvsockCatalog *self = g_new0 (HvsockCatalog, 1);
  GHashTableIter schemes;
  gpointer candidates;

  self->folders = folders;
  self->slots = g_ptr_array_new_with_free_func ((GDestroyNotify) hvsock_plugin_slot_free);
  self->names = g_hash_table_new (g_str_hash, g_str_equal);
  self->schemes =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->problems = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; folders[i] != NULL; i++)
    {
      g_autoptr (GPtrArray) names = list_key_files (self, folders[i]);

      for (guint j = 0; j < names->len; j++)
        {
          g_autofree char *path = g_build_filename (folders[i], names->pdata[j], NULL);

          add_plugin (self, path);
        }
    }

  g_hash_table_iter_init (&schemes, self->schemes);
  while (g_hash_table_iter_next (&schemes, NULL, &candidates))
    g_ptr_array_sort (candidates, compare_slots);

  return self;
}

void
hvsock_catalog_free (HvsockCatalog *self)
{
  g_hash_table_unref (self->names);
  g_hash_table_unref (self->schemes);
  g_ptr_array_unref (self->slots);
  g_ptr_array_unref (self->problems);
  g_free (self);
}

/* All plugins, in the order of their folders and names. The array is the caller's. */
GPtrArray *
hvsock_catalog_list_plugins (HvsockCatalog *self)
{
  GPtrArray *plugins = g_ptr_array_new_full (self->slots->len, g_object_unref);

  for (guint i = 0; i < self->slots->len; i++)
    g_ptr_array_add (plugins, g_object_ref (hvsock_plugin_slot_get_info (self->slots->pdata[i])));

  return plugins;
}

/* The slot of @info, or %NULL when it is another registry's. */
HvsockPluginSlot *
hvsock_catalog_find (HvsockCatalog *self, HvsockPluginInfo *info)
{
  for (guint i = 0; i < self->slots->len; i++)
    if (hvsock_plugin_slot_get_info (self->slots->pdata[i]) == info)
      return self->slots->pdata[i];

  return NULL;
}

/* The slots that claim @scheme, the best first, or %NULL. */
const GPtrArray *
hvsock_catalog_get_candidates (HvsockCatalog *self, const char *scheme)
{
  return g_hash_table_lookup (self->schemes, scheme);
}

/* Where was searched and what was found, as the end of a message about what was not. */
char *
hvsock_catalog_describe (HvsockCatalog *self)
{
  GString *text = g_string_new (NULL);
  g_autofree char *folders = g_strjoinv (", ", (char **) self->folders);
  g_autoptr (GList) schemes = g_hash_table_get_keys (self->schemes);

  schemes = g_list_sort (schemes, (GCompareFunc) strcmp);

  g_string_append_printf (text, "searched %s; ", folders[0] != '\0' ? folders : "no folder");
  g_string_append (text, schemes != NULL ? "known schemes:" : "no plugin was found");
  for (GList *link = schemes; link != NULL; link = link->next)
    g_string_append_printf (text, " %s", (const char *) link->data);

  for (guint i = 0; i < self->problems->len; i++)
    g_string_append_printf (text, "; %s", (const char *) self->problems->pdata[i]);

  return g_string_free (text, FALSE);
}
