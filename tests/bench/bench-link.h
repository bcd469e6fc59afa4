/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A connection to the peer and its blocking calls, in the words of each contender. */

#pragma once

#include "bench-endpoint.h"

G_BEGIN_DECLS

typedef struct
{
  int fd;            /* in plain C, else -1 */
  GIOStream *stream; /* in GIO's words, else %NULL */
  GInputStream *in;
  GOutputStream *out;
} BenchLink;

typedef void (*BenchLinkOpen) (BenchLink *self, const BenchEndpoint *endpoint, char peer);

void bench_link_open_plain (BenchLink *self, const BenchEndpoint *endpoint, char peer);
void bench_link_open_hvsock (BenchLink *self, const BenchEndpoint *endpoint, char peer);
void bench_link_open_gio (BenchLink *self, const BenchEndpoint *endpoint, char peer);
void bench_link_close (BenchLink *self);

void bench_link_send (BenchLink *self, const void *data, gsize length);
gsize bench_link_receive (BenchLink *self, void *data, gsize length);

G_END_DECLS
