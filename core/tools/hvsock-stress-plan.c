/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What one connection sends, and how it ends: all of it follows from the seed and the connection's
 * number, and each byte from its position too, so that nothing is kept to compare with. */

#include "hvsock-stress-plan.h"

#include <string.h>

/* SplitMix64, of which each number can be had without those before it. */
#define STEP G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)

static guint64
mix (guint64 state)
{
  state = (state ^ (state >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  state = (state ^ (state >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return state ^ (state >> 31);
}

static guint64
next_random (guint64 *state)
{
  *state += STEP;
  return mix (*state);
}

/* The ends in their proportions. */
static const StressEnd ends[] = {
  STRESS_END_WHOLE,       STRESS_END_WHOLE,       STRESS_END_WHOLE,     STRESS_END_HALF_CLOSED,
  STRESS_END_HALF_CLOSED, STRESS_END_HALF_CLOSED, STRESS_END_CANCELLED, STRESS_END_CUT_OFF,
};

void
stress_plan_init (StressPlan *self, guint64 seed, guint64 number, guint64 longest)
{
  guint64 random = mix (seed + STEP) ^ number;

  self->seed = seed;
  self->number = number;
  self->key = next_random (&random);
  self->length = next_random (&random) % (longest + 1);
  self->end = ends[next_random (&random) % G_N_ELEMENTS (ends)];
  self->cut = next_random (&random) % (self->length + 1);
}

/* Small ones are as frequent as large ones. */
gsize
stress_plan_next_chunk (guint64 *random)
{
  const guint64 number = next_random (random);
  const gsize most = (gsize) 1 << number % (g_bit_storage (STRESS_MAX_CHUNK));

  return 1 + (number >> 32) % most;
}

void
stress_plan_fill (const StressPlan *self, guint64 position, guint8 *buffer, gsize size)
{
  gsize done = 0;

  while (done < size)
    {
      const guint64 at = position + done;
      const guint64 word = GUINT64_TO_LE (mix (self->key + at / sizeof word * STEP));
      const gsize skipped = at % sizeof word;
      const gsize n = MIN (sizeof word - skipped, size - done);

      if (n == sizeof word)
        memcpy (buffer + done, &word, sizeof word);
      else
        memcpy (buffer + done, (const guint8 *) &word + skipped, n);
      done += n;
    }
}
