/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the module exports. */

#include "vsock-transport.h"

HVSOCK_PLUGIN_DEFINE (vsock, PLUGIN_VERSION, hvsock_vsock_transport_get_type, "vsock", "hvsock")
