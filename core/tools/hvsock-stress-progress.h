/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What is told while hvsock-stress runs. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _StressProgress StressProgress;

typedef char *(*StressDescribeFunc) (gpointer user_data);

StressProgress *stress_progress_new (gboolean verbose,
                                     StressDescribeFunc describe,
                                     gpointer user_data);
void stress_progress_free (StressProgress *self);

G_END_DECLS
