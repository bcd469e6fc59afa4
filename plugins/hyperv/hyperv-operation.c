/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* An overlapped call that a task waits for, which can be cancelled and has a time-out. Both only
 * ask the system to let go of it; the task ends when it has, so nothing is left behind. */

#include "hyperv-operation.h"

/* Harmless when nothing is under way, as before the beginning and after the end: the system looks
 * for the packet, which is this one's alone. */
static void
cancel_call (HypervOperation *self)
{
  CancelIoEx ((HANDLE) self->socket, &self->packet.overlapped);
}

static void
interrupted_cb (GTask *task, gboolean is_late)
{
  HypervOperation *self = g_task_get_task_data (task);

  if (is_late)
    g_atomic_int_set (&self->is_timed_out, TRUE);
  cancel_call (self);
}

static void
end (HypervOperation *self, DWORD error)
{
  g_autoptr (GTask) task = self->task;

  hyperv_interrupt_disarm (&self->interrupt);
  self->done (self, error);
}

static void
completed_cb (HypervPacket *packet, DWORD error, gsize n_bytes)
{
  end ((HypervOperation *) packet, error);
}

/* Has @begin make a call on @socket, and @done hear of its end, who ends @task. Without a @timeout
 * it is 0. May be called again in @done. */
void
hyperv_operation_start (HypervOperation *self,
                        GTask *task,
                        SOCKET socket,
                        guint timeout,
                        HypervBeginFunc begin,
                        HypervDoneFunc done)
{
  g_autoptr (GTask) kept = g_object_ref (task);

  hyperv_packet_init (&self->packet, completed_cb);
  self->task = g_object_ref (task);
  self->socket = socket;
  self->done = done;
  /* First, since the end of the call may be told at once in another thread. */
  hyperv_interrupt_arm (&self->interrupt, task, timeout, interrupted_cb);
  if (!begin (self))
    end (self, WSAGetLastError ());
  else if (g_atomic_int_get (&self->is_timed_out) ||
           g_cancellable_is_cancelled (g_task_get_cancellable (kept)))
    cancel_call (self);
}

/* Tells whether the call was ended by a cancellation, or late, and sets @error then. */
gboolean
hyperv_operation_set_interrupted (HypervOperation *self, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (self->task), error))
    return TRUE;
  if (!g_atomic_int_get (&self->is_timed_out))
    return FALSE;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "no answer");
  return TRUE;
}
