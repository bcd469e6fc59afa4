/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the module exports. */

#include "hyperv-transport.h"

HVSOCK_PLUGIN_DEFINE (hyperv, PLUGIN_VERSION, hvsock_hyperv_transport_get_type, "hvsock", "vsock")
