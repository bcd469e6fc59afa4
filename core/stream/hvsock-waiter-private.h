/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Who waits: what is to be called, and where. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Called in the waiter's main context: the descriptor is ready, or the channel was closed, or the
 * waiter was cancelled, or else the wait @timed_out. It ends the operation or waits again. */
typedef void (*HvsockReadyFunc) (gpointer operation, gboolean timed_out);

typedef struct
{
  gpointer operation; /* an object, kept alive until @ready has returned */
  HvsockReadyFunc ready;
  GMainContext *context;
  int priority;
  GCancellable *cancellable;
  gboolean is_again; /* it was called and has not ended, having found nothing to do perhaps */
} HvsockWaiter;

static inline HvsockWaiter
hvsock_waiter_for_task (GTask *task, HvsockReadyFunc ready)
{
  return (HvsockWaiter){ task,
                         ready,
                         g_task_get_context (task),
                         g_task_get_priority (task),
                         g_task_get_cancellable (task),
                         TRUE };
}

G_END_DECLS
