/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What one connection sends, and how it ends. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The most that is read or written at once. */
#define STRESS_MAX_CHUNK 65536

typedef enum
{
  STRESS_END_WHOLE,       /* closed when all has come back */
  STRESS_END_HALF_CLOSED, /* closed for writing when all is sent; the peer ends it then */
  STRESS_END_CANCELLED,   /* given up in the middle */
  STRESS_END_CUT_OFF,     /* closed in the middle */
  STRESS_N_ENDS
} StressEnd;

typedef struct
{
  guint64 seed;
  guint64 number;
  guint64 key; /* of the data */
  guint64 length;
  StressEnd end;
  guint64 cut; /* how much has come back in the middle */
} StressPlan;

void stress_plan_init (StressPlan *self, guint64 seed, guint64 number, guint64 longest);
gsize stress_plan_next_chunk (guint64 *random);
void stress_plan_fill (const StressPlan *self, guint64 position, guint8 *buffer, gsize size);

G_END_DECLS
