/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#if !defined(HVSOCK_INSIDE) && !defined(HVSOCK_COMPILATION)
#  error "Only <hvsock/hvsock.h> and <hvsock/hvsock-plugin.h> can be included directly."
#endif

#include <hvsock/hvsock-address.h>

G_BEGIN_DECLS

#define HVSOCK_TYPE_MUX_ADDRESS (hvsock_mux_address_get_type ())

HVSOCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (HvsockMuxAddress, hvsock_mux_address, HVSOCK, MUX_ADDRESS, HvsockAddress)

HVSOCK_AVAILABLE_IN_1_0
HvsockAddress *hvsock_mux_address_new (guint32 port, const char *path);

HVSOCK_AVAILABLE_IN_1_0
HvsockAddress *hvsock_mux_address_new_from_uri (const char *uri, GError **error);

HVSOCK_AVAILABLE_IN_1_0
guint32 hvsock_mux_address_get_port (HvsockMuxAddress *self);

HVSOCK_AVAILABLE_IN_1_0
const char *hvsock_mux_address_get_path (HvsockMuxAddress *self);

G_END_DECLS
