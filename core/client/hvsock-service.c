/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A server: it accepts from several listeners, lets in whom it should, and hands each connection to
 * the application. Who is in is known to hvsock-admission.c. */

#include "client/hvsock-service-private.h"

#include <hvsock/hvsock-client.h>

/**
 * HvsockService:
 *
 * Serves connections, of any transports.
 *
 * ```c
 * g_autoptr (HvsockService) service = hvsock_service_new ();
 *
 * g_signal_connect (service, "incoming", G_CALLBACK (incoming_cb), NULL);
 * if (hvsock_service_listen (service, "vsock://:80", &error) == NULL)
 *   return FALSE;
 * hvsock_service_start (service);
 * ```
 *
 * Each connection is handed out by [signal@Service::incoming], in the main context that was the
 * thread's default when the service was started, or, with [ctor@Service.new_threaded], in threads
 * of its own. It is served until its last reference is gone.
 *
 * A peer that is not allowed, or for whom there is no room, is turned away at once, and counted.
 * What goes wrong with one peer never ends the service.
 *
 * A service is used from one thread, except for its counters, which may be read from any. It stops
 * with its last reference.
 *
 * Since: 1.0
 */

enum
{
  PROP_0,
  PROP_MAX_THREADS,
  PROP_MAX_CONNECTIONS,
  PROP_MAX_PER_PEER,
  PROP_FIRST_BYTE_TIMEOUT,
  PROP_STARTED,
  PROP_N_ACTIVE,
  PROP_N_ACCEPTED,
  PROP_N_REFUSED,
  PROP_N_SILENT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

enum
{
  SIGNAL_INCOMING,
  SIGNAL_LISTENER_FAILED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (HvsockService, hvsock_service, G_TYPE_OBJECT)

static void
hvsock_service_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HvsockService *self = HVSOCK_SERVICE (object);

  switch (id)
    {
    case PROP_MAX_THREADS:
      g_value_set_int (value, self->max_threads);
      break;
    case PROP_MAX_CONNECTIONS:
      g_value_set_uint (value, hvsock_service_get_max_connections (self));
      break;
    case PROP_MAX_PER_PEER:
      g_value_set_uint (value, hvsock_service_get_max_per_peer (self));
      break;
    case PROP_FIRST_BYTE_TIMEOUT:
      g_value_set_uint (value, hvsock_service_get_first_byte_timeout (self));
      break;
    case PROP_STARTED:
      g_value_set_boolean (value, hvsock_service_is_started (self));
      break;
    case PROP_N_ACTIVE:
      g_value_set_uint (value, hvsock_service_get_n_active (self));
      break;
    case PROP_N_ACCEPTED:
      g_value_set_uint64 (value, hvsock_service_get_n_accepted (self));
      break;
    case PROP_N_REFUSED:
      g_value_set_uint64 (value, hvsock_service_get_n_refused (self));
      break;
    case PROP_N_SILENT:
      g_value_set_uint64 (value, hvsock_service_get_n_silent (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hvsock_service_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  HvsockService *self = HVSOCK_SERVICE (object);

  switch (id)
    {
    case PROP_MAX_THREADS:
      self->max_threads = g_value_get_int (value);
      break;
    case PROP_MAX_CONNECTIONS:
      hvsock_service_set_max_connections (self, g_value_get_uint (value));
      break;
    case PROP_MAX_PER_PEER:
      hvsock_service_set_max_per_peer (self, g_value_get_uint (value));
      break;
    case PROP_FIRST_BYTE_TIMEOUT:
      hvsock_service_set_first_byte_timeout (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hvsock_service_constructed (GObject *object)
{
  HvsockService *self = HVSOCK_SERVICE (object);

  G_OBJECT_CLASS (hvsock_service_parent_class)->constructed (object);
  if (self->max_threads != 0)
    self->threads =
        g_thread_pool_new (hvsock_service_serve_in_thread, NULL, self->max_threads, FALSE, NULL);
}

static void
hvsock_service_dispose (GObject *object)
{
  HvsockService *self = HVSOCK_SERVICE (object);

  hvsock_service_stop (self);
  g_ptr_array_set_size (self->listeners, 0);
  G_OBJECT_CLASS (hvsock_service_parent_class)->dispose (object);
}

/* Those that are served in threads go on to be. */
static void
hvsock_service_finalize (GObject *object)
{
  HvsockService *self = HVSOCK_SERVICE (object);

  if (self->threads != NULL)
    g_thread_pool_free (self->threads, FALSE, FALSE);
  g_ptr_array_unref (self->listeners);
  hvsock_admission_unref (self->admission);
  G_OBJECT_CLASS (hvsock_service_parent_class)->finalize (object);
}

static void
install_settings (void)
{
  /**
   * HvsockService:max-threads:
   *
   * How many threads serve connections at most, -1 for one for each connection, or 0 for none: the
   * main context serves them.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_THREADS] =
      g_param_spec_int ("max-threads", NULL, NULL, -1, G_MAXINT, 0,
                        G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  /**
   * HvsockService:max-connections: (getter get_max_connections) (setter set_max_connections)
   *
   * How many connections there may be at once, 0 for any number. Who comes when there are as many
   * is turned away.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_CONNECTIONS] =
      g_param_spec_uint ("max-connections", NULL, NULL, 0, G_MAXUINT, 0,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  /**
   * HvsockService:max-per-peer: (getter get_max_per_peer) (setter set_max_per_peer)
   *
   * How many connections one peer may have at once, 0 for any number. Peers are told apart by their
   * virtual machine or, on Unix sockets, their user; those of whom nothing is known count as one.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_PER_PEER] =
      g_param_spec_uint ("max-per-peer", NULL, NULL, 0, G_MAXUINT, 0,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  /**
   * HvsockService:first-byte-timeout: (getter get_first_byte_timeout) (setter
   * set_first_byte_timeout)
   *
   * How long a peer may wait before it says something, in milliseconds, 0 for ever. Until then its
   * connection is not handed to the application, and afterwards it is closed. It is for protocols
   * in which the peer speaks first.
   *
   * Since: 1.0
   */
  properties[PROP_FIRST_BYTE_TIMEOUT] =
      g_param_spec_uint ("first-byte-timeout", NULL, NULL, 0, G_MAXINT, 0,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
}

static void
install_counters (void)
{
  /**
   * HvsockService:started: (getter is_started)
   *
   * Whether connections are accepted.
   *
   * Since: 1.0
   */
  properties[PROP_STARTED] = g_param_spec_boolean ("started", NULL, NULL, FALSE,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * HvsockService:n-active: (getter get_n_active)
   *
   * How many connections there are now. One counts until its last reference is gone.
   *
   * Since: 1.0
   */
  properties[PROP_N_ACTIVE] = g_param_spec_uint ("n-active", NULL, NULL, 0, G_MAXUINT, 0,
                                                 G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * HvsockService:n-accepted: (getter get_n_accepted)
   *
   * How many connections were let in so far.
   *
   * Since: 1.0
   */
  properties[PROP_N_ACCEPTED] = g_param_spec_uint64 ("n-accepted", NULL, NULL, 0, G_MAXUINT64, 0,
                                                     G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * HvsockService:n-refused: (getter get_n_refused)
   *
   * How many peers were turned away so far, by a limit or because they are not allowed.
   *
   * Since: 1.0
   */
  properties[PROP_N_REFUSED] = g_param_spec_uint64 ("n-refused", NULL, NULL, 0, G_MAXUINT64, 0,
                                                    G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * HvsockService:n-silent: (getter get_n_silent)
   *
   * How many of those who were let in did not say anything in time.
   *
   * Since: 1.0
   */
  properties[PROP_N_SILENT] = g_param_spec_uint64 ("n-silent", NULL, NULL, 0, G_MAXUINT64, 0,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
install_signals (GType type)
{
  /**
   * HvsockService::incoming:
   * @self: the service
   * @connection: a connection
   * @listener: the listener that it came by
   *
   * A peer has connected. Who keeps @connection takes a reference; it is closed with the last one.
   *
   * With [property@Service:max-threads] it is emitted in a thread that is the handler's own until
   * it returns, and may block. Otherwise it is emitted in the service's main context, and must not.
   *
   * Returns: %TRUE to keep other handlers from being called
   *
   * Since: 1.0
   */
  signals[SIGNAL_INCOMING] =
      g_signal_new ("incoming", type, G_SIGNAL_RUN_LAST, 0, g_signal_accumulator_true_handled, NULL,
                    NULL, G_TYPE_BOOLEAN, 2, HVSOCK_TYPE_CONNECTION, HVSOCK_TYPE_LISTENER);
  /**
   * HvsockService::listener-failed:
   * @self: the service
   * @listener: one of its listeners
   * @error: why
   *
   * A listener has come to an end, because it was closed or for another reason that will not pass.
   * The others go on.
   *
   * Since: 1.0
   */
  signals[SIGNAL_LISTENER_FAILED] =
      g_signal_new ("listener-failed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                    HVSOCK_TYPE_LISTENER, G_TYPE_ERROR);
}

static void
hvsock_service_class_init (HvsockServiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = hvsock_service_get_property;
  object_class->set_property = hvsock_service_set_property;
  object_class->constructed = hvsock_service_constructed;
  object_class->dispose = hvsock_service_dispose;
  object_class->finalize = hvsock_service_finalize;
  install_settings ();
  install_counters ();
  g_object_class_install_properties (object_class, N_PROPS, properties);
  install_signals (G_TYPE_FROM_CLASS (klass));
}

static void
hvsock_service_init (HvsockService *self)
{
  self->listeners = g_ptr_array_new_with_free_func (g_object_unref);
  self->admission = hvsock_admission_new ();
}

void
hvsock_service_emit_incoming (HvsockService *self,
                              HvsockConnection *connection,
                              HvsockListener *listener)
{
  gboolean is_handled;

  g_signal_emit (self, signals[SIGNAL_INCOMING], 0, connection, listener, &is_handled);
}

void
hvsock_service_emit_listener_failed (HvsockService *self,
                                     HvsockListener *listener,
                                     const GError *error)
{
  g_autoptr (HvsockListener) failed = g_object_ref (listener);

  g_ptr_array_remove (self->listeners, listener);
  g_signal_emit (self, signals[SIGNAL_LISTENER_FAILED], 0, failed, error);
}

/**
 * hvsock_service_new:
 *
 * Makes a service that hands out connections in its main context. It has no listener yet.
 *
 * Returns: (transfer full): a service
 *
 * Since: 1.0
 */
HvsockService *
hvsock_service_new (void)
{
  return g_object_new (HVSOCK_TYPE_SERVICE, NULL);
}

/**
 * hvsock_service_new_threaded:
 * @max_threads: how many threads serve connections at most, or -1 for any number
 *
 * Makes a service that hands out each connection in a thread, where a handler may block. When all
 * threads are busy, those who come next wait; they count as active.
 *
 * Returns: (transfer full): a service
 *
 * Since: 1.0
 */
HvsockService *
hvsock_service_new_threaded (int max_threads)
{
  g_return_val_if_fail (max_threads == -1 || max_threads > 0, NULL);

  return g_object_new (HVSOCK_TYPE_SERVICE, "max-threads", max_threads, NULL);
}

/**
 * hvsock_service_listen:
 * @self: a service
 * @uri: what to listen on, such as `vsock://:80`
 * @error: return location for an error
 *
 * Adds a listener for a URI, as [func@listen] makes it. Errors are those of that function.
 *
 * Returns: (transfer none): the listener, which the service keeps; it knows the port that was found
 *   if a free one was asked for
 *
 * Since: 1.0
 */
HvsockListener *
hvsock_service_listen (HvsockService *self, const char *uri, GError **error)
{
  g_autoptr (HvsockListener) listener = NULL;

  g_return_val_if_fail (HVSOCK_IS_SERVICE (self), NULL);
  g_return_val_if_fail (uri != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  listener = hvsock_listen (uri, NULL, error);
  if (listener != NULL)
    hvsock_service_add_listener (self, listener);
  return listener;
}

/**
 * hvsock_service_add_listener:
 * @self: a service
 * @listener: a listener, of which nobody else accepts
 *
 * Adds a listener. If the service was started, it is listened to from now on.
 *
 * Since: 1.0
 */
void
hvsock_service_add_listener (HvsockService *self, HvsockListener *listener)
{
  g_return_if_fail (HVSOCK_IS_SERVICE (self));
  g_return_if_fail (HVSOCK_IS_LISTENER (listener));

  g_ptr_array_add (self->listeners, g_object_ref (listener));
  if (self->running != NULL)
    hvsock_service_accept_next (self, listener);
}

/**
 * hvsock_service_set_allowed_peers:
 * @self: a service
 * @rules: (nullable) (array zero-terminated=1): who is let in, or %NULL for everybody
 * @error: return location for an error
 *
 * Sets who is let in, by what the system says of a peer; nobody else is. A rule is one of
 *
 * - `cid 3`, `cid 3-10`, or `host` for `cid 2`: machines that have a CID
 * - `vm GUID`, or `parent`: machines of Hyper-V
 * - `uid 1000`, `uid 1000-1999`: users at the other end of a Unix socket. Where a hypervisor has
 *   that end, it is the user who runs the virtual machine
 *
 * It holds for those who come from now on. Fails with %G_IO_ERROR_INVALID_ARGUMENT and changes
 * nothing if a rule is none of these.
 *
 * Returns: whether the rules were understood
 *
 * Since: 1.0
 */
gboolean
hvsock_service_set_allowed_peers (HvsockService *self, const char *const *rules, GError **error)
{
  HvsockPeerRules *parsed = NULL;

  g_return_val_if_fail (HVSOCK_IS_SERVICE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (rules != NULL)
    {
      parsed = hvsock_peer_rules_parse (rules, error);
      if (parsed == NULL)
        return FALSE;
    }
  hvsock_admission_set_rules (self->admission, parsed);
  return TRUE;
}

/**
 * hvsock_service_start:
 * @self: a service
 *
 * Begins to accept connections, in the thread-default main context of the caller. Does nothing if
 * it has begun.
 *
 * Since: 1.0
 */
void
hvsock_service_start (HvsockService *self)
{
  g_return_if_fail (HVSOCK_IS_SERVICE (self));

  if (self->running != NULL)
    return;

  self->running = g_cancellable_new ();
  for (guint i = 0; i < self->listeners->len; i++)
    hvsock_service_accept_next (self, self->listeners->pdata[i]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STARTED]);
}

/**
 * hvsock_service_stop:
 * @self: a service
 *
 * Accepts no more connections until the service is started again. Its listeners stay open, so peers
 * wait in their queues meanwhile. Connections that were handed out are not touched, and those that
 * were accepted already are still handed out: each listener may have accepted one.
 *
 * Since: 1.0
 */
void
hvsock_service_stop (HvsockService *self)
{
  g_autoptr (GCancellable) running = NULL;

  g_return_if_fail (HVSOCK_IS_SERVICE (self));

  running = g_steal_pointer (&self->running);
  if (running == NULL)
    return;

  g_cancellable_cancel (running);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STARTED]);
}

/**
 * hvsock_service_is_started:
 * @self: a service
 *
 * Tells whether connections are accepted.
 *
 * Returns: whether the service was started, and not stopped since
 *
 * Since: 1.0
 */
gboolean
hvsock_service_is_started (HvsockService *self)
{
  g_return_val_if_fail (HVSOCK_IS_SERVICE (self), FALSE);

  return self->running != NULL;
}
