/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <hvsock/hvsock-listener.h>

G_BEGIN_DECLS

HvsockListener *hvsock_framed_listener_new (HvsockListener *base, HvsockAddress *local_address);

G_END_DECLS
