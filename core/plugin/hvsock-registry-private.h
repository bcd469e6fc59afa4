/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <hvsock/hvsock-registry.h>

G_BEGIN_DECLS

gboolean hvsock_registry_has_plugin (HvsockRegistry *self, HvsockPluginInfo *plugin);
HvsockTransport *hvsock_registry_resolve_before (HvsockRegistry *self,
                                                 const char *uri,
                                                 gint64 deadline,
                                                 HvsockAddress **address,
                                                 GCancellable *cancellable,
                                                 GError **error);
void hvsock_registry_resolve_before_async (HvsockRegistry *self,
                                           const char *uri,
                                           gint64 deadline,
                                           GCancellable *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data);
HvsockTransport *hvsock_registry_try_resolve (HvsockRegistry *self,
                                              const char *uri,
                                              HvsockAddress **address,
                                              GError **error);

G_END_DECLS
