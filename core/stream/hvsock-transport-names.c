/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Names in addresses. A transport that knows names looks them up; that it takes no longer than it
 * may is seen to here. Looking one up costs a turn of the main loop at least, so a transport is
 * asked for those addresses only that have a name. */

#include "stream/hvsock-transport-private.h"

#include "stream/hvsock-blocking-call-private.h"

typedef struct
{
  HvsockAddress *address;
  guint timeout;
  GCancellable *inner; /* the transport's: cancelled by the caller's, or by the timer */
  gulong cancelled;    /* the handler of the caller's */
  GSource *timer;
  gboolean is_late;
} LookUp;

/* A transport that looks up names, and does not tell which addresses have one, sees to all. */
static gboolean
hvsock_transport_real_has_name (HvsockTransport *self, HvsockAddress *address)
{
  return HVSOCK_TRANSPORT_GET_CLASS (self)->resolve_async != NULL;
}

static HvsockAddress *
hvsock_transport_real_resolve_finish (HvsockTransport *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
hvsock_transport_class_init_names (HvsockTransportClass *klass)
{
  klass->has_name = hvsock_transport_real_has_name;
  klass->resolve_finish = hvsock_transport_real_resolve_finish;
}

gboolean
hvsock_transport_has_name (HvsockTransport *self, HvsockAddress *address)
{
  return HVSOCK_TRANSPORT_GET_CLASS (self)->has_name (self, address);
}

static void
look_up_free (gpointer data)
{
  LookUp *self = data;

  g_object_unref (self->address);
  g_clear_object (&self->inner);
  g_clear_pointer (&self->timer, g_source_unref);
  g_free (self);
}

static void
cancelled_cb (GCancellable *outer, gpointer inner)
{
  g_cancellable_cancel (inner);
}

static gboolean
late_cb (gpointer data)
{
  LookUp *self = data;

  self->is_late = TRUE;
  g_cancellable_cancel (self->inner);
  return G_SOURCE_REMOVE;
}

static void
look_up_begin (LookUp *self, GTask *task)
{
  GCancellable *outer = g_task_get_cancellable (task);

  self->inner = g_cancellable_new ();
  if (outer != NULL)
    self->cancelled = g_cancellable_connect (outer, G_CALLBACK (cancelled_cb),
                                             g_object_ref (self->inner), g_object_unref);
  if (self->timeout != 0)
    {
      self->timer = g_timeout_source_new (self->timeout);
      g_source_set_callback (self->timer, late_cb, self, NULL);
      g_source_attach (self->timer, g_task_get_context (task));
    }
}

/* This may be within the caller's cancellation, which is not to be waited for then. */
static void
look_up_end (LookUp *self, GTask *task)
{
  if (self->cancelled != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (task), self->cancelled);
  if (self->timer != NULL)
    g_source_destroy (self->timer);
}

static void
looked_up_cb (GObject *transport, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  LookUp *self = g_task_get_task_data (task);
  g_autofree char *uri = NULL;
  GError *error = NULL;
  HvsockAddress *resolved = HVSOCK_TRANSPORT_GET_CLASS (transport)->resolve_finish (
      HVSOCK_TRANSPORT (transport), result, &error);

  look_up_end (self, task);
  if (resolved != NULL)
    {
      g_task_return_pointer (task, resolved, g_object_unref);
      return;
    }

  if (self->is_late)
    {
      g_clear_error (&error);
      g_set_error (&error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "no answer within %u ms",
                   self->timeout);
    }
  uri = hvsock_address_to_uri (self->address);
  g_prefix_error (&error, "cannot resolve '%s': ", uri);
  g_task_return_error (task, error);
}

/**
 * hvsock_transport_resolve:
 * @self: a transport
 * @address: an address of its own kind
 * @timeout: how long it may take, in milliseconds; 0 for no limit
 * @cancellable: (nullable): ends the wait with %G_IO_ERROR_CANCELLED
 * @error: return location for an error
 *
 * Turns the name in an address into what can be connected to, and blocks while it looks the name
 * up. An address without a name is its own answer.
 *
 * Fails with %G_IO_ERROR_NOT_FOUND for an unknown name, %G_IO_ERROR_TIMED_OUT, or what the
 * transport's means of looking up say.
 *
 * Returns: (transfer full): an address without a name
 *
 * Since: 1.0
 */
HvsockAddress *
hvsock_transport_resolve (HvsockTransport *self,
                          HvsockAddress *address,
                          guint timeout,
                          GCancellable *cancellable,
                          GError **error)
{
  HvsockAddress *resolved;
  HvsockBlockingCall call;

  g_return_val_if_fail (HVSOCK_IS_TRANSPORT (self), NULL);
  g_return_val_if_fail (HVSOCK_IS_ADDRESS (address), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!hvsock_transport_has_name (self, address))
    return g_object_ref (address);

  hvsock_blocking_call_begin (&call, cancellable);
  hvsock_transport_resolve_async (self, address, timeout, cancellable, hvsock_blocking_call_cb,
                                  &call);
  hvsock_blocking_call_wait (&call);
  resolved = hvsock_transport_resolve_finish (self, call.result, error);
  hvsock_blocking_call_end (&call);
  return resolved;
}

/**
 * hvsock_transport_resolve_async:
 * @self: a transport
 * @address: an address of its own kind
 * @timeout: how long it may take, in milliseconds; 0 for no limit
 * @cancellable: (nullable): ends the wait with %G_IO_ERROR_CANCELLED
 * @callback: (scope async): called exactly once
 * @user_data: data for @callback
 *
 * Does what hvsock_transport_resolve() does without blocking.
 *
 * @callback runs in the thread-default main context of the caller.
 *
 * Since: 1.0
 */
void
hvsock_transport_resolve_async (HvsockTransport *self,
                                HvsockAddress *address,
                                guint timeout,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  LookUp *look_up;

  g_return_if_fail (HVSOCK_IS_TRANSPORT (self));
  g_return_if_fail (HVSOCK_IS_ADDRESS (address));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, hvsock_transport_resolve_async);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (!hvsock_transport_has_name (self, address))
    {
      g_task_return_pointer (task, g_object_ref (address), g_object_unref);
      return;
    }

  look_up = g_new0 (LookUp, 1);
  look_up->address = g_object_ref (address);
  look_up->timeout = timeout;
  g_task_set_task_data (task, look_up, look_up_free);
  look_up_begin (look_up, task);
  HVSOCK_TRANSPORT_GET_CLASS (self)->resolve_async (self, address, look_up->inner, looked_up_cb,
                                                    g_object_ref (task));
}

/**
 * hvsock_transport_resolve_finish:
 * @self: a transport
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends hvsock_transport_resolve_async().
 *
 * Returns: (transfer full): an address without a name
 *
 * Since: 1.0
 */
HvsockAddress *
hvsock_transport_resolve_finish (HvsockTransport *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (HVSOCK_IS_TRANSPORT (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
