/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#if !defined(HVSOCK_INSIDE) && !defined(HVSOCK_COMPILATION)
#  error "Only <hvsock/hvsock.h> and <hvsock/hvsock-plugin.h> can be included directly."
#endif

#include <hvsock/hvsock-address.h>

G_BEGIN_DECLS

#define HVSOCK_CID_HYPERVISOR     0u
#define HVSOCK_CID_LOCAL          1u
#define HVSOCK_CID_HOST           2u
#define HVSOCK_CID_ANY            G_MAXUINT32
#define HVSOCK_PORT_ANY           G_MAXUINT32

#define HVSOCK_TYPE_VSOCK_ADDRESS (hvsock_vsock_address_get_type ())

HVSOCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (HvsockVsockAddress,
                      hvsock_vsock_address,
                      HVSOCK,
                      VSOCK_ADDRESS,
                      HvsockAddress)

HVSOCK_AVAILABLE_IN_1_0
HvsockAddress *hvsock_vsock_address_new (guint32 cid, guint32 port);

HVSOCK_AVAILABLE_IN_1_0
HvsockAddress *hvsock_vsock_address_new_full (guint32 cid,
                                              guint32 port,
                                              GSocketType socket_type,
                                              guint64 buffer_size);

HVSOCK_AVAILABLE_IN_1_0
HvsockAddress *hvsock_vsock_address_new_for_name (const char *name, guint32 port);

HVSOCK_AVAILABLE_IN_1_0
HvsockAddress *hvsock_vsock_address_new_from_uri (const char *uri, GError **error);

HVSOCK_AVAILABLE_IN_1_0
guint32 hvsock_vsock_address_get_cid (HvsockVsockAddress *self);

HVSOCK_AVAILABLE_IN_1_0
const char *hvsock_vsock_address_get_name (HvsockVsockAddress *self);

HVSOCK_AVAILABLE_IN_1_0
guint32 hvsock_vsock_address_get_port (HvsockVsockAddress *self);

HVSOCK_AVAILABLE_IN_1_0
GSocketType hvsock_vsock_address_get_socket_type (HvsockVsockAddress *self);

HVSOCK_AVAILABLE_IN_1_0
guint64 hvsock_vsock_address_get_buffer_size (HvsockVsockAddress *self);

HVSOCK_AVAILABLE_IN_1_0
gboolean hvsock_vsock_address_is_sibling (HvsockVsockAddress *self);

G_END_DECLS
