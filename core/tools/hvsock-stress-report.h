/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* How the figures of hvsock-stress look. */

#pragma once

#include "hvsock-stress-counts.h"
#include "hvsock-stress-options.h"

G_BEGIN_DECLS

typedef struct
{
  gint64 since; /* monotonic, in microseconds */
  guint64 n_accepted;
  guint64 n_broken; /* their peer has not ended them in good order */
  guint64 echoed;
} StressServed;

/* How it stood when the line of progress before was made. */
typedef struct
{
  gint64 at; /* monotonic, in microseconds */
  guint64 n;
  guint64 bytes;
} StressMark;

char *stress_report_client (const StressCounts *counts,
                            const StressOptions *options,
                            const char *failure);
char *stress_report_server (const StressServed *served, const StressOptions *options);

char *stress_report_client_progress (const StressCounts *counts, StressMark *mark);
char *stress_report_server_progress (const StressServed *served, guint n_active, StressMark *mark);

G_END_DECLS
