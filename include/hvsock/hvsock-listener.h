/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#if !defined(HVSOCK_INSIDE) && !defined(HVSOCK_COMPILATION)
#  error "Only <hvsock/hvsock.h> and <hvsock/hvsock-plugin.h> can be included directly."
#endif

#include <hvsock/hvsock-address.h>
#include <hvsock/hvsock-connection.h>

G_BEGIN_DECLS

#define HVSOCK_TYPE_LISTENER (hvsock_listener_get_type ())

HVSOCK_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (HvsockListener, hvsock_listener, HVSOCK, LISTENER, GObject)

struct _HvsockListenerClass
{
  GObjectClass parent_class;

  HvsockConnection *(*accept) (HvsockListener *self, GCancellable *cancellable, GError **error);
  void (*accept_async) (HvsockListener *self,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);
  HvsockConnection *(*accept_finish) (HvsockListener *self, GAsyncResult *result, GError **error);
  void (*close) (HvsockListener *self);

  /*< private >*/
  gpointer padding[8];
};

#ifdef G_OS_UNIX
HVSOCK_AVAILABLE_IN_1_0
HvsockListener *hvsock_listener_new_for_fd (int fd, HvsockAddress *local_address, GError **error);
#endif

HVSOCK_AVAILABLE_IN_1_0
HvsockConnection *hvsock_listener_accept (HvsockListener *self,
                                          GCancellable *cancellable,
                                          GError **error);

HVSOCK_AVAILABLE_IN_1_0
void hvsock_listener_accept_async (HvsockListener *self,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);

HVSOCK_AVAILABLE_IN_1_0
HvsockConnection *hvsock_listener_accept_finish (HvsockListener *self,
                                                 GAsyncResult *result,
                                                 GError **error);

HVSOCK_AVAILABLE_IN_1_0
void hvsock_listener_close (HvsockListener *self);

HVSOCK_AVAILABLE_IN_1_0
gboolean hvsock_listener_is_closed (HvsockListener *self);

HVSOCK_AVAILABLE_IN_1_0
HvsockAddress *hvsock_listener_get_local_address (HvsockListener *self);

HVSOCK_AVAILABLE_IN_1_0
gboolean hvsock_listener_can_half_close (HvsockListener *self);

G_END_DECLS
