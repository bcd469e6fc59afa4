/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What a plugin implements, and what it need not: the defaults make a transport of very little. */

#include "stream/hvsock-transport-private.h"

#include <hvsock/hvsock-error.h>

#include "stream/hvsock-blocking-call-private.h"

/**
 * HvsockTransport:
 *
 * A way to reach the other side, as a plugin implements it.
 *
 * Applications rarely see one: [class@Client] asks the [class@Registry] for the transport of a URI
 * and uses it. A transport may be used from any thread.
 *
 * A plugin implements one of `connect` and `connect_async`, and the other follows. `parse_address`
 * defaults to the built-in schemes, `probe` to a transport that is always available,
 * `resolve_async` to addresses that need no resolving, and `listen` to %G_IO_ERROR_NOT_SUPPORTED.
 * Time-outs are in milliseconds, 0 for none, and cover the whole call. A transport over descriptors
 * derives from `HvsockFdTransport` and gets all of this.
 *
 * Since: 1.0
 */

/**
 * HvsockTransportClass:
 * @parent_class: the parent
 * @parse_address: (optional): reads a URI of one of the plugin's schemes; must not block
 * @probe: (optional): finds out what works on this machine, without connecting; never %NULL
 * @resolve_async: (optional): looks up the name in an address. Its cancellable is never %NULL, and
 *   is cancelled as well when time is up: it is to end soon then. Its error need not name the
 *   address, which is put before it
 * @resolve_finish: (optional): ends that; by default the result is that of a [class@Gio.Task]
 * @connect: opens a connection and blocks; this or @connect_async is to be implemented
 * @connect_async: opens a connection
 * @connect_finish: (optional): ends that; by default the result is that of a [class@Gio.Task]
 * @listen: (optional): begins to listen, at once
 * @refusal_timeout: for a system that never says that nobody listens: how long its silence, in
 *   milliseconds, is waited for until a client takes it for a refusal, unless it was given a
 * time-out of its own; 0 where the system does say so
 * @has_name: (optional): tells whether an address has a name to look up, at once; @resolve_async is
 *   asked for those only. By default it is asked for every address, which costs each of them a turn
 *   of the main loop
 *
 * What a plugin implements. The methods of the same names say what is asked of each; they are
 * called from any thread, several at a time. Addresses for listening only do not come to `connect`,
 * nor those for connecting only to `listen`.
 *
 * Since: 1.0
 */

typedef struct
{
  char *name;
} HvsockTransportPrivate;

enum
{
  PROP_0,
  PROP_NAME,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static guint handshake_signal;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (HvsockTransport, hvsock_transport, G_TYPE_OBJECT)

static HvsockAddress *
hvsock_transport_real_parse_address (HvsockTransport *self, const char *uri, GError **error)
{
  return hvsock_address_new_from_uri (uri, error);
}

static HvsockProbe *
hvsock_transport_real_probe (HvsockTransport *self, GCancellable *cancellable)
{
  return hvsock_probe_new_available (HVSOCK_FEATURE_CONNECT | HVSOCK_FEATURE_STREAM);
}

typedef struct
{
  HvsockAddress *address;
  guint timeout;
} ConnectRequest;

static void
connect_request_free (gpointer data)
{
  ConnectRequest *request = data;

  g_object_unref (request->address);
  g_free (request);
}

static void
connect_in_thread (GTask *task, gpointer transport, gpointer data, GCancellable *cancellable)
{
  ConnectRequest *request = data;
  GError *error = NULL;
  HvsockConnection *connection = HVSOCK_TRANSPORT_GET_CLASS (transport)->connect (
      transport, request->address, request->timeout, cancellable, &error);

  if (connection != NULL)
    g_task_return_pointer (task, connection, g_object_unref);
  else
    g_task_return_error (task, error);
}

static void
hvsock_transport_real_connect_async (HvsockTransport *self,
                                     HvsockAddress *address,
                                     guint timeout,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  ConnectRequest *request = g_new (ConnectRequest, 1);

  *request = (ConnectRequest){ g_object_ref (address), timeout };
  g_task_set_source_tag (task, hvsock_transport_real_connect_async);
  g_task_set_task_data (task, request, connect_request_free);
  g_task_run_in_thread (task, connect_in_thread);
}

static HvsockConnection *
hvsock_transport_real_connect_finish (HvsockTransport *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static HvsockConnection *
hvsock_transport_real_connect (HvsockTransport *self,
                               HvsockAddress *address,
                               guint timeout,
                               GCancellable *cancellable,
                               GError **error)
{
  HvsockTransportClass *klass = HVSOCK_TRANSPORT_GET_CLASS (self);
  HvsockConnection *connection;
  HvsockBlockingCall call;

  /* Each default is made of the other: a transport that implements neither cannot connect. */
  if (klass->connect_async == hvsock_transport_real_connect_async)
    {
      g_autofree char *uri = hvsock_address_to_uri (address);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   "cannot connect to '%s': the transport is for listening only", uri);
      return NULL;
    }

  hvsock_blocking_call_begin (&call, cancellable);
  klass->connect_async (self, address, timeout, cancellable, hvsock_blocking_call_cb, &call);
  hvsock_blocking_call_wait (&call);
  connection = klass->connect_finish (self, call.result, error);
  hvsock_blocking_call_end (&call);
  return connection;
}

static HvsockListener *
hvsock_transport_real_listen (HvsockTransport *self,
                              HvsockAddress *address,
                              GCancellable *cancellable,
                              GError **error)
{
  g_autofree char *uri = hvsock_address_to_uri (address);

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
               "cannot listen on '%s': the transport is for connecting only", uri);
  return NULL;
}

static void
hvsock_transport_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_NAME)
    g_value_set_string (value, hvsock_transport_get_name (HVSOCK_TRANSPORT (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
hvsock_transport_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  HvsockTransportPrivate *priv = hvsock_transport_get_instance_private (HVSOCK_TRANSPORT (object));

  if (id == PROP_NAME)
    priv->name = g_value_dup_string (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
hvsock_transport_finalize (GObject *object)
{
  HvsockTransportPrivate *priv = hvsock_transport_get_instance_private (HVSOCK_TRANSPORT (object));

  g_free (priv->name);
  G_OBJECT_CLASS (hvsock_transport_parent_class)->finalize (object);
}

static void
hvsock_transport_class_init (HvsockTransportClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = hvsock_transport_get_property;
  object_class->set_property = hvsock_transport_set_property;
  object_class->finalize = hvsock_transport_finalize;
  klass->parse_address = hvsock_transport_real_parse_address;
  klass->probe = hvsock_transport_real_probe;
  klass->connect = hvsock_transport_real_connect;
  klass->connect_async = hvsock_transport_real_connect_async;
  klass->connect_finish = hvsock_transport_real_connect_finish;
  klass->listen = hvsock_transport_real_listen;
  hvsock_transport_class_init_names (klass);

  /**
   * HvsockTransport:name: (getter get_name)
   *
   * The name of the plugin that brings the transport.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] =
      g_param_spec_string ("name", NULL, NULL, NULL,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * HvsockTransport::handshake:
   * @self: the transport
   * @address: the address that is being connected to
   *
   * The system has made a connection, and the peer's answer to what the protocol begins with is
   * awaited. Transports whose protocol has no such answer do not emit it.
   *
   * It is emitted in the thread that connects, or where the main context of an asynchronous call is
   * run, for all connections that are being made through this transport.
   *
   * Since: 1.0
   */
  handshake_signal = g_signal_new ("handshake", HVSOCK_TYPE_TRANSPORT, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, HVSOCK_TYPE_ADDRESS);
}

void
hvsock_transport_tell_handshake (HvsockTransport *self, HvsockAddress *address)
{
  g_signal_emit (self, handshake_signal, 0, address);
}

static void
hvsock_transport_init (HvsockTransport *self)
{
}

/**
 * hvsock_transport_get_name:
 * @self: a transport
 *
 * Gets the name of the plugin that brings the transport.
 *
 * Returns: (transfer none) (nullable): the name; %NULL if no registry made @self
 *
 * Since: 1.0
 */
const char *
hvsock_transport_get_name (HvsockTransport *self)
{
  HvsockTransportPrivate *priv;

  g_return_val_if_fail (HVSOCK_IS_TRANSPORT (self), NULL);

  priv = hvsock_transport_get_instance_private (self);
  return priv->name;
}

/**
 * hvsock_transport_parse_address:
 * @self: a transport
 * @uri: a URI of one of its schemes
 * @error: return location for an error
 *
 * Reads a URI. Does not block: a name in it is resolved by hvsock_transport_resolve().
 * Fails with %HVSOCK_ERROR_INVALID_URI.
 *
 * Returns: (transfer full): the address that @uri names
 *
 * Since: 1.0
 */
HvsockAddress *
hvsock_transport_parse_address (HvsockTransport *self, const char *uri, GError **error)
{
  g_return_val_if_fail (HVSOCK_IS_TRANSPORT (self), NULL);
  g_return_val_if_fail (uri != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return hvsock_transport_take_framing (
      HVSOCK_TRANSPORT_GET_CLASS (self)->parse_address (self, uri, error), uri, error);
}

/**
 * hvsock_transport_probe:
 * @self: a transport
 * @cancellable: (nullable): asks the transport to give up
 *
 * Finds out what the transport can do on this machine. It looks only, and connects to nobody. May
 * block for a moment; hvsock_registry_probe() bounds that.
 *
 * Returns: (transfer full): what was found
 *
 * Since: 1.0
 */
HvsockProbe *
hvsock_transport_probe (HvsockTransport *self, GCancellable *cancellable)
{
  g_return_val_if_fail (HVSOCK_IS_TRANSPORT (self), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);

  return HVSOCK_TRANSPORT_GET_CLASS (self)->probe (self, cancellable);
}

static void
set_limited_error (HvsockAddress *address, const char *refused, const char *use, GError **error)
{
  g_autofree char *uri = hvsock_address_to_uri (address);

  g_set_error (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI,
               "cannot %s '%s': the address is for %s only", refused, uri, use);
}

static gboolean
can_connect_to (HvsockAddress *address, GError **error)
{
  if (!hvsock_address_is_listen_only (address))
    return TRUE;

  set_limited_error (address, "connect to", "listening", error);
  return FALSE;
}

/**
 * hvsock_transport_connect:
 * @self: a transport
 * @address: an address of its own kind, without a name
 * @timeout: how long it may take, in milliseconds; 0 for no limit
 * @cancellable: (nullable): ends the attempt with %G_IO_ERROR_CANCELLED
 * @error: return location for an error
 *
 * Opens a connection, and blocks until it is ready for use: handshakes of the transport are part of
 * it. A failed attempt leaves nothing behind.
 *
 * Fails with %HVSOCK_ERROR_INVALID_URI when @address is for listening only, and else with a code of
 * %G_IO_ERROR: %G_IO_ERROR_CONNECTION_REFUSED when nobody listens there, %G_IO_ERROR_TIMED_OUT,
 * %G_IO_ERROR_HOST_UNREACHABLE, %G_IO_ERROR_NOT_FOUND, %G_IO_ERROR_PERMISSION_DENIED,
 * %G_IO_ERROR_NOT_SUPPORTED.
 *
 * Returns: (transfer full): a connection
 *
 * Since: 1.0
 */
HvsockConnection *
hvsock_transport_connect (HvsockTransport *self,
                          HvsockAddress *address,
                          guint timeout,
                          GCancellable *cancellable,
                          GError **error)
{
  g_return_val_if_fail (HVSOCK_IS_TRANSPORT (self), NULL);
  g_return_val_if_fail (HVSOCK_IS_ADDRESS (address), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!can_connect_to (address, error))
    return NULL;

  return HVSOCK_TRANSPORT_GET_CLASS (self)->connect (self, address, timeout, cancellable, error);
}

/**
 * hvsock_transport_connect_async:
 * @self: a transport
 * @address: an address of its own kind, without a name
 * @timeout: how long it may take, in milliseconds; 0 for no limit
 * @cancellable: (nullable): ends the attempt with %G_IO_ERROR_CANCELLED
 * @callback: (scope async): called exactly once
 * @user_data: data for @callback
 *
 * Does what hvsock_transport_connect() does without blocking.
 *
 * @callback runs in the thread-default main context of the caller.
 *
 * Since: 1.0
 */
void
hvsock_transport_connect_async (HvsockTransport *self,
                                HvsockAddress *address,
                                guint timeout,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  GError *error = NULL;

  g_return_if_fail (HVSOCK_IS_TRANSPORT (self));
  g_return_if_fail (HVSOCK_IS_ADDRESS (address));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  if (can_connect_to (address, &error))
    HVSOCK_TRANSPORT_GET_CLASS (self)->connect_async (self, address, timeout, cancellable, callback,
                                                      user_data);
  else
    g_task_report_error (self, callback, user_data, hvsock_transport_connect_async, error);
}

/**
 * hvsock_transport_connect_finish:
 * @self: a transport
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends hvsock_transport_connect_async().
 *
 * Returns: (transfer full): a connection
 *
 * Since: 1.0
 */
HvsockConnection *
hvsock_transport_connect_finish (HvsockTransport *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (HVSOCK_IS_TRANSPORT (self), NULL);
  g_return_val_if_fail (G_IS_ASYNC_RESULT (result), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (g_async_result_is_tagged (result, hvsock_transport_connect_async))
    return g_task_propagate_pointer (G_TASK (result), error);

  return HVSOCK_TRANSPORT_GET_CLASS (self)->connect_finish (self, result, error);
}

gboolean
hvsock_transport_can_listen_on (HvsockAddress *address, GError **error)
{
  if (!hvsock_address_is_connect_only (address))
    return TRUE;

  set_limited_error (address, "listen on", "connecting", error);
  return FALSE;
}

/**
 * hvsock_transport_listen:
 * @self: a transport
 * @address: an address of its own kind, without a name
 * @cancellable: (nullable): not used by transports that listen at once
 * @error: return location for an error
 *
 * Begins to listen.
 *
 * Fails with a code of %G_IO_ERROR: %G_IO_ERROR_ADDRESS_IN_USE, %G_IO_ERROR_NOT_FOUND when the
 * address is not one of this machine, %G_IO_ERROR_PERMISSION_DENIED, %G_IO_ERROR_NOT_SUPPORTED; or
 * with %HVSOCK_ERROR_INVALID_URI when the address is for connecting only.
 *
 * Returns: (transfer full): a listener
 *
 * Since: 1.0
 */
HvsockListener *
hvsock_transport_listen (HvsockTransport *self,
                         HvsockAddress *address,
                         GCancellable *cancellable,
                         GError **error)
{
  g_return_val_if_fail (HVSOCK_IS_TRANSPORT (self), NULL);
  g_return_val_if_fail (HVSOCK_IS_ADDRESS (address), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!hvsock_transport_can_listen_on (address, error))
    return NULL;

  return HVSOCK_TRANSPORT_GET_CLASS (self)->listen (self, address, cancellable, error);
}
