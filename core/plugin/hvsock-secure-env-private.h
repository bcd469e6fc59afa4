/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

const char *hvsock_secure_getenv (const char *name);

G_END_DECLS
