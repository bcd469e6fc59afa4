/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The connections of one place among those at once, one after the other. */

#pragma once

#include <hvsock/hvsock.h>

#include "hvsock-stress-counts.h"
#include "hvsock-stress-plan.h"

G_BEGIN_DECLS

typedef struct _StressConnection StressConnection;

/* Without an @error, the connection has ended as planned, or was stopped. */
typedef void (*StressDoneFunc) (StressConnection *connection,
                                const GError *error,
                                gpointer user_data);

StressConnection *stress_connection_new (HvsockClient *client,
                                         const char *uri,
                                         StressCounts *counts,
                                         StressDoneFunc done,
                                         gpointer user_data);
void stress_connection_free (StressConnection *self);

void stress_connection_start (StressConnection *self, const StressPlan *plan);
void stress_connection_stop (StressConnection *self);

G_END_DECLS
