/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What ends the wait of a task before its time: its cancellable, and a time-out. It does without
 * g_cancellable_connect(), which may call back at once, under the caller's locks, and without
 * g_cancellable_disconnect(), which waits for a cancellation to be over: that may in its turn wait
 * for the port. */

#include "hyperv-interrupt.h"

static void
cancelled_cb (GCancellable *cancellable, gpointer interrupt)
{
  HypervInterrupt *self = interrupt;

  self->func (self->task, FALSE);
}

static gboolean
timed_out_cb (gpointer interrupt)
{
  HypervInterrupt *self = interrupt;

  self->func (self->task, TRUE);
  return G_SOURCE_REMOVE;
}

static void
release (gpointer interrupt)
{
  g_object_unref (((HypervInterrupt *) interrupt)->task);
}

static void
release_closure (gpointer interrupt, GClosure *closure)
{
  release (interrupt);
}

/* Has @func called when @task is cancelled from now on, or after @timeout milliseconds unless that
 * is 0. One that was cancelled before is the caller's to see. */
void
hyperv_interrupt_arm (HypervInterrupt *self, GTask *task, guint timeout, HypervInterruptFunc func)
{
  GCancellable *cancellable = g_task_get_cancellable (task);

  self->task = task;
  self->func = func;
  if (cancellable != NULL)
    {
      g_object_ref (task);
      self->cancelled_id = g_signal_connect_data (
          cancellable, "cancelled", G_CALLBACK (cancelled_cb), self, release_closure, 0);
    }
  if (timeout != 0)
    {
      g_object_ref (task);
      self->timer = g_timeout_source_new (timeout);
      g_source_set_priority (self->timer, g_task_get_priority (task));
      g_source_set_callback (self->timer, timed_out_cb, self, release);
      g_source_attach (self->timer, g_task_get_context (task));
    }
}

/* A call that is on its way in another thread may still come. The caller has @task. */
void
hyperv_interrupt_disarm (HypervInterrupt *self)
{
  if (self->cancelled_id != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (self->task), self->cancelled_id);
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
  self->cancelled_id = 0;
}
