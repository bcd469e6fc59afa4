/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Sockets that GIO has made become what the library's own are. Separate because that depends on
 * what the library makes its own of. */

#pragma once

#include <hvsock/hvsock.h>

G_BEGIN_DECLS

/* What is small as well, and from what a listening socket accepts: there may be a person at the
 * other end. */
void hvcat_adopt_send_at_once (GSocket *socket);

/* Before an IPv6 socket is bound: by some systems' default it does not take IPv4. */
void hvcat_adopt_take_both_families (GSocket *socket);

HvsockListener *hvcat_adopt_listener (GSocket *socket, GError **error);
HvsockConnection *hvcat_adopt_connection (GSocket *socket, GError **error);

G_END_DECLS
