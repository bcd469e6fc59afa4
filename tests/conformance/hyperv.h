/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Scenarios of Hyper-V sockets that are too long for their backend. */

#pragma once

#include "peers.h"

G_BEGIN_DECLS

void conformance_add_hyperv_bulk_tests (void);
void conformance_add_hyperv_storm_tests (void);

G_END_DECLS
