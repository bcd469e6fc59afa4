/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#if !defined(HVSOCK_INSIDE) && !defined(HVSOCK_COMPILATION)
#  error "Only <hvsock/hvsock.h> and <hvsock/hvsock-plugin.h> can be included directly."
#endif

#include <hvsock/hvsock-listener.h>

G_BEGIN_DECLS

#define HVSOCK_TYPE_SERVICE (hvsock_service_get_type ())

HVSOCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (HvsockService, hvsock_service, HVSOCK, SERVICE, GObject)

HVSOCK_AVAILABLE_IN_1_0
HvsockService *hvsock_service_new (void);
HVSOCK_AVAILABLE_IN_1_0
HvsockService *hvsock_service_new_threaded (int max_threads);

HVSOCK_AVAILABLE_IN_1_0
HvsockListener *hvsock_service_listen (HvsockService *self, const char *uri, GError **error);
HVSOCK_AVAILABLE_IN_1_0
void hvsock_service_add_listener (HvsockService *self, HvsockListener *listener);
HVSOCK_AVAILABLE_IN_1_0
gboolean hvsock_service_set_allowed_peers (HvsockService *self,
                                           const char *const *rules,
                                           GError **error);

HVSOCK_AVAILABLE_IN_1_0
void hvsock_service_start (HvsockService *self);
HVSOCK_AVAILABLE_IN_1_0
void hvsock_service_stop (HvsockService *self);
HVSOCK_AVAILABLE_IN_1_0
gboolean hvsock_service_is_started (HvsockService *self);
HVSOCK_AVAILABLE_IN_1_0
void hvsock_service_drain_async (HvsockService *self,
                                 guint timeout,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
HVSOCK_AVAILABLE_IN_1_0
gboolean hvsock_service_drain_finish (HvsockService *self, GAsyncResult *result, GError **error);

HVSOCK_AVAILABLE_IN_1_0
guint hvsock_service_get_max_connections (HvsockService *self);
HVSOCK_AVAILABLE_IN_1_0
void hvsock_service_set_max_connections (HvsockService *self, guint max_connections);
HVSOCK_AVAILABLE_IN_1_0
guint hvsock_service_get_max_per_peer (HvsockService *self);
HVSOCK_AVAILABLE_IN_1_0
void hvsock_service_set_max_per_peer (HvsockService *self, guint max_per_peer);
HVSOCK_AVAILABLE_IN_1_0
guint hvsock_service_get_first_byte_timeout (HvsockService *self);
HVSOCK_AVAILABLE_IN_1_0
void hvsock_service_set_first_byte_timeout (HvsockService *self, guint first_byte_timeout);

HVSOCK_AVAILABLE_IN_1_0
guint hvsock_service_get_n_active (HvsockService *self);
HVSOCK_AVAILABLE_IN_1_0
guint64 hvsock_service_get_n_accepted (HvsockService *self);
HVSOCK_AVAILABLE_IN_1_0
guint64 hvsock_service_get_n_refused (HvsockService *self);
HVSOCK_AVAILABLE_IN_1_0
guint64 hvsock_service_get_n_silent (HvsockService *self);

G_END_DECLS
