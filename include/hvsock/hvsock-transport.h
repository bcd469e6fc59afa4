/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#if !defined(HVSOCK_INSIDE) && !defined(HVSOCK_COMPILATION)
#  error "Only <hvsock/hvsock.h> and <hvsock/hvsock-plugin.h> can be included directly."
#endif

#include <hvsock/hvsock-address.h>
#include <hvsock/hvsock-connection.h>
#include <hvsock/hvsock-listener.h>
#include <hvsock/hvsock-probe.h>

G_BEGIN_DECLS

#define HVSOCK_TYPE_TRANSPORT (hvsock_transport_get_type ())

HVSOCK_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (HvsockTransport, hvsock_transport, HVSOCK, TRANSPORT, GObject)

struct _HvsockTransportClass
{
  GObjectClass parent_class;

  HvsockAddress *(*parse_address) (HvsockTransport *self, const char *uri, GError **error);
  HvsockProbe *(*probe) (HvsockTransport *self, GCancellable *cancellable);
  void (*resolve_async) (HvsockTransport *self,
                         HvsockAddress *address,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data);
  HvsockAddress *(*resolve_finish) (HvsockTransport *self, GAsyncResult *result, GError **error);
  HvsockConnection *(*connect) (HvsockTransport *self,
                                HvsockAddress *address,
                                guint timeout,
                                GCancellable *cancellable,
                                GError **error);
  void (*connect_async) (HvsockTransport *self,
                         HvsockAddress *address,
                         guint timeout,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data);
  HvsockConnection *(*connect_finish) (HvsockTransport *self, GAsyncResult *result, GError **error);
  HvsockListener *(*listen) (HvsockTransport *self,
                             HvsockAddress *address,
                             GCancellable *cancellable,
                             GError **error);

  guint refusal_timeout;

  gboolean (*has_name) (HvsockTransport *self, HvsockAddress *address);

  /*< private >*/
  gpointer padding[10];
};

HVSOCK_AVAILABLE_IN_1_0
const char *hvsock_transport_get_name (HvsockTransport *self);

HVSOCK_AVAILABLE_IN_1_0
HvsockAddress *hvsock_transport_parse_address (HvsockTransport *self,
                                               const char *uri,
                                               GError **error);

HVSOCK_AVAILABLE_IN_1_0
HvsockProbe *hvsock_transport_probe (HvsockTransport *self, GCancellable *cancellable);

HVSOCK_AVAILABLE_IN_1_0
HvsockAddress *hvsock_transport_resolve (HvsockTransport *self,
                                         HvsockAddress *address,
                                         guint timeout,
                                         GCancellable *cancellable,
                                         GError **error);

HVSOCK_AVAILABLE_IN_1_0
void hvsock_transport_resolve_async (HvsockTransport *self,
                                     HvsockAddress *address,
                                     guint timeout,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);

HVSOCK_AVAILABLE_IN_1_0
HvsockAddress *hvsock_transport_resolve_finish (HvsockTransport *self,
                                                GAsyncResult *result,
                                                GError **error);

HVSOCK_AVAILABLE_IN_1_0
HvsockConnection *hvsock_transport_connect (HvsockTransport *self,
                                            HvsockAddress *address,
                                            guint timeout,
                                            GCancellable *cancellable,
                                            GError **error);

HVSOCK_AVAILABLE_IN_1_0
void hvsock_transport_connect_async (HvsockTransport *self,
                                     HvsockAddress *address,
                                     guint timeout,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);

HVSOCK_AVAILABLE_IN_1_0
HvsockConnection *hvsock_transport_connect_finish (HvsockTransport *self,
                                                   GAsyncResult *result,
                                                   GError **error);

HVSOCK_AVAILABLE_IN_1_0
HvsockListener *hvsock_transport_listen (HvsockTransport *self,
                                         HvsockAddress *address,
                                         GCancellable *cancellable,
                                         GError **error);

G_END_DECLS
