/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the module exports. */

#include "hyperkit-transport.h"

HVSOCK_PLUGIN_DEFINE (hyperkit, PLUGIN_VERSION, hvsock_hyperkit_transport_get_type, "hyperkit")
