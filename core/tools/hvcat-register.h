/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Registers a service with Hyper-V. Separate because only Windows knows such a thing. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

int hvcat_register (const char *guid);

G_END_DECLS
