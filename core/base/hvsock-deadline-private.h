/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <glib.h>

/* A deadline is a moment of g_get_monotonic_time(), in microseconds. One that never comes is the
 * latest moment there is, so that the earlier of two is simply the smaller. */
#define HVSOCK_DEADLINE_NEVER G_MAXINT64

static inline gint64
hvsock_deadline_after (guint timeout)
{
  return timeout == 0 ? HVSOCK_DEADLINE_NEVER : g_get_monotonic_time () + timeout * (gint64) 1000;
}

static inline gboolean
hvsock_deadline_has_passed (gint64 deadline)
{
  return deadline != HVSOCK_DEADLINE_NEVER && deadline <= g_get_monotonic_time ();
}

/* In milliseconds: 0 for never, and at least 1 for a deadline, even one that has passed. */
static inline guint
hvsock_deadline_get_remaining (gint64 deadline)
{
  gint64 left;

  if (deadline == HVSOCK_DEADLINE_NEVER)
    return 0;

  left = (deadline - g_get_monotonic_time () + 999) / 1000;
  return CLAMP (left, 1, G_MAXINT);
}
