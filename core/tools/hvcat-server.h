/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat --listen: takes connections and runs their sessions. */

#pragma once

#include "hvcat-options.h"

G_BEGIN_DECLS

int hvcat_server_run (const HvcatOptions *options);

G_END_DECLS
