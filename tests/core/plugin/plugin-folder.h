/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <hvsock/hvsock.h>

G_BEGIN_DECLS

/* A folder for plugins that goes away at the end of its scope. */
typedef struct
{
  char *path;
} PluginFolder;

PluginFolder *plugin_folder_new (void);
void plugin_folder_free (PluginFolder *self);
char *plugin_folder_get_file (PluginFolder *self, const char *name);
char *plugin_folder_get_module (PluginFolder *self, const char *name);
void plugin_folder_write (PluginFolder *self, const char *name, const char *contents);
void plugin_folder_add_key_file (PluginFolder *self,
                                 const char *name,
                                 const char *schemes,
                                 int priority,
                                 const char *abi);
void plugin_folder_link_module (PluginFolder *self, const char *name);
void plugin_folder_copy_module (PluginFolder *self, const char *name);
void plugin_folder_add (PluginFolder *self, const char *name, const char *schemes, int priority);
HvsockRegistry *plugin_folder_open (PluginFolder *self);

HvsockPluginInfo *find_plugin (HvsockRegistry *registry, const char *name);
gpointer find_fixture_symbol (const char *fixture, const char *symbol);

void store_result_cb (GObject *source, GAsyncResult *result, gpointer user_data);
GAsyncResult *wait_for_result (GAsyncResult **result);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PluginFolder, plugin_folder_free)

G_END_DECLS
