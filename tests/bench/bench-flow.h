/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What is done to a connection by blocking calls: BenchRuns whose data is a BenchFlow. */

#pragma once

#include "bench-link.h"

G_BEGIN_DECLS

/* Of the bulk ones, one operation is so many bytes. */
#define BENCH_FLOW_UNIT (1024u * 1024u)

typedef struct
{
  BenchLink link;
  gsize size; /* of a piece, up to BENCH_FLOW_UNIT */
} BenchFlow;

void bench_flow_send (gpointer data, guint n);    /* to BENCH_PEER_DRAIN */
void bench_flow_receive (gpointer data, guint n); /* from BENCH_PEER_FILL */
void bench_flow_echo (gpointer data, guint n);    /* with BENCH_PEER_ECHO */

G_END_DECLS
