/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <hvsock/hvsock-plugin-info.h>
#include <hvsock/hvsock-transport.h>

G_BEGIN_DECLS

typedef struct _HvsockPluginSlot HvsockPluginSlot;

HvsockPluginSlot *hvsock_plugin_slot_new (HvsockPluginInfo *info);
void hvsock_plugin_slot_free (HvsockPluginSlot *self);
HvsockPluginInfo *hvsock_plugin_slot_get_info (HvsockPluginSlot *self);
HvsockTransport *hvsock_plugin_slot_get_available (HvsockPluginSlot *self);
HvsockProbe *hvsock_plugin_slot_probe (HvsockPluginSlot *self,
                                       guint timeout,
                                       gint64 deadline,
                                       GCancellable *cancellable,
                                       GError **error);
HvsockTransport *hvsock_plugin_slot_require (HvsockPluginSlot *self,
                                             guint timeout,
                                             gint64 deadline,
                                             GCancellable *cancellable,
                                             GError **error);

G_END_DECLS
