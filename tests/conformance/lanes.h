/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include "peers.h"

G_BEGIN_DECLS

/* The most that is moved in one direction of one scenario. */
#define CONFORMANCE_MOST (8 * 1024 * 1024 + 1)

void conformance_move (Conformance *self, ConformancePair *pair, gsize to_server, gsize to_client);

const guint8 *conformance_get_random_bytes (void);

typedef struct _ConformanceLane ConformanceLane;

ConformanceLane *conformance_receive_in_thread (HvsockConnection *connection, gsize size);
void conformance_received (ConformanceLane *lane);

G_END_DECLS
