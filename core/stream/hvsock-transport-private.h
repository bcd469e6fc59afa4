/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <hvsock/hvsock-transport.h>

G_BEGIN_DECLS

gboolean hvsock_transport_has_names (HvsockTransport *self);

void hvsock_transport_tell_handshake (HvsockTransport *self, HvsockAddress *address);

G_END_DECLS
