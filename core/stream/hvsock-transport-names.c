/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What a transport does about names in addresses. Looking one up costs a turn of the main loop at
 * least, so a transport is asked for those addresses only that have one. */

#include "stream/hvsock-transport-private.h"

#include "stream/hvsock-blocking-call-private.h"

static void
hvsock_transport_real_resolve_async (HvsockTransport *self,
                                     HvsockAddress *address,
                                     guint timeout,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, hvsock_transport_real_resolve_async);
  g_task_return_pointer (task, g_object_ref (address), g_object_unref);
}

static HvsockAddress *
hvsock_transport_real_resolve_finish (HvsockTransport *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* A transport that looks up names, and does not tell which addresses have one, sees to all. */
static gboolean
hvsock_transport_real_has_name (HvsockTransport *self, HvsockAddress *address)
{
  return HVSOCK_TRANSPORT_GET_CLASS (self)->resolve_async != hvsock_transport_real_resolve_async;
}

void
hvsock_transport_class_init_names (HvsockTransportClass *klass)
{
  klass->has_name = hvsock_transport_real_has_name;
  klass->resolve_async = hvsock_transport_real_resolve_async;
  klass->resolve_finish = hvsock_transport_real_resolve_finish;
}

gboolean
hvsock_transport_has_name (HvsockTransport *self, HvsockAddress *address)
{
  return HVSOCK_TRANSPORT_GET_CLASS (self)->has_name (self, address);
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
  HvsockTransportClass *klass;
  HvsockAddress *resolved;
  HvsockBlockingCall call;

  g_return_val_if_fail (HVSOCK_IS_TRANSPORT (self), NULL);
  g_return_val_if_fail (HVSOCK_IS_ADDRESS (address), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  klass = HVSOCK_TRANSPORT_GET_CLASS (self);
  if (!hvsock_transport_has_name (self, address))
    return g_object_ref (address);

  hvsock_blocking_call_begin (&call, cancellable);
  klass->resolve_async (self, address, timeout, cancellable, hvsock_blocking_call_cb, &call);
  hvsock_blocking_call_wait (&call);
  resolved = klass->resolve_finish (self, call.result, error);
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
  g_return_if_fail (HVSOCK_IS_TRANSPORT (self));
  g_return_if_fail (HVSOCK_IS_ADDRESS (address));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  if (hvsock_transport_has_name (self, address))
    HVSOCK_TRANSPORT_GET_CLASS (self)->resolve_async (self, address, timeout, cancellable, callback,
                                                      user_data);
  else
    hvsock_transport_real_resolve_async (self, address, timeout, cancellable, callback, user_data);
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
  g_return_val_if_fail (G_IS_ASYNC_RESULT (result), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (g_async_result_is_tagged (result, hvsock_transport_real_resolve_async))
    return hvsock_transport_real_resolve_finish (self, result, error);

  return HVSOCK_TRANSPORT_GET_CLASS (self)->resolve_finish (self, result, error);
}
