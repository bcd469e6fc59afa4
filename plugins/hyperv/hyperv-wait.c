/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* An asynchronous transfer. It waits with its direction of the channel, and the first who takes it
 * from there ends it: the port when there is something to tell, a cancellation, or a time-out. */

#include "hyperv-transfer.h"

#include "hyperv-interrupt.h"

typedef struct
{
  HypervWaiter waiter;
  HypervTransfer transfer;
  GTask *task; /* whose data this is */
  HypervOutcome outcome;
  HypervInterrupt interrupt;
} HypervWait;

static void
wait_free (gpointer data)
{
  HypervWait *self = data;

  hyperv_channel_unref (self->transfer.channel);
  g_free (self);
}

static gboolean
wait_proceed (HypervWaiter *waiter)
{
  HypervWait *self = (HypervWait *) waiter;

  self->outcome = hyperv_transfer_step (&self->transfer);
  return self->outcome.step != HYPERV_STEP_WAIT;
}

/* In whatever thread; the task goes on in its own. When its cancellable ends it, which may be in
 * that very thread, GTask does not call back before the cancellation is over: who hears of it may
 * disconnect from the cancellable. */
static void
wait_finish (HypervWaiter *waiter)
{
  HypervWait *self = (HypervWait *) waiter;
  g_autoptr (GTask) task = self->task;
  GError *error = NULL;
  gssize n_bytes = hyperv_transfer_conclude (&self->transfer, self->outcome, &error);

  hyperv_interrupt_disarm (&self->interrupt);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_int (task, n_bytes);
}

static void
wait_give_up (HypervWait *self, HypervStep step)
{
  HypervChannel *channel = self->transfer.channel;
  HypervFlow *flow = self->transfer.is_write ? &channel->output : &channel->input;
  gboolean is_waiting;

  hyperv_channel_lock (channel);
  is_waiting = flow->waiter == &self->waiter;
  if (is_waiting)
    {
      flow->waiter = NULL;
      self->outcome = (HypervOutcome){ step };
    }
  hyperv_channel_unlock (channel);

  if (is_waiting)
    wait_finish (&self->waiter);
}

static void
interrupted_cb (GTask *task, gboolean is_late)
{
  wait_give_up (g_task_get_task_data (task), is_late ? HYPERV_STEP_LATE : HYPERV_STEP_CANCELLED);
}

/* Returns whether it has to wait, and is told when it need not any more. It is complete before the
 * channel is unlocked, since anybody may end it then. */
static gboolean
wait_begin (HypervWait *self)
{
  HypervChannel *channel = self->transfer.channel;
  gboolean waits;

  hyperv_channel_lock (channel);
  waits = !wait_proceed (&self->waiter);
  if (waits)
    {
      hyperv_interrupt_arm (&self->interrupt, self->task, g_atomic_int_get (&channel->timeout),
                            interrupted_cb);
      *(self->transfer.is_write ? &channel->output.waiter : &channel->input.waiter) = &self->waiter;
    }
  hyperv_channel_unlock (channel);
  return waits;
}

/* Ends @task with a number of bytes. */
void
hyperv_transfer_start (const HypervTransfer *transfer, GTask *task)
{
  HypervWait *self;

  if (g_task_return_error_if_cancelled (task))
    return;

  self = g_new0 (HypervWait, 1);
  self->waiter = (HypervWaiter){ wait_proceed, wait_finish };
  self->transfer = *transfer;
  self->task = g_object_ref (task);
  hyperv_channel_ref (transfer->channel);
  g_task_set_task_data (task, self, wait_free);
  /* What was moved is told even when a cancellation comes in between. */
  g_task_set_check_cancellable (task, FALSE);

  if (!wait_begin (self))
    wait_finish (&self->waiter);
  else if (g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    wait_give_up (self, HYPERV_STEP_CANCELLED);
}
