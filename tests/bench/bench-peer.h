/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The other end of what is measured: one process in plain C, the same for each contender. */

#pragma once

#include "bench-endpoint.h"

G_BEGIN_DECLS

/* A connection's first byte says what the peer does with it. */
#define BENCH_PEER_ECHO  'e' /* sends back what comes */
#define BENCH_PEER_DRAIN 'd' /* takes a length and so many bytes, then sends one; again */
#define BENCH_PEER_FILL  'f' /* takes a length and sends so many bytes; again */
#define BENCH_PEER_HOLD  'h' /* says nothing */

int bench_peer_start (const BenchEndpoint *endpoint);
int bench_greeter_start (const BenchEndpoint *endpoint);

G_END_DECLS
