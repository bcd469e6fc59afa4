/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#if !defined(HVSOCK_INSIDE) && !defined(HVSOCK_COMPILATION)
#  error "Only <hvsock/hvsock.h> and <hvsock/hvsock-plugin.h> can be included directly."
#endif

#include <hvsock/hvsock-connection.h>

G_BEGIN_DECLS

#define HVSOCK_TYPE_FRAMED_CONNECTION (hvsock_framed_connection_get_type ())

HVSOCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (HvsockFramedConnection,
                      hvsock_framed_connection,
                      HVSOCK,
                      FRAMED_CONNECTION,
                      HvsockConnection)

HVSOCK_AVAILABLE_IN_1_0
HvsockConnection *hvsock_framed_connection_new (GIOStream *base);

HVSOCK_AVAILABLE_IN_1_0
GIOStream *hvsock_framed_connection_get_base (HvsockFramedConnection *self);

G_END_DECLS
