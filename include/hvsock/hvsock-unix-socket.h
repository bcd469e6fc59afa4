/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#if !defined(HVSOCK_INSIDE) && !defined(HVSOCK_COMPILATION)
#  error "Only <hvsock/hvsock.h> and <hvsock/hvsock-plugin.h> can be included directly."
#endif

#include <hvsock/hvsock-fd-transport.h>
#include <hvsock/hvsock-listener.h>

G_BEGIN_DECLS

HVSOCK_AVAILABLE_IN_1_0
int hvsock_unix_socket_open (const char *path, HvsockSocketTarget *target, GError **error);

HVSOCK_AVAILABLE_IN_1_0
HvsockListener *hvsock_unix_socket_listen (const char *path,
                                           HvsockAddress *address,
                                           GError **error);

G_END_DECLS
