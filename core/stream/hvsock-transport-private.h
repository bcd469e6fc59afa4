/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <hvsock/hvsock-transport.h>

G_BEGIN_DECLS

gboolean hvsock_transport_has_names (HvsockTransport *self);

HvsockAddress *hvsock_transport_take_framing (HvsockAddress *address,
                                              const char *uri,
                                              GError **error);

HvsockAddress *hvsock_framed_address_new (HvsockTransport *transport, HvsockAddress *address);

void hvsock_transport_tell_handshake (HvsockTransport *self, HvsockAddress *address);

G_END_DECLS
