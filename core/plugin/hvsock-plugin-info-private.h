/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include "plugin/hvsock-key-file-private.h"

#include <hvsock/hvsock-plugin-info.h>

G_BEGIN_DECLS

HvsockPluginInfo *hvsock_plugin_info_new (HvsockKeyFile *key_file);
const HvsockKeyFile *hvsock_plugin_info_get_key_file (HvsockPluginInfo *self);
void hvsock_plugin_info_set_loaded (HvsockPluginInfo *self);
void hvsock_plugin_info_set_unavailable (HvsockPluginInfo *self, const GError *error);
void hvsock_plugin_info_set_failed (HvsockPluginInfo *self, const GError *error);

G_END_DECLS
