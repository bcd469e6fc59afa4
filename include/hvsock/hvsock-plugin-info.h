/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#if !defined(HVSOCK_INSIDE) && !defined(HVSOCK_COMPILATION)
#  error "Only <hvsock/hvsock.h> and <hvsock/hvsock-plugin.h> can be included directly."
#endif

#include <gio/gio.h>
#include <hvsock/hvsock-visibility.h>

G_BEGIN_DECLS

typedef enum
{
  HVSOCK_PLUGIN_STATE_FOUND,
  HVSOCK_PLUGIN_STATE_LOADED,
  HVSOCK_PLUGIN_STATE_FAILED,
} HvsockPluginState;

#define HVSOCK_TYPE_PLUGIN_INFO (hvsock_plugin_info_get_type ())

HVSOCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (HvsockPluginInfo, hvsock_plugin_info, HVSOCK, PLUGIN_INFO, GObject)

HVSOCK_AVAILABLE_IN_1_0
const char *hvsock_plugin_info_get_name (HvsockPluginInfo *self);

HVSOCK_AVAILABLE_IN_1_0
const char *hvsock_plugin_info_get_version (HvsockPluginInfo *self);

HVSOCK_AVAILABLE_IN_1_0
const char *hvsock_plugin_info_get_description (HvsockPluginInfo *self);

HVSOCK_AVAILABLE_IN_1_0
const char *hvsock_plugin_info_get_path (HvsockPluginInfo *self);

HVSOCK_AVAILABLE_IN_1_0
const char *const *hvsock_plugin_info_get_schemes (HvsockPluginInfo *self);

HVSOCK_AVAILABLE_IN_1_0
int hvsock_plugin_info_get_priority (HvsockPluginInfo *self);

HVSOCK_AVAILABLE_IN_1_0
HvsockPluginState hvsock_plugin_info_get_state (HvsockPluginInfo *self);

HVSOCK_AVAILABLE_IN_1_0
GError *hvsock_plugin_info_dup_error (HvsockPluginInfo *self);

G_END_DECLS
