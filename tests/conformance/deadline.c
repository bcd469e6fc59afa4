/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The deadline of each scenario, which lets a scenario wait for as long as it takes. A thread keeps
 * it, since the one that runs the scenario is what may hang. */

#include "deadline.h"

#include <stdio.h>
#include <stdlib.h>

/* Emulated machines and memory checkers are slow. In seconds. */
#define DEADLINE 180

static GMutex lock;
static GCond changed;
static const char *running; /* NULL between scenarios */
static gint64 deadline;

static gpointer
keep (gpointer data)
{
  g_mutex_lock (&lock);
  for (;;)
    {
      if (running == NULL)
        g_cond_wait (&changed, &lock);
      else if (!g_cond_wait_until (&changed, &lock, deadline) && running != NULL &&
               g_get_monotonic_time () >= deadline)
        {
          printf ("Bail out! %s did not end before its deadline\n", running);
          fflush (stdout);
          abort ();
        }
    }
  return NULL;
}

/* Call it with the lock held. */
static void
begin_anew (void)
{
  deadline = g_get_monotonic_time () + DEADLINE * G_TIME_SPAN_SECOND;
}

static void
set (const char *path)
{
  g_mutex_lock (&lock);
  running = path;
  begin_anew ();
  g_cond_signal (&changed);
  g_mutex_unlock (&lock);
}

/* The process ends if the scenario @path has not ended in time. */
void
conformance_deadline_set (const char *path)
{
  static gsize is_kept = 0;

  if (g_once_init_enter (&is_kept))
    {
      g_thread_unref (g_thread_new ("deadline", keep, NULL));
      g_once_init_leave (&is_kept, 1);
    }
  set (path);
}

/* For a scenario that is long by its nature: each step has the whole time. */
void
conformance_deadline_renew (void)
{
  g_mutex_lock (&lock);
  begin_anew ();
  g_mutex_unlock (&lock);
}

void
conformance_deadline_clear (void)
{
  set (NULL);
}
