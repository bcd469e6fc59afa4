/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <hvsock/hvsock-transport.h>

G_BEGIN_DECLS

void hvsock_transport_class_init_names (HvsockTransportClass *klass);
gboolean hvsock_transport_has_name (HvsockTransport *self, HvsockAddress *address);
gboolean hvsock_transport_can_listen_on (HvsockAddress *address, GError **error);

HvsockAddress *hvsock_transport_take_framing (HvsockAddress *address,
                                              const char *uri,
                                              GError **error);

HvsockAddress *hvsock_framed_address_new (HvsockTransport *transport, HvsockAddress *address);

void hvsock_transport_tell_handshake (HvsockTransport *self, HvsockAddress *address);

G_END_DECLS
