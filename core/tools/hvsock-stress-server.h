/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The echo. */

#pragma once

#include "hvsock-stress-options.h"

G_BEGIN_DECLS

int stress_server_run (const StressOptions *options);

G_END_DECLS
