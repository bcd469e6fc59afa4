/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the module exports. */

#include "unix-transport.h"

HVSOCK_PLUGIN_DEFINE (unix, PLUGIN_VERSION, hvsock_unix_transport_get_type, "unix")
