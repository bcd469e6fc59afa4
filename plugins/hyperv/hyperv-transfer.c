/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* One read or write of a stream. The three ways to make it take the same step, which does what can
 * be done without waiting, and differ in how they wait for the next (the asynchronous one is in
 * hyperv-wait.c). A write has ended when the system has taken its bytes; one that is given up
 * before says how many are on their way. */

#include "hyperv-transfer.h"

#include "hyperv-error.h"
#include "hyperv-flow.h"

/* A reset ends the stream: it is told once, as other systems do. */
static HypervOutcome
fail_to_read (HypervFlow *flow)
{
  const DWORD reason = flow->error;

  flow->error = ERROR_SUCCESS;
  flow->is_ended = TRUE;
  return (HypervOutcome){ HYPERV_STEP_FAILED, 0, reason };
}

static HypervOutcome
step_read (HypervTransfer *self)
{
  HypervFlow *flow = &self->channel->input;

  if (flow->begin == flow->end && flow->error == ERROR_SUCCESS && !flow->is_ended && !flow->is_busy)
    hyperv_flow_receive (flow, self->to.size);

  if (!flow->is_busy && flow->begin < flow->end)
    return (HypervOutcome){ HYPERV_STEP_DONE,
                            hyperv_flow_take (flow, self->to.buffer, self->to.size) };
  if (flow->error != ERROR_SUCCESS)
    return fail_to_read (flow);
  if (flow->is_ended)
    return (HypervOutcome){ HYPERV_STEP_DONE, 0 };
  return (HypervOutcome){ HYPERV_STEP_WAIT };
}

static HypervOutcome
step_write (HypervTransfer *self)
{
  HypervFlow *flow = &self->channel->output;

  if (self->n_given == 0 && flow->error == ERROR_SUCCESS && !flow->is_ended && !flow->is_busy)
    self->n_given = hyperv_flow_send (flow, self->from, self->n_from);

  if (flow->is_busy)
    return (HypervOutcome){ HYPERV_STEP_WAIT };
  if (flow->error != ERROR_SUCCESS)
    return (HypervOutcome){ HYPERV_STEP_FAILED, 0, flow->error };
  if (self->n_given == 0 && flow->is_ended)
    return (HypervOutcome){ HYPERV_STEP_ENDED };
  return (HypervOutcome){ HYPERV_STEP_DONE, self->n_given };
}

/* With the channel locked. */
HypervOutcome
hyperv_transfer_step (HypervTransfer *self)
{
  if (self->channel->is_closed)
    return (HypervOutcome){ HYPERV_STEP_CLOSED };
  return self->is_write ? step_write (self) : step_read (self);
}

static gssize
fail (HypervTransfer *self, GIOErrorEnum code, DWORD reason, GError **error)
{
  hyperv_channel_set_error (self->channel, error, code, self->is_write ? "write to" : "read from",
                            reason);
  return -1;
}

/* Turns an outcome that is no wait into what the caller is told. */
gssize
hyperv_transfer_conclude (HypervTransfer *self, HypervOutcome outcome, GError **error)
{
  switch (outcome.step)
    {
    case HYPERV_STEP_DONE:
      return outcome.n_bytes;
    case HYPERV_STEP_CLOSED:
      hyperv_channel_set_closed_error (self->channel, error);
      return -1;
    case HYPERV_STEP_ENDED:
      return fail (self, G_IO_ERROR_BROKEN_PIPE, WSAESHUTDOWN, error);
    case HYPERV_STEP_CANCELLED:
      if (self->n_given > 0)
        return self->n_given;
      return fail (self, G_IO_ERROR_CANCELLED, WSA_OPERATION_ABORTED, error);
    case HYPERV_STEP_LATE:
      if (self->n_given > 0)
        return self->n_given;
      return fail (self, G_IO_ERROR_TIMED_OUT, WSAETIMEDOUT, error);
    default:
      return fail (self,
                   self->is_write ? hyperv_error_from_write (outcome.reason)
                                  : hyperv_error_from_read (outcome.reason),
                   outcome.reason, error);
    }
}

static HypervOutcome
step_once (HypervTransfer *self)
{
  HypervOutcome outcome;

  hyperv_channel_lock (self->channel);
  outcome = hyperv_transfer_step (self);
  hyperv_channel_unlock (self->channel);
  return outcome;
}

/* Does what can be done without waiting; otherwise fails with %G_IO_ERROR_WOULD_BLOCK. A write is
 * done as soon as its bytes are taken over. */
gssize
hyperv_transfer_try (HypervTransfer *self, GError **error)
{
  const HypervOutcome outcome = step_once (self);

  if (outcome.step != HYPERV_STEP_WAIT)
    return hyperv_transfer_conclude (self, outcome, error);
  if (self->n_given > 0)
    return self->n_given;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "the operation would block");
  return -1;
}

static void
wake_cb (GCancellable *cancellable, gpointer channel)
{
  HypervChannel *self = channel;

  hyperv_channel_lock (self);
  g_cond_broadcast (&self->changed);
  hyperv_channel_unlock (self);
}

/* Without a deadline it is 0. Returns whether it has not passed. */
static gboolean
wait_for_change (HypervChannel *channel, gint64 deadline)
{
  if (deadline != 0)
    return g_cond_wait_until (&channel->changed, &channel->lock, deadline);

  g_cond_wait (&channel->changed, &channel->lock);
  return TRUE;
}

/* The lock is given up for the wait only, so what changes meanwhile is not missed. */
static HypervOutcome
wait_for_outcome (HypervTransfer *self, GCancellable *cancellable)
{
  const guint timeout = g_atomic_int_get (&self->channel->timeout);
  const gint64 deadline = timeout == 0 ? 0 : g_get_monotonic_time () + timeout * (gint64) 1000;
  gboolean is_late = FALSE;
  HypervOutcome outcome;
  gulong id = 0;

  if (cancellable != NULL)
    id = g_cancellable_connect (cancellable, G_CALLBACK (wake_cb), self->channel, NULL);

  hyperv_channel_lock (self->channel);
  while ((outcome = hyperv_transfer_step (self)).step == HYPERV_STEP_WAIT)
    {
      if (g_cancellable_is_cancelled (cancellable))
        outcome.step = HYPERV_STEP_CANCELLED;
      else if (is_late)
        outcome.step = HYPERV_STEP_LATE;
      if (outcome.step != HYPERV_STEP_WAIT)
        break;
      is_late = !wait_for_change (self->channel, deadline);
    }
  hyperv_channel_unlock (self->channel);

  g_cancellable_disconnect (cancellable, id);
  return outcome;
}

/* Blocks. */
gssize
hyperv_transfer_run (HypervTransfer *self, GCancellable *cancellable, GError **error)
{
  HypervOutcome outcome;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return -1;

  outcome = step_once (self);
  if (outcome.step == HYPERV_STEP_WAIT)
    outcome = wait_for_outcome (self, cancellable);
  return hyperv_transfer_conclude (self, outcome, error);
}
