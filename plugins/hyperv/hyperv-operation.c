/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* An overlapped call that a task waits for, which can be cancelled and has a time-out. Both only
 * ask the system to let go of it; the task ends when it has, so nothing is left behind. */

#include "hyperv-operation.h"

/* Harmless when nothing is under way, as before the beginning and after the end: the system looks
 * for the packet, which is this one's alone. */
static void
interrupt (HypervOperation *self)
{
  CancelIoEx ((HANDLE) self->socket, &self->packet.overlapped);
}

static void
cancelled_cb (GCancellable *cancellable, gpointer task)
{
  interrupt (g_task_get_task_data (task));
}

static gboolean
timed_out_cb (gpointer task)
{
  HypervOperation *self = g_task_get_task_data (task);

  g_atomic_int_set (&self->is_timed_out, TRUE);
  interrupt (self);
  return G_SOURCE_REMOVE;
}

static void
unref_in_closure (gpointer task, GClosure *closure)
{
  g_object_unref (task);
}

/* Before the call is made, since its end may be told at once in another thread. */
static void
arm (HypervOperation *self, guint timeout)
{
  GCancellable *cancellable = g_task_get_cancellable (self->task);

  if (cancellable != NULL)
    self->cancelled_id = g_signal_connect_data (cancellable, "cancelled", G_CALLBACK (cancelled_cb),
                                                g_object_ref (self->task), unref_in_closure, 0);
  if (timeout != 0)
    {
      self->timer = g_timeout_source_new (timeout);
      g_task_attach_source (self->task, self->timer, timed_out_cb);
    }
}

/* Unlike g_cancellable_disconnect() this does not wait for the cancellation to be over, which may
 * in its turn wait for the port. */
static void
disarm (HypervOperation *self)
{
  if (self->cancelled_id != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (self->task), self->cancelled_id);
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
  self->cancelled_id = 0;
}

static void
end (HypervOperation *self, DWORD error)
{
  g_autoptr (GTask) task = self->task;

  disarm (self);
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
  arm (self, timeout);
  if (!begin (self))
    end (self, WSAGetLastError ());
  else if (g_cancellable_is_cancelled (g_task_get_cancellable (kept)))
    interrupt (self);
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
