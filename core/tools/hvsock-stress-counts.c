/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What was measured. Times are counted in buckets, each 1/32 wider than the one before, so that any
 * number of them takes no more memory. */

#include "hvsock-stress-counts.h"

#define SPLIT_BITS 5
#define SPLIT      (1u << SPLIT_BITS)

/* Up to 64 microseconds each has a bucket of its own, and above that each power of 2 has 32. */
static guint
find_bucket (guint32 time)
{
  const guint bits = g_bit_storage (time);
  const guint shift = bits > SPLIT_BITS + 1 ? bits - SPLIT_BITS - 1 : 0;

  return shift * SPLIT + (time >> shift);
}

static gint64
get_end_of_bucket (guint bucket)
{
  const guint shift = bucket < 2 * SPLIT ? 0 : bucket / SPLIT - 1;

  return ((gint64) (bucket - shift * SPLIT + 1) << shift) - 1;
}

/* In microseconds. Above an hour they count as one. */
void
stress_times_add (StressTimes *self, gint64 time)
{
  self->buckets[find_bucket ((guint32) CLAMP (time, 0, G_MAXUINT32))]++;
  self->n_times++;
  self->longest = MAX (self->longest, time);
}

/* In microseconds, and 0 where there is none. Exact to 1/32. */
gint64
stress_times_get_percentile (const StressTimes *self, guint percent)
{
  guint64 left = (self->n_times * percent + 99) / 100;
  guint bucket = 0;

  if (self->n_times == 0)
    return 0;
  while (self->buckets[bucket] < left)
    left -= self->buckets[bucket++];
  return MIN (get_end_of_bucket (bucket), self->longest);
}

guint64
stress_counts_get_n_ended (const StressCounts *self)
{
  guint64 n = 0;

  for (guint i = 0; i < STRESS_N_ENDS; i++)
    n += self->n_ended[i];
  return n;
}
