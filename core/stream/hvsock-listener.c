/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What every listener has, whatever it is made of. Descriptors are one thing to make it of
 * (hvsock-fd-listener.c); a plugin may bring another. */

#include <hvsock/hvsock-listener.h>

#include "stream/hvsock-blocking-call-private.h"

/**
 * HvsockListener:
 *
 * Waits for connections to one address.
 *
 * A listener outlives every failure that concerns one peer only, and waits for better times when
 * the process or the system is out of descriptors or memory. It is closed with its last reference,
 * or before by [method@Listener.close].
 *
 * Since: 1.0
 */

/**
 * HvsockListenerClass:
 * @parent_class: the parent
 * @accept: waits for a connection and blocks; this or @accept_async is to be implemented, and the
 *   other follows. Both must end when the listener is closed
 * @accept_async: waits for a connection; the default calls @accept in a thread
 * @accept_finish: ends that; goes with it
 * @close: (optional): stops listening and ends what waits; called once
 *
 * What a transport with a listener of its own kind implements.
 *
 * Since: 1.0
 */

typedef struct
{
  HvsockAddress *local_address;
  int is_closed; /* atomic */
  gboolean lacks_half_close;
} HvsockListenerPrivate;

enum
{
  PROP_0,
  PROP_LOCAL_ADDRESS,
  PROP_CAN_HALF_CLOSE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (HvsockListener, hvsock_listener, G_TYPE_OBJECT)

static void
accept_in_thread (GTask *task, gpointer listener, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  HvsockConnection *connection = hvsock_listener_accept (listener, cancellable, &error);

  if (connection != NULL)
    g_task_return_pointer (task, connection, g_object_unref);
  else
    g_task_return_error (task, error);
}

static void
hvsock_listener_real_accept_async (HvsockListener *self,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, hvsock_listener_real_accept_async);
  g_task_run_in_thread (task, accept_in_thread);
}

static HvsockConnection *
hvsock_listener_real_accept_finish (HvsockListener *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static HvsockConnection *
hvsock_listener_real_accept (HvsockListener *self, GCancellable *cancellable, GError **error)
{
  HvsockListenerClass *klass = HVSOCK_LISTENER_GET_CLASS (self);
  HvsockConnection *connection;
  HvsockBlockingCall call;

  /* Each default is made of the other. */
  if (klass->accept_async == hvsock_listener_real_accept_async)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           "cannot accept: the listener has no way to");
      return NULL;
    }

  hvsock_blocking_call_begin (&call, cancellable);
  klass->accept_async (self, cancellable, hvsock_blocking_call_cb, &call);
  hvsock_blocking_call_wait (&call);
  connection = klass->accept_finish (self, call.result, error);
  hvsock_blocking_call_end (&call);
  return connection;
}

static void
hvsock_listener_real_close (HvsockListener *self)
{
}

static void
hvsock_listener_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HvsockListener *self = HVSOCK_LISTENER (object);

  switch (id)
    {
    case PROP_LOCAL_ADDRESS:
      g_value_set_object (value, hvsock_listener_get_local_address (self));
      break;
    case PROP_CAN_HALF_CLOSE:
      g_value_set_boolean (value, hvsock_listener_can_half_close (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hvsock_listener_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  HvsockListenerPrivate *priv = hvsock_listener_get_instance_private (HVSOCK_LISTENER (object));

  switch (id)
    {
    case PROP_LOCAL_ADDRESS:
      priv->local_address = g_value_dup_object (value);
      break;
    case PROP_CAN_HALF_CLOSE:
      priv->lacks_half_close = !g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hvsock_listener_dispose (GObject *object)
{
  hvsock_listener_close (HVSOCK_LISTENER (object));
  G_OBJECT_CLASS (hvsock_listener_parent_class)->dispose (object);
}

static void
hvsock_listener_finalize (GObject *object)
{
  HvsockListenerPrivate *priv = hvsock_listener_get_instance_private (HVSOCK_LISTENER (object));

  g_clear_object (&priv->local_address);
  G_OBJECT_CLASS (hvsock_listener_parent_class)->finalize (object);
}

static void
hvsock_listener_class_init (HvsockListenerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = hvsock_listener_get_property;
  object_class->set_property = hvsock_listener_set_property;
  object_class->dispose = hvsock_listener_dispose;
  object_class->finalize = hvsock_listener_finalize;
  klass->accept = hvsock_listener_real_accept;
  klass->accept_async = hvsock_listener_real_accept_async;
  klass->accept_finish = hvsock_listener_real_accept_finish;
  klass->close = hvsock_listener_real_close;

  /**
   * HvsockListener:local-address: (getter get_local_address)
   *
   * The address that is listened on.
   *
   * Since: 1.0
   */
  properties[PROP_LOCAL_ADDRESS] =
      g_param_spec_object ("local-address", NULL, NULL, HVSOCK_TYPE_ADDRESS,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  /**
   * HvsockListener:can-half-close: (getter can_half_close)
   *
   * Whether one direction of the connections to come can be closed alone. It is for the transport
   * to set, before anybody else has the listener.
   *
   * Since: 1.0
   */
  properties[PROP_CAN_HALF_CLOSE] = g_param_spec_boolean (
      "can-half-close", NULL, NULL, TRUE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
hvsock_listener_init (HvsockListener *self)
{
}

/**
 * hvsock_listener_accept:
 * @self: a listener
 * @cancellable: (nullable): ends the wait with %G_IO_ERROR_CANCELLED
 * @error: return location for an error
 *
 * Waits for the next connection, and blocks for as long.
 *
 * Errors that concern one peer only (it went away before it was accepted) are not reported: the
 * wait goes on. When the process is out of descriptors, the wait pauses and goes on as well.
 * Closing @self ends the wait with %G_IO_ERROR_CLOSED. May be called from any thread.
 *
 * Returns: (transfer full): a connection
 *
 * Since: 1.0
 */
HvsockConnection *
hvsock_listener_accept (HvsockListener *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HVSOCK_IS_LISTENER (self), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return HVSOCK_LISTENER_GET_CLASS (self)->accept (self, cancellable, error);
}

/**
 * hvsock_listener_accept_async:
 * @self: a listener
 * @cancellable: (nullable): ends the wait with %G_IO_ERROR_CANCELLED
 * @callback: (scope async): called exactly once
 * @user_data: data for @callback
 *
 * Waits for the next connection.
 *
 * Errors that concern one peer only (it went away before it was accepted) are not reported: the
 * wait goes on. When the process is out of descriptors, the wait pauses and goes on as well.
 * Closing @self ends the wait with %G_IO_ERROR_CLOSED. Several waits may be under way at once.
 *
 * @callback runs in the thread-default main context of the caller.
 *
 * Since: 1.0
 */
void
hvsock_listener_accept_async (HvsockListener *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_return_if_fail (HVSOCK_IS_LISTENER (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  HVSOCK_LISTENER_GET_CLASS (self)->accept_async (self, cancellable, callback, user_data);
}

/**
 * hvsock_listener_accept_finish:
 * @self: a listener
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends hvsock_listener_accept_async().
 *
 * Returns: (transfer full): a connection
 *
 * Since: 1.0
 */
HvsockConnection *
hvsock_listener_accept_finish (HvsockListener *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (HVSOCK_IS_LISTENER (self), NULL);
  g_return_val_if_fail (G_IS_ASYNC_RESULT (result), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return HVSOCK_LISTENER_GET_CLASS (self)->accept_finish (self, result, error);
}

/**
 * hvsock_listener_close:
 * @self: a listener
 *
 * Stops listening. Waits that are under way end with %G_IO_ERROR_CLOSED, peers that were not
 * accepted yet are turned away, and a socket file that listening created is removed. Closing twice
 * does nothing. An asynchronous wait holds on to the address until its main context has run its
 * callback. Does not block. May be called from any thread.
 *
 * Since: 1.0
 */
void
hvsock_listener_close (HvsockListener *self)
{
  HvsockListenerPrivate *priv;

  g_return_if_fail (HVSOCK_IS_LISTENER (self));

  priv = hvsock_listener_get_instance_private (self);
  if (g_atomic_int_compare_and_exchange (&priv->is_closed, FALSE, TRUE))
    HVSOCK_LISTENER_GET_CLASS (self)->close (self);
}

/**
 * hvsock_listener_is_closed:
 * @self: a listener
 *
 * Tells whether hvsock_listener_close() was called. May be called from any thread.
 *
 * Returns: whether @self is closed
 *
 * Since: 1.0
 */
gboolean
hvsock_listener_is_closed (HvsockListener *self)
{
  HvsockListenerPrivate *priv;

  g_return_val_if_fail (HVSOCK_IS_LISTENER (self), TRUE);

  priv = hvsock_listener_get_instance_private (self);
  return g_atomic_int_get (&priv->is_closed);
}

/**
 * hvsock_listener_get_local_address:
 * @self: a listener
 *
 * Gets the address that is listened on. Where a free port was asked for, it has the port that was
 * found. May be called from any thread.
 *
 * Returns: (transfer none) (nullable): the address, or %NULL for an inherited descriptor that has
 * none
 *
 * Since: 1.0
 */
HvsockAddress *
hvsock_listener_get_local_address (HvsockListener *self)
{
  HvsockListenerPrivate *priv;

  g_return_val_if_fail (HVSOCK_IS_LISTENER (self), NULL);

  priv = hvsock_listener_get_instance_private (self);
  return priv->local_address;
}

/**
 * hvsock_listener_can_half_close:
 * @self: a listener
 *
 * Tells whether one direction of the connections to come can be closed alone. May be called from
 * any thread.
 *
 * Returns: whether [method@Connection.shutdown] can close one direction and leave the other
 *
 * Since: 1.0
 */
gboolean
hvsock_listener_can_half_close (HvsockListener *self)
{
  HvsockListenerPrivate *priv;

  g_return_val_if_fail (HVSOCK_IS_LISTENER (self), FALSE);

  priv = hvsock_listener_get_instance_private (self);
  return !priv->lacks_half_close;
}
