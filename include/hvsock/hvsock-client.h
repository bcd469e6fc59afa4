/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#if !defined(HVSOCK_INSIDE) && !defined(HVSOCK_COMPILATION)
#  error "Only <hvsock/hvsock.h> and <hvsock/hvsock-plugin.h> can be included directly."
#endif

#include <hvsock/hvsock-connection.h>
#include <hvsock/hvsock-listener.h>
#include <hvsock/hvsock-registry.h>

G_BEGIN_DECLS

#define HVSOCK_TYPE_CLIENT (hvsock_client_get_type ())

HVSOCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (HvsockClient, hvsock_client, HVSOCK, CLIENT, GObject)

HVSOCK_AVAILABLE_IN_1_0
HvsockClient *hvsock_client_new (void);

HVSOCK_AVAILABLE_IN_1_0
HvsockRegistry *hvsock_client_get_registry (HvsockClient *self);

HVSOCK_AVAILABLE_IN_1_0
guint hvsock_client_get_timeout (HvsockClient *self);

HVSOCK_AVAILABLE_IN_1_0
void hvsock_client_set_timeout (HvsockClient *self, guint timeout);

HVSOCK_AVAILABLE_IN_1_0
guint hvsock_client_get_retry_interval (HvsockClient *self);

HVSOCK_AVAILABLE_IN_1_0
void hvsock_client_set_retry_interval (HvsockClient *self, guint retry_interval);

HVSOCK_AVAILABLE_IN_1_0
HvsockConnection *hvsock_client_connect (HvsockClient *self,
                                         const char *uri,
                                         GCancellable *cancellable,
                                         GError **error);

HVSOCK_AVAILABLE_IN_1_0
void hvsock_client_connect_async (HvsockClient *self,
                                  const char *uri,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);

HVSOCK_AVAILABLE_IN_1_0
HvsockConnection *hvsock_client_connect_finish (HvsockClient *self,
                                                GAsyncResult *result,
                                                GError **error);

HVSOCK_AVAILABLE_IN_1_0
HvsockListener *hvsock_client_listen (HvsockClient *self,
                                      const char *uri,
                                      GCancellable *cancellable,
                                      GError **error);

HVSOCK_AVAILABLE_IN_1_0
HvsockConnection *hvsock_connect (const char *uri, GCancellable *cancellable, GError **error);

HVSOCK_AVAILABLE_IN_1_0
void hvsock_connect_async (const char *uri,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);

HVSOCK_AVAILABLE_IN_1_0
HvsockConnection *hvsock_connect_finish (GAsyncResult *result, GError **error);

HVSOCK_AVAILABLE_IN_1_0
HvsockListener *hvsock_listen (const char *uri, GCancellable *cancellable, GError **error);

G_END_DECLS
