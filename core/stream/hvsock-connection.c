/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What every connection has, whatever it is made of: addresses, a time-out, half-close. Descriptors
 * are one thing to make it of (hvsock-fd-connection.c); a plugin may bring another. */

#include <hvsock/hvsock-connection.h>

/**
 * HvsockConnection:
 *
 * A stream between a host and a guest.
 *
 * It is a complete [class@Gio.IOStream]: its two streams can be used with blocking, asynchronous
 * and pollable calls and with vectors of buffers, a read returns what is there, and zero means that
 * the other end has written its last. Writing to a peer that is gone is an error and never raises
 * `SIGPIPE`.
 *
 * Systems do not always tell somebody who waits to write that the peer is gone, so a write that
 * waits tries again once a second, and a source of [method@Gio.PollableOutputStream.create_source]
 * is dispatched as often though there may be no room.
 *
 * The two streams may be used from two threads, each by one thread at a time.
 * [method@Gio.IOStream.close] may be called from any thread while operations are under way: they
 * end with %G_IO_ERROR_CLOSED. One that begins at that very moment may fail with
 * %G_IO_ERROR_PENDING instead, since the close is under way itself. Bytes that were written before
 * still reach the peer where the system delivers them.
 *
 * On a packet-oriented connection (`?type=seqpacket`) each write is one message and each read takes
 * one; a read into a buffer that is too small for the message fails with
 * %G_IO_ERROR_MESSAGE_TOO_LARGE, and the message is lost.
 *
 * Over AF_VSOCK the system sends the beginning of a message for whose rest there is no room yet,
 * and that cannot be taken back. So a write of a message that is cancelled, meets the time-out or
 * is interrupted by a signal ends the connection; an asynchronous one waits in a thread; and the
 * output stream cannot be polled ([method@Gio.PollableOutputStream.can_poll]).
 *
 * Since: 1.0
 */

/**
 * HvsockConnectionClass:
 * @parent_class: the parent, whose streams and closing are to be implemented
 * @query_local_address: (optional): finds out the address of this end, for a connection that was
 *   made without; gives a reference to the caller, or %NULL
 * @set_timeout: (optional): how long a read or write may wait from now on, in milliseconds
 * @get_fd: (optional): the descriptor, or -1
 * @shutdown: (optional): closes one direction, or both; the default fails with
 *   %G_IO_ERROR_NOT_SUPPORTED
 *
 * What a transport with a connection of its own kind implements.
 *
 * Since: 1.0
 */

typedef struct
{
  HvsockAddress *local_address; /* atomic: may be found out later */
  HvsockAddress *remote_address;
  guint timeout; /* atomic */
  gboolean lacks_half_close;
} HvsockConnectionPrivate;

enum
{
  PROP_0,
  PROP_LOCAL_ADDRESS,
  PROP_REMOTE_ADDRESS,
  PROP_TIMEOUT,
  PROP_CAN_HALF_CLOSE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (HvsockConnection, hvsock_connection, G_TYPE_IO_STREAM)

static HvsockAddress *
hvsock_connection_real_query_local_address (HvsockConnection *self)
{
  return NULL;
}

static void
hvsock_connection_real_set_timeout (HvsockConnection *self, guint timeout)
{
}

static int
hvsock_connection_real_get_fd (HvsockConnection *self)
{
  return -1;
}

static gboolean
refuse_shutdown (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                       "cannot shut down: the transport cannot close one direction alone");
  return FALSE;
}

static gboolean
hvsock_connection_real_shutdown (HvsockConnection *self,
                                 gboolean read,
                                 gboolean write,
                                 GError **error)
{
  return (!read && !write) || refuse_shutdown (error);
}

static void
hvsock_connection_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HvsockConnection *self = HVSOCK_CONNECTION (object);

  switch (id)
    {
    case PROP_LOCAL_ADDRESS:
      g_value_set_object (value, hvsock_connection_get_local_address (self));
      break;
    case PROP_REMOTE_ADDRESS:
      g_value_set_object (value, hvsock_connection_get_remote_address (self));
      break;
    case PROP_TIMEOUT:
      g_value_set_uint (value, hvsock_connection_get_timeout (self));
      break;
    case PROP_CAN_HALF_CLOSE:
      g_value_set_boolean (value, hvsock_connection_can_half_close (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hvsock_connection_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  HvsockConnection *self = HVSOCK_CONNECTION (object);
  HvsockConnectionPrivate *priv = hvsock_connection_get_instance_private (self);

  switch (id)
    {
    case PROP_LOCAL_ADDRESS:
      priv->local_address = g_value_dup_object (value);
      break;
    case PROP_REMOTE_ADDRESS:
      priv->remote_address = g_value_dup_object (value);
      break;
    case PROP_TIMEOUT:
      hvsock_connection_set_timeout (self, g_value_get_uint (value));
      break;
    case PROP_CAN_HALF_CLOSE:
      priv->lacks_half_close = !g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hvsock_connection_finalize (GObject *object)
{
  HvsockConnectionPrivate *priv =
      hvsock_connection_get_instance_private (HVSOCK_CONNECTION (object));

  g_clear_object (&priv->local_address);
  g_clear_object (&priv->remote_address);
  G_OBJECT_CLASS (hvsock_connection_parent_class)->finalize (object);
}

static void
hvsock_connection_class_init (HvsockConnectionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = hvsock_connection_get_property;
  object_class->set_property = hvsock_connection_set_property;
  object_class->finalize = hvsock_connection_finalize;
  klass->query_local_address = hvsock_connection_real_query_local_address;
  klass->set_timeout = hvsock_connection_real_set_timeout;
  klass->get_fd = hvsock_connection_real_get_fd;
  klass->shutdown = hvsock_connection_real_shutdown;

  /**
   * HvsockConnection:local-address: (getter get_local_address)
   *
   * The address of this end, where it is known.
   *
   * Since: 1.0
   */
  properties[PROP_LOCAL_ADDRESS] =
      g_param_spec_object ("local-address", NULL, NULL, HVSOCK_TYPE_ADDRESS,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  /**
   * HvsockConnection:remote-address: (getter get_remote_address)
   *
   * The address of the peer, where it is known.
   *
   * Since: 1.0
   */
  properties[PROP_REMOTE_ADDRESS] =
      g_param_spec_object ("remote-address", NULL, NULL, HVSOCK_TYPE_ADDRESS,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  /**
   * HvsockConnection:timeout: (getter get_timeout) (setter set_timeout)
   *
   * How long one read or write may wait, in milliseconds; 0 is for ever.
   *
   * Since: 1.0
   */
  properties[PROP_TIMEOUT] =
      g_param_spec_uint ("timeout", NULL, NULL, 0, G_MAXINT, 0,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  /**
   * HvsockConnection:can-half-close: (getter can_half_close)
   *
   * Whether one direction can be closed alone. It is for the transport to set, before anybody else
   * has the connection.
   *
   * Since: 1.0
   */
  properties[PROP_CAN_HALF_CLOSE] = g_param_spec_boolean (
      "can-half-close", NULL, NULL, TRUE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
hvsock_connection_init (HvsockConnection *self)
{
}

/**
 * hvsock_connection_get_local_address:
 * @self: a connection
 *
 * Gets the address of this end. May be called from any thread.
 *
 * Returns: (transfer none) (nullable): the address, or %NULL where the transport conveys none
 *
 * Since: 1.0
 */
HvsockAddress *
hvsock_connection_get_local_address (HvsockConnection *self)
{
  HvsockConnectionPrivate *priv;
  g_autoptr (HvsockAddress) address = NULL;

  g_return_val_if_fail (HVSOCK_IS_CONNECTION (self), NULL);

  priv = hvsock_connection_get_instance_private (self);
  /* Few ask, so it is found out for the first who does. */
  if (g_atomic_pointer_get (&priv->local_address) == NULL)
    {
      address = HVSOCK_CONNECTION_GET_CLASS (self)->query_local_address (self);
      if (address != NULL &&
          g_atomic_pointer_compare_and_exchange (&priv->local_address, NULL, address))
        g_steal_pointer (&address);
    }
  return g_atomic_pointer_get (&priv->local_address);
}

/**
 * hvsock_connection_get_remote_address:
 * @self: a connection
 *
 * Gets the address of the peer: the one that was connected to, or that of an accepted peer. May be
 * called from any thread.
 *
 * Returns: (transfer none) (nullable): the address, or %NULL where the transport conveys none, as a
 *   Unix socket does of those who connect to it
 *
 * Since: 1.0
 */
HvsockAddress *
hvsock_connection_get_remote_address (HvsockConnection *self)
{
  HvsockConnectionPrivate *priv;

  g_return_val_if_fail (HVSOCK_IS_CONNECTION (self), NULL);

  priv = hvsock_connection_get_instance_private (self);
  return priv->remote_address;
}

/**
 * hvsock_connection_get_timeout:
 * @self: a connection
 *
 * Gets how long one read or write may wait. May be called from any thread.
 *
 * Returns: the time in milliseconds, 0 for ever
 *
 * Since: 1.0
 */
guint
hvsock_connection_get_timeout (HvsockConnection *self)
{
  HvsockConnectionPrivate *priv;

  g_return_val_if_fail (HVSOCK_IS_CONNECTION (self), 0);

  priv = hvsock_connection_get_instance_private (self);
  return g_atomic_int_get (&priv->timeout);
}

/**
 * hvsock_connection_set_timeout:
 * @self: a connection
 * @timeout: the time in milliseconds, 0 for ever
 *
 * Sets how long one read or write may wait before it fails with %G_IO_ERROR_TIMED_OUT. It applies
 * to blocking and asynchronous operations that begin after the call. May be called from any thread.
 *
 * Since: 1.0
 */
void
hvsock_connection_set_timeout (HvsockConnection *self, guint timeout)
{
  HvsockConnectionPrivate *priv;

  g_return_if_fail (HVSOCK_IS_CONNECTION (self));
  g_return_if_fail (timeout <= G_MAXINT);

  priv = hvsock_connection_get_instance_private (self);
  if ((guint) g_atomic_int_get (&priv->timeout) == timeout)
    return;

  g_atomic_int_set (&priv->timeout, timeout);
  HVSOCK_CONNECTION_GET_CLASS (self)->set_timeout (self, timeout);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TIMEOUT]);
}

/**
 * hvsock_connection_get_fd:
 * @self: a connection
 *
 * Gets the descriptor that @self is made of, to set socket options or to watch it. It stays the
 * connection's own: do not close it, and do not use it after the connection is closed. It is
 * close-on-exec, and in blocking mode on Linux but not on macOS.
 *
 * Returns: the descriptor, or -1 if the connection has none, as on Windows, or is closed
 *
 * Since: 1.0
 */
int
hvsock_connection_get_fd (HvsockConnection *self)
{
  g_return_val_if_fail (HVSOCK_IS_CONNECTION (self), -1);

  return HVSOCK_CONNECTION_GET_CLASS (self)->get_fd (self);
}

/**
 * hvsock_connection_can_half_close:
 * @self: a connection
 *
 * Tells whether [method@Connection.shutdown] can close one direction and leave the other. Where it
 * cannot, the end of what was written is to be told in another way: by what is written, or by
 * closing the connection. May be called from any thread.
 *
 * Returns: whether one direction can be closed alone
 *
 * Since: 1.0
 */
gboolean
hvsock_connection_can_half_close (HvsockConnection *self)
{
  HvsockConnectionPrivate *priv;

  g_return_val_if_fail (HVSOCK_IS_CONNECTION (self), FALSE);

  priv = hvsock_connection_get_instance_private (self);
  return !priv->lacks_half_close;
}

/**
 * hvsock_connection_shutdown:
 * @self: a connection
 * @read: whether to end reading: what the peer still writes is not wanted
 * @write: whether to end writing: the peer reads what was written, then the end of the stream
 * @error: return location for an error
 *
 * Closes one direction, or both, and leaves the connection open.
 *
 * Where one direction cannot be closed alone ([method@Connection.can_half_close]) this fails with
 * %G_IO_ERROR_NOT_SUPPORTED and cuts nothing, unless both are to be closed. On a closed
 * connection this fails with %G_IO_ERROR_CLOSED. A connection that the peer has ended counts as
 * shut down. Does not block. May be called from any thread.
 *
 * Returns: whether it succeeded
 *
 * Since: 1.0
 */
gboolean
hvsock_connection_shutdown (HvsockConnection *self, gboolean read, gboolean write, GError **error)
{
  g_return_val_if_fail (HVSOCK_IS_CONNECTION (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (read != write && !hvsock_connection_can_half_close (self) &&
      !g_io_stream_is_closed (G_IO_STREAM (self)))
    return refuse_shutdown (error);
  return HVSOCK_CONNECTION_GET_CLASS (self)->shutdown (self, read, write, error);
}
