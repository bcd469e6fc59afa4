/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#if !defined(HVSOCK_INSIDE) && !defined(HVSOCK_COMPILATION)
#  error "Only <hvsock/hvsock.h> and <hvsock/hvsock-plugin.h> can be included directly."
#endif

#include <hvsock/hvsock-address.h>
#include <hvsock/hvsock-plugin-info.h>
#include <hvsock/hvsock-probe.h>
#include <hvsock/hvsock-transport.h>

G_BEGIN_DECLS

#define HVSOCK_TYPE_REGISTRY (hvsock_registry_get_type ())

HVSOCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (HvsockRegistry, hvsock_registry, HVSOCK, REGISTRY, GObject)

HVSOCK_AVAILABLE_IN_1_0
HvsockRegistry *hvsock_registry_get_default (void);

HVSOCK_AVAILABLE_IN_1_0
HvsockRegistry *hvsock_registry_new_for_path (const char *search_path);

HVSOCK_AVAILABLE_IN_1_0
GPtrArray *hvsock_registry_list_plugins (HvsockRegistry *self);

HVSOCK_AVAILABLE_IN_1_0
HvsockTransport *hvsock_registry_lookup (HvsockRegistry *self,
                                         const char *scheme,
                                         GCancellable *cancellable,
                                         GError **error);

HVSOCK_AVAILABLE_IN_1_0
HvsockTransport *hvsock_registry_resolve (HvsockRegistry *self,
                                          const char *uri,
                                          HvsockAddress **address,
                                          GCancellable *cancellable,
                                          GError **error);

HVSOCK_AVAILABLE_IN_1_0
void hvsock_registry_resolve_async (HvsockRegistry *self,
                                    const char *uri,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);

HVSOCK_AVAILABLE_IN_1_0
HvsockTransport *hvsock_registry_resolve_finish (HvsockRegistry *self,
                                                 GAsyncResult *result,
                                                 HvsockAddress **address,
                                                 GError **error);

HVSOCK_AVAILABLE_IN_1_0
HvsockProbe *hvsock_registry_probe (HvsockRegistry *self,
                                    HvsockPluginInfo *plugin,
                                    GCancellable *cancellable,
                                    GError **error);

HVSOCK_AVAILABLE_IN_1_0
void hvsock_registry_probe_async (HvsockRegistry *self,
                                  HvsockPluginInfo *plugin,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);

HVSOCK_AVAILABLE_IN_1_0
HvsockProbe *hvsock_registry_probe_finish (HvsockRegistry *self,
                                           GAsyncResult *result,
                                           GError **error);

G_END_DECLS
