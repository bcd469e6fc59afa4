/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#if !defined(HVSOCK_INSIDE) && !defined(HVSOCK_COMPILATION)
#  error "Only <hvsock/hvsock.h> and <hvsock/hvsock-plugin.h> can be included directly."
#endif

#include <hvsock/hvsock-address.h>

G_BEGIN_DECLS

#define HVSOCK_HYPERKIT_DEFAULT_GUEST_CID 3u

#define HVSOCK_TYPE_HYPERKIT_ADDRESS      (hvsock_hyperkit_address_get_type ())

HVSOCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (HvsockHyperkitAddress,
                      hvsock_hyperkit_address,
                      HVSOCK,
                      HYPERKIT_ADDRESS,
                      HvsockAddress)

HVSOCK_AVAILABLE_IN_1_0
HvsockAddress *hvsock_hyperkit_address_new (guint32 guest_cid, guint32 port, const char *directory);

HVSOCK_AVAILABLE_IN_1_0
HvsockAddress *hvsock_hyperkit_address_new_from_uri (const char *uri, GError **error);

HVSOCK_AVAILABLE_IN_1_0
guint32 hvsock_hyperkit_address_get_guest_cid (HvsockHyperkitAddress *self);

HVSOCK_AVAILABLE_IN_1_0
guint32 hvsock_hyperkit_address_get_port (HvsockHyperkitAddress *self);

HVSOCK_AVAILABLE_IN_1_0
const char *hvsock_hyperkit_address_get_directory (HvsockHyperkitAddress *self);

G_END_DECLS
