/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* From a search path, or from the environment and the built-in folder, to the list of folders that
 * hold plugins. No folder is looked into here. */

#include "plugin/hvsock-search-path-private.h"

#include "plugin/hvsock-builtin-folder-private.h"
#include "plugin/hvsock-secure-env-private.h"

/* A relative folder is made absolute at once, so that a later chdir() changes nothing, and a folder
 * that is named twice counts once. */
static void
add_folder (GPtrArray *folders, const char *name)
{
  g_autofree char *folder = g_canonicalize_filename (name, NULL);

  if (!g_ptr_array_find_with_equal_func (folders, folder, g_str_equal, NULL))
    g_ptr_array_add (folders, g_steal_pointer (&folder));
}

/* An empty element means the current folder in PATH. Here it means nothing, since nobody expects
 * that code is loaded from where he stands. */
static void
add_folders (GPtrArray *folders, const char *search_path)
{
  g_auto (GStrv) elements = g_strsplit (search_path, G_SEARCHPATH_SEPARATOR_S, -1);

  for (guint i = 0; elements[i] != NULL; i++)
    if (elements[i][0] != '\0')
      add_folder (folders, elements[i]);
}

static char **
finish_folders (GPtrArray *folders)
{
  g_ptr_array_add (folders, NULL);
  return (char **) g_ptr_array_free (folders, FALSE);
}

/* The folders of @search_path, in its order. */
char **
hvsock_search_path_split (const char *search_path)
{
  GPtrArray *folders = g_ptr_array_new ();

  add_folders (folders, search_path);
  return finish_folders (folders);
}

/* The folders of HVSOCK_PLUGIN_PATH, unless somebody with fewer rights may have set it, and then
 * the one where plugins are installed. */
char **
hvsock_search_path_get_default (void)
{
  const char *search_path = hvsock_secure_getenv ("HVSOCK_PLUGIN_PATH");
  g_autofree char *builtin_folder = hvsock_builtin_folder_get ();
  GPtrArray *folders = g_ptr_array_new ();

  if (search_path != NULL)
    add_folders (folders, search_path);

  add_folder (folders, builtin_folder);
  return finish_folders (folders);
}
