/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#if !defined(HVSOCK_INSIDE) && !defined(HVSOCK_COMPILATION)
#  error "Only <hvsock/hvsock.h> and <hvsock/hvsock-plugin.h> can be included directly."
#endif

#include <hvsock/hvsock-address.h>

G_BEGIN_DECLS

#define HVSOCK_TYPE_UNIX_ADDRESS (hvsock_unix_address_get_type ())

HVSOCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (HvsockUnixAddress, hvsock_unix_address, HVSOCK, UNIX_ADDRESS, HvsockAddress)

HVSOCK_AVAILABLE_IN_1_0
HvsockAddress *hvsock_unix_address_new (const char *path);

HVSOCK_AVAILABLE_IN_1_0
HvsockAddress *hvsock_unix_address_new_from_uri (const char *uri, GError **error);

HVSOCK_AVAILABLE_IN_1_0
const char *hvsock_unix_address_get_path (HvsockUnixAddress *self);

G_END_DECLS
