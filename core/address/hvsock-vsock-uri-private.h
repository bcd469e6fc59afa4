/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <glib.h>

/* Whether vsock://TEXT:PORT names a machine. */
gboolean hvsock_vsock_uri_is_name (const char *text);
