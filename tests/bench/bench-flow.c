/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#include "bench-flow.h"

static char buffer[BENCH_FLOW_UNIT];

void
bench_flow_send (gpointer data, guint n)
{
  BenchFlow *self = data;
  const guint64 length = (guint64) n * BENCH_FLOW_UNIT;
  char byte;

  bench_link_send (&self->link, &length, sizeof length);
  for (guint64 sent = 0; sent < length; sent += self->size)
    bench_link_send (&self->link, buffer, self->size);
  bench_link_receive (&self->link, &byte, 1);
}

void
bench_flow_receive (gpointer data, guint n)
{
  BenchFlow *self = data;
  const guint64 length = (guint64) n * BENCH_FLOW_UNIT;
  guint64 left = length;

  bench_link_send (&self->link, &length, sizeof length);
  while (left > 0)
    left -= bench_link_receive (&self->link, buffer, MIN (left, self->size));
}

void
bench_flow_echo (gpointer data, guint n)
{
  BenchFlow *self = data;

  while (n-- > 0)
    {
      bench_link_send (&self->link, buffer, self->size);
      for (gsize n_received = 0; n_received < self->size;)
        n_received += bench_link_receive (&self->link, buffer, self->size - n_received);
    }
}
