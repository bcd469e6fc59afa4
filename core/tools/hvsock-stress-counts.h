/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What was measured. */

#pragma once

#include <glib.h>

#include "hvsock-stress-plan.h"

G_BEGIN_DECLS

#define STRESS_N_BUCKETS 896

typedef struct
{
  guint64 buckets[STRESS_N_BUCKETS];
  guint64 n_times;
  gint64 longest;
} StressTimes;

typedef struct
{
  gint64 since; /* monotonic, in microseconds */
  guint64 n_ended[STRESS_N_ENDS];
  guint64 sent;
  guint64 received;
  StressTimes connects;
  StressTimes exchanges;
} StressCounts;

void stress_times_add (StressTimes *self, gint64 time);
gint64 stress_times_get_percentile (const StressTimes *self, guint percent);

guint64 stress_counts_get_n_ended (const StressCounts *self);

G_END_DECLS
