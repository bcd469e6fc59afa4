/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#if !defined(HVSOCK_INSIDE) && !defined(HVSOCK_COMPILATION)
#  error "Only <hvsock/hvsock.h> and <hvsock/hvsock-plugin.h> can be included directly."
#endif

#include <gio/gio.h>
#include <hvsock/hvsock-visibility.h>

G_BEGIN_DECLS

#define HVSOCK_TYPE_ADDRESS (hvsock_address_get_type ())

HVSOCK_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (HvsockAddress, hvsock_address, HVSOCK, ADDRESS, GSocketAddress)

struct _HvsockAddressClass
{
  GSocketAddressClass parent_class;

  char *(*to_uri) (HvsockAddress *self);
  gboolean (*is_listen_only) (HvsockAddress *self);
  gboolean (*is_connect_only) (HvsockAddress *self);

  /*< private >*/
  gpointer padding[7];
};

HVSOCK_AVAILABLE_IN_1_0
HvsockAddress *hvsock_address_new_from_uri (const char *uri, GError **error);

HVSOCK_AVAILABLE_IN_1_0
HvsockAddress *hvsock_address_new_from_native (gconstpointer native, gsize length);

HVSOCK_AVAILABLE_IN_1_0
char *hvsock_address_to_uri (HvsockAddress *self);

HVSOCK_AVAILABLE_IN_1_0
gboolean hvsock_address_is_listen_only (HvsockAddress *self);

HVSOCK_AVAILABLE_IN_1_0
gboolean hvsock_address_is_connect_only (HvsockAddress *self);

HVSOCK_AVAILABLE_IN_1_0
gboolean hvsock_address_is_framed (HvsockAddress *self);

HVSOCK_AVAILABLE_IN_1_0
gboolean hvsock_address_equal (gconstpointer a, gconstpointer b);

HVSOCK_AVAILABLE_IN_1_0
guint hvsock_address_hash (gconstpointer address);

G_END_DECLS
