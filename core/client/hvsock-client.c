/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What an application uses: connect to a URI, or listen on one, with a few settings. */

#include "client/hvsock-client-private.h"

#include "stream/hvsock-transport-private.h"

/* A guest that boots, or a peer that is busy, gets this long; in milliseconds. */
#define DEFAULT_TIMEOUT 10000

/**
 * HvsockClient:
 *
 * Opens connections and listens by URI.
 *
 * ```c
 * g_autoptr (HvsockClient) client = hvsock_client_new ();
 * g_autoptr (HvsockConnection) connection = NULL;
 *
 * hvsock_client_set_retry_interval (client, 200);
 * connection = hvsock_client_connect (client, "vsock://3:80", NULL, &error);
 * ```
 *
 * The settings apply to calls that begin after they are made. A client may be used from any thread.
 *
 * Since: 1.0
 */

struct _HvsockClient
{
  GObject parent_instance;

  HvsockRegistry *registry;
  guint timeout;        /* atomic */
  gboolean has_timeout; /* atomic: it is not the default, but the application's */
  guint retry_interval; /* atomic */
};

enum
{
  PROP_0,
  PROP_REGISTRY,
  PROP_TIMEOUT,
  PROP_RETRY_INTERVAL,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (HvsockClient, hvsock_client, G_TYPE_OBJECT)

static void
hvsock_client_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HvsockClient *self = HVSOCK_CLIENT (object);

  switch (id)
    {
    case PROP_REGISTRY:
      g_value_set_object (value, hvsock_client_get_registry (self));
      break;
    case PROP_TIMEOUT:
      g_value_set_uint (value, hvsock_client_get_timeout (self));
      break;
    case PROP_RETRY_INTERVAL:
      g_value_set_uint (value, hvsock_client_get_retry_interval (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hvsock_client_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  HvsockClient *self = HVSOCK_CLIENT (object);

  switch (id)
    {
    case PROP_REGISTRY:
      self->registry = g_value_dup_object (value);
      break;
    case PROP_TIMEOUT:
      hvsock_client_set_timeout (self, g_value_get_uint (value));
      break;
    case PROP_RETRY_INTERVAL:
      hvsock_client_set_retry_interval (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hvsock_client_constructed (GObject *object)
{
  HvsockClient *self = HVSOCK_CLIENT (object);

  G_OBJECT_CLASS (hvsock_client_parent_class)->constructed (object);
  if (self->registry == NULL)
    self->registry = g_object_ref (hvsock_registry_get_default ());
}

static void
hvsock_client_finalize (GObject *object)
{
  g_object_unref (HVSOCK_CLIENT (object)->registry);
  G_OBJECT_CLASS (hvsock_client_parent_class)->finalize (object);
}

static void
hvsock_client_class_init (HvsockClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = hvsock_client_get_property;
  object_class->set_property = hvsock_client_set_property;
  object_class->constructed = hvsock_client_constructed;
  object_class->finalize = hvsock_client_finalize;

  /**
   * HvsockClient:registry: (getter get_registry)
   *
   * Where transports are looked for; the default registry if none is given.
   *
   * Since: 1.0
   */
  properties[PROP_REGISTRY] =
      g_param_spec_object ("registry", NULL, NULL, HVSOCK_TYPE_REGISTRY,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  /**
   * HvsockClient:timeout: (getter get_timeout) (setter set_timeout)
   *
   * How long connecting may take in milliseconds, 0 for no limit. It covers resolving a name,
   * connecting, handshakes and retries. Some systems, such as Hyper-V, never say that nobody
   * listens: as long as no time-out was set, 1000 ms of silence count as a refusal there.
   *
   * Since: 1.0
   */
  properties[PROP_TIMEOUT] =
      g_param_spec_uint ("timeout", NULL, NULL, 0, G_MAXINT, DEFAULT_TIMEOUT,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  /**
   * HvsockClient:retry-interval: (getter get_retry_interval) (setter set_retry_interval)
   *
   * How long to wait after an attempt that found nobody, in milliseconds, before the next; 0 to
   * report it instead.
   *
   * Since: 1.0
   */
  properties[PROP_RETRY_INTERVAL] =
      g_param_spec_uint ("retry-interval", NULL, NULL, 0, G_MAXINT, 0,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
hvsock_client_init (HvsockClient *self)
{
  self->timeout = DEFAULT_TIMEOUT;
}

/**
 * hvsock_client_new:
 *
 * Makes a client that uses the default registry, gives up after 10 000 ms and does not retry.
 *
 * Returns: (transfer full): a client
 *
 * Since: 1.0
 */
HvsockClient *
hvsock_client_new (void)
{
  return g_object_new (HVSOCK_TYPE_CLIENT, NULL);
}

/**
 * hvsock_client_get_registry:
 * @self: a client
 *
 * Gets where @self looks for transports.
 *
 * Returns: (transfer none): the registry
 *
 * Since: 1.0
 */
HvsockRegistry *
hvsock_client_get_registry (HvsockClient *self)
{
  g_return_val_if_fail (HVSOCK_IS_CLIENT (self), NULL);

  return self->registry;
}

/**
 * hvsock_client_get_timeout:
 * @self: a client
 *
 * Gets how long connecting may take.
 *
 * Returns: the time in milliseconds, 0 for no limit
 *
 * Since: 1.0
 */
guint
hvsock_client_get_timeout (HvsockClient *self)
{
  g_return_val_if_fail (HVSOCK_IS_CLIENT (self), 0);

  return g_atomic_int_get (&self->timeout);
}

/**
 * hvsock_client_set_timeout:
 * @self: a client
 * @timeout: the time in milliseconds, 0 for no limit
 *
 * Sets how long connecting may take: one deadline for resolving a name, connecting, handshakes and
 * retries.
 *
 * Since: 1.0
 */
void
hvsock_client_set_timeout (HvsockClient *self, guint timeout)
{
  g_return_if_fail (HVSOCK_IS_CLIENT (self));
  g_return_if_fail (timeout <= G_MAXINT);

  g_atomic_int_set (&self->has_timeout, TRUE);
  if (hvsock_client_get_timeout (self) == timeout)
    return;

  g_atomic_int_set (&self->timeout, timeout);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TIMEOUT]);
}

gboolean
hvsock_client_has_chosen_timeout (HvsockClient *self)
{
  return g_atomic_int_get (&self->has_timeout);
}

/**
 * hvsock_client_get_retry_interval:
 * @self: a client
 *
 * Gets how long to wait before another attempt.
 *
 * Returns: the time in milliseconds, 0 for no retries
 *
 * Since: 1.0
 */
guint
hvsock_client_get_retry_interval (HvsockClient *self)
{
  g_return_val_if_fail (HVSOCK_IS_CLIENT (self), 0);

  return g_atomic_int_get (&self->retry_interval);
}

/**
 * hvsock_client_set_retry_interval:
 * @self: a client
 * @retry_interval: the time in milliseconds, 0 for no retries
 *
 * Makes @self try again, until its time-out, when nobody is there yet: when the connection is
 * refused, the socket file is missing, or no machine has the address.
 *
 * Since: 1.0
 */
void
hvsock_client_set_retry_interval (HvsockClient *self, guint retry_interval)
{
  g_return_if_fail (HVSOCK_IS_CLIENT (self));
  g_return_if_fail (retry_interval <= G_MAXINT);

  if (hvsock_client_get_retry_interval (self) == retry_interval)
    return;

  g_atomic_int_set (&self->retry_interval, retry_interval);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RETRY_INTERVAL]);
}

/**
 * hvsock_client_connect:
 * @self: a client
 * @uri: what to connect to, such as `vsock://2:80`
 * @cancellable: (nullable): ends the attempt with %G_IO_ERROR_CANCELLED
 * @error: return location for an error
 *
 * Opens a connection, and blocks until it is ready for use.
 *
 * Fails with %HVSOCK_ERROR_INVALID_URI; with %HVSOCK_ERROR_NO_TRANSPORT or
 * %HVSOCK_ERROR_UNAVAILABLE when no plugin serves the scheme, or none can on this machine; with
 * %G_IO_ERROR_TIMED_OUT after [property@Client:timeout]; else as [method@Transport.connect] says.
 * May be called from any thread.
 *
 * Returns: (transfer full): a connection
 *
 * Since: 1.0
 */
HvsockConnection *
hvsock_client_connect (HvsockClient *self,
                       const char *uri,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (HvsockConnecting) connecting = NULL;

  g_return_val_if_fail (HVSOCK_IS_CLIENT (self), NULL);
  g_return_val_if_fail (uri != NULL, NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  connecting = hvsock_connecting_new (self, uri);
  return hvsock_connecting_run (connecting, cancellable, error);
}

/**
 * hvsock_client_connect_async:
 * @self: a client
 * @uri: what to connect to, such as `vsock://2:80`
 * @cancellable: (nullable): ends the attempt with %G_IO_ERROR_CANCELLED
 * @callback: (scope async): called exactly once
 * @user_data: data for @callback
 *
 * Does what [method@Client.connect] does without blocking.
 *
 * @callback runs in the thread-default main context of the caller.
 *
 * Since: 1.0
 */
void
hvsock_client_connect_async (HvsockClient *self,
                             const char *uri,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  HvsockConnecting *connecting;

  g_return_if_fail (HVSOCK_IS_CLIENT (self));
  g_return_if_fail (uri != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, hvsock_client_connect_async);
  connecting = hvsock_connecting_new (self, uri);
  g_task_set_task_data (task, connecting, (GDestroyNotify) hvsock_connecting_free);
  hvsock_connecting_start (connecting, task);
}

/**
 * hvsock_client_connect_finish:
 * @self: a client
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends hvsock_client_connect_async().
 *
 * Returns: (transfer full): a connection
 *
 * Since: 1.0
 */
HvsockConnection *
hvsock_client_connect_finish (HvsockClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (HVSOCK_IS_CLIENT (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * hvsock_client_listen:
 * @self: a client
 * @uri: what to listen on, such as `vsock://:80`
 * @cancellable: (nullable): ends a wait for a name with %G_IO_ERROR_CANCELLED
 * @error: return location for an error
 *
 * Begins to listen.
 *
 * Fails with %HVSOCK_ERROR_INVALID_URI, %HVSOCK_ERROR_NO_TRANSPORT or %HVSOCK_ERROR_UNAVAILABLE,
 * else as [method@Transport.listen] says. May be called from any thread.
 *
 * Returns: (transfer full): a listener
 *
 * Since: 1.0
 */
HvsockListener *
hvsock_client_listen (HvsockClient *self,
                      const char *uri,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (HvsockTransport) transport = NULL;
  g_autoptr (HvsockAddress) address = NULL;
  g_autoptr (HvsockAddress) resolved = NULL;

  g_return_val_if_fail (HVSOCK_IS_CLIENT (self), NULL);
  g_return_val_if_fail (uri != NULL, NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  transport = hvsock_registry_resolve (self->registry, uri, &address, cancellable, error);
  if (transport == NULL)
    return NULL;

  /* A name may lead to an address that one could listen on, so it is not looked up first. */
  if (!hvsock_transport_can_listen_on (address, error))
    return NULL;

  resolved = hvsock_transport_resolve (transport, address, hvsock_client_get_timeout (self),
                                       cancellable, error);
  if (resolved == NULL)
    return NULL;

  return hvsock_framing_wrap_listener (
      transport, address, hvsock_transport_listen (transport, resolved, cancellable, error));
}
