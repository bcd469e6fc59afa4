/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#if !defined(HVSOCK_INSIDE) && !defined(HVSOCK_COMPILATION)
#  error "Only <hvsock/hvsock.h> and <hvsock/hvsock-plugin.h> can be included directly."
#endif

#include <hvsock/hvsock-address.h>

G_BEGIN_DECLS

#define HVSOCK_TYPE_CONNECTION (hvsock_connection_get_type ())

HVSOCK_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (HvsockConnection, hvsock_connection, HVSOCK, CONNECTION, GIOStream)

struct _HvsockConnectionClass
{
  GIOStreamClass parent_class;

  HvsockAddress *(*query_local_address) (HvsockConnection *self);
  void (*set_timeout) (HvsockConnection *self, guint timeout);
  int (*get_fd) (HvsockConnection *self);
  gboolean (*shutdown) (HvsockConnection *self, gboolean read, gboolean write, GError **error);

  /*< private >*/
  gpointer padding[8];
};

HVSOCK_AVAILABLE_IN_1_0
HvsockAddress *hvsock_connection_get_local_address (HvsockConnection *self);

HVSOCK_AVAILABLE_IN_1_0
HvsockAddress *hvsock_connection_get_remote_address (HvsockConnection *self);

HVSOCK_AVAILABLE_IN_1_0
guint hvsock_connection_get_timeout (HvsockConnection *self);

HVSOCK_AVAILABLE_IN_1_0
void hvsock_connection_set_timeout (HvsockConnection *self, guint timeout);

HVSOCK_AVAILABLE_IN_1_0
int hvsock_connection_get_fd (HvsockConnection *self);

HVSOCK_AVAILABLE_IN_1_0
gboolean hvsock_connection_can_half_close (HvsockConnection *self);

HVSOCK_AVAILABLE_IN_1_0
gboolean hvsock_connection_shutdown (HvsockConnection *self,
                                     gboolean read,
                                     gboolean write,
                                     GError **error);

G_END_DECLS
