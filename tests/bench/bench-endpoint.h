/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Where the two ends of a benchmark meet, in the words of each contender. */

#pragma once

#include "bench.h"

#include <sys/socket.h>

G_BEGIN_DECLS

typedef struct
{
  struct sockaddr_storage native;
  socklen_t length;
} BenchAddress;

typedef struct
{
  char uri[256];        /* for hvsock_connect(), hvsock_listen() */
  BenchAddress listen;  /* for bind() */
  BenchAddress connect; /* for connect() */
  char greeting[32];    /* what a transport wants to be told next, or "" */
} BenchEndpoint;

/* Of the endpoints to the guest there is one, of those from it several, so that each contender has
 * its own. */
#define BENCH_N_ENDPOINTS 4

void bench_endpoint_init_to_guest (BenchEndpoint *self, Bench *bench);
void bench_endpoint_init_from_guest (BenchEndpoint *self, Bench *bench, guint number);
int bench_start_stand_in (Bench *bench);

int bench_plain_listen (const BenchEndpoint *endpoint);
int bench_plain_connect (const BenchEndpoint *endpoint);
GIOStream *bench_gio_connect (const BenchEndpoint *endpoint);
GIOStream *bench_hvsock_connect (const BenchEndpoint *endpoint);
gboolean bench_has_gio (Bench *bench);

G_END_DECLS
