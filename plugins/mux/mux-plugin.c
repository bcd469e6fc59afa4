/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the module exports. */

#include "mux-transport.h"

HVSOCK_PLUGIN_DEFINE (mux, PLUGIN_VERSION, hvsock_mux_transport_get_type, "vsock-mux")
