/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The orderly end of a service: nobody new, and those who are there may finish. */

#include "client/hvsock-service-private.h"

/* The data of the task: it must not hold the task itself, which anybody may end. */
typedef struct
{
  GSource *late;
  GSource *cancelled;
} Drain;

static void
clear_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
drain_free (gpointer data)
{
  Drain *self = data;

  clear_source (&self->late);
  clear_source (&self->cancelled);
  g_free (self);
}

static gboolean
late_cb (gpointer service)
{
  HvsockService *self = service;
  g_autoptr (GTask) task = hvsock_admission_stop_waiting (self->admission);
  g_autoptr (GPtrArray) connections = NULL;

  if (task == NULL)
    return G_SOURCE_REMOVE;

  connections = hvsock_admission_list (self->admission);
  for (guint i = 0; i < connections->len; i++)
    g_io_stream_close_async (connections->pdata[i], G_PRIORITY_DEFAULT, NULL, NULL, NULL);
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                           "%u connections had not ended in time, and were closed",
                           connections->len);
  return G_SOURCE_REMOVE;
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer service)
{
  HvsockService *self = service;
  g_autoptr (GTask) task = hvsock_admission_stop_waiting (self->admission);

  if (task != NULL)
    g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

static GSource *
attach (GSource *source, GSourceFunc callback, HvsockService *self)
{
  g_source_set_callback (source, callback, g_object_ref (self), g_object_unref);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

/**
 * hvsock_service_drain_async:
 * @self: a service
 * @timeout: how long it may take, in milliseconds, 0 for no limit
 * @cancellable: (nullable): ends the wait with %G_IO_ERROR_CANCELLED
 * @callback: (scope async): called exactly once
 * @user_data: data for @callback
 *
 * Ends the service in good order: stops it, closes its listeners, so that peers are refused from
 * now on, and waits until the last connection is gone.
 *
 * Connections that are left after @timeout are closed, and the call fails with
 * %G_IO_ERROR_TIMED_OUT. When it is cancelled they are left as they are. One such wait can be under
 * way at a time.
 *
 * @callback runs in the thread-default main context of the caller.
 *
 * Since: 1.0
 */
void
hvsock_service_drain_async (HvsockService *self,
                            guint timeout,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Drain *drain;

  g_return_if_fail (HVSOCK_IS_SERVICE (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  drain = g_new0 (Drain, 1);
  g_task_set_source_tag (task, hvsock_service_drain_async);
  g_task_set_task_data (task, drain, drain_free);
  g_task_set_check_cancellable (task, FALSE);

  hvsock_service_stop (self);
  for (guint i = 0; i < self->listeners->len; i++)
    hvsock_listener_close (self->listeners->pdata[i]);
  g_ptr_array_set_size (self->listeners, 0);

  if (timeout != 0)
    drain->late = attach (g_timeout_source_new (timeout), late_cb, self);
  if (cancellable != NULL)
    drain->cancelled =
        attach (g_cancellable_source_new (cancellable), G_SOURCE_FUNC (cancelled_cb), self);
  hvsock_admission_wait_empty (self->admission, g_steal_pointer (&task));
}

/**
 * hvsock_service_drain_finish:
 * @self: a service
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends hvsock_service_drain_async().
 *
 * Returns: whether all connections had ended by themselves
 *
 * Since: 1.0
 */
gboolean
hvsock_service_drain_finish (HvsockService *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (HVSOCK_IS_SERVICE (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
