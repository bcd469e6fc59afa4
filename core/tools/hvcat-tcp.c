/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* TCP, which is no business of the library. GIO makes the sockets, and from then on they are what
 * the library's own are. Time-outs and retries are those that the library has as well. */

#include "hvcat-tcp.h"

#include "hvcat-adopt.h"

#define TCP_SCHEME "tcp"

/* One connection that is being made. */
typedef struct
{
  char *uri;
  char *host;
  guint16 port;
  guint timeout;
  guint retry_interval;
  GSocketClient *client;
  GCancellable *stop;
  guint deadline;
  guint pause;
  GError *refusal; /* the last one */
} Connecting;

/* Returns %FALSE with an error for one that is malformed, and *@host %NULL for one that is not of
 * TCP. */
gboolean
hvcat_tcp_split (const char *uri, char **host, guint16 *port, GError **error)
{
  g_autofree char *scheme = g_uri_parse_scheme (uri);
  g_autofree char *path = NULL;
  g_autofree char *user = NULL;
  g_autofree char *query = NULL;
  g_autofree char *fragment = NULL;
  int number = -1;

  *host = NULL;
  if (scheme == NULL || g_ascii_strcasecmp (scheme, TCP_SCHEME) != 0)
    return TRUE;

  if (g_uri_split (uri, G_URI_FLAGS_NONE, NULL, &user, host, &number, &path, &query, &fragment,
                   NULL) &&
      *host != NULL && number >= 0 && user == NULL && query == NULL && fragment == NULL &&
      (*path == '\0' || g_str_equal (path, "/")))
    {
      *port = (guint16) number;
      return TRUE;
    }

  g_clear_pointer (host, g_free);
  g_set_error (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI,
               "cannot parse '%s': it is not tcp://HOST:PORT", uri);
  return FALSE;
}

/* The first address of @host that there is, or any of this machine's, of both families. */
static GSocketAddress *
resolve (const char *host, guint16 port, GError **error)
{
  g_autoptr (GSocketConnectable) name = NULL;
  g_autoptr (GSocketAddressEnumerator) addresses = NULL;

  name = g_network_address_new (*host == '\0' ? "::" : host, port);
  addresses = g_socket_connectable_enumerate (name);
  return g_socket_address_enumerator_next (addresses, NULL, error);
}

static char *
get_actual_uri (GSocket *socket, GError **error)
{
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (socket, error);
  g_autofree char *host = NULL;
  GInetSocketAddress *inet;

  if (address == NULL)
    return NULL;

  inet = G_INET_SOCKET_ADDRESS (address);
  host = g_inet_address_to_string (g_inet_socket_address_get_address (inet));
  return g_strdup_printf (strchr (host, ':') != NULL ? "tcp://[%s]:%u" : "tcp://%s:%u", host,
                          g_inet_socket_address_get_port (inet));
}

static GSocket *
bind_socket (const char *host, GSocketAddress *address, GError **error)
{
  g_autoptr (GSocket) socket = g_socket_new (g_socket_address_get_family (address),
                                             G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);

  if (socket == NULL)
    return NULL;
  if (*host == '\0')
    hvcat_adopt_take_both_families (socket);
  return g_socket_bind (socket, address, TRUE, error) ? g_steal_pointer (&socket) : NULL;
}

HvsockListener *
hvcat_tcp_listen (const char *host, guint16 port, char **actual_uri, GError **error)
{
  g_autoptr (GSocketAddress) address = resolve (host, port, error);
  g_autoptr (GSocket) socket = NULL;

  if (address == NULL)
    return NULL;

  socket = bind_socket (host, address, error);
  if (socket == NULL || !g_socket_listen (socket, error) ||
      (*actual_uri = get_actual_uri (socket, error)) == NULL)
    return NULL;

  hvcat_adopt_send_at_once (socket);
  return hvcat_adopt_listener (socket, error);
}

static HvsockConnection *
adopt (GSocketConnection *connection, GError **error)
{
  GSocket *socket = g_socket_connection_get_socket (connection);

  hvcat_adopt_send_at_once (socket);
  return hvcat_adopt_connection (socket, error);
}

static void
connecting_free (gpointer data)
{
  Connecting *self = data;

  g_clear_handle_id (&self->deadline, g_source_remove);
  g_clear_handle_id (&self->pause, g_source_remove);
  g_clear_object (&self->client);
  g_clear_object (&self->stop);
  g_clear_error (&self->refusal);
  g_free (self->host);
  g_free (self->uri);
  g_free (self);
}

static void
fail (GTask *task, GError *error)
{
  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
fail_late (GTask *task)
{
  const Connecting *self = g_task_get_task_data (task);

  if (self->refusal != NULL)
    fail (task, g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "no success within %u ms: %s",
                             self->timeout, self->refusal->message));
  else
    fail (task,
          g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                       "cannot connect to '%s': no answer within %u ms", self->uri, self->timeout));
}

static void start_attempt (GTask *task);

static gboolean
pause_cb (gpointer task)
{
  Connecting *self = g_task_get_task_data (task);

  self->pause = 0;
  start_attempt (task);
  return G_SOURCE_REMOVE;
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Connecting *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect_to_host_finish (G_SOCKET_CLIENT (source), result, &error);
  HvsockConnection *adopted = connection == NULL ? NULL : adopt (connection, &error);

  g_prefix_error (&error, "cannot connect to '%s': ", self->uri);
  if (adopted != NULL)
    {
      g_task_return_pointer (task, adopted, g_object_unref);
      g_object_unref (task);
    }
  else if (g_cancellable_is_cancelled (self->stop))
    {
      g_error_free (error);
      fail_late (task);
    }
  else if (self->retry_interval > 0 &&
           (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED) ||
            g_error_matches (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE)))
    {
      g_clear_error (&self->refusal);
      self->refusal = error;
      self->pause = g_timeout_add (self->retry_interval, pause_cb, task);
    }
  else
    fail (task, error);
}

static void
start_attempt (GTask *task)
{
  Connecting *self = g_task_get_task_data (task);

  g_socket_client_connect_to_host_async (self->client, self->host, self->port, self->stop,
                                         connected_cb, task);
}

static gboolean
deadline_cb (gpointer task)
{
  Connecting *self = g_task_get_task_data (task);

  self->deadline = 0;
  g_cancellable_cancel (self->stop);
  if (self->pause > 0)
    {
      g_clear_handle_id (&self->pause, g_source_remove);
      fail_late (task);
    }
  return G_SOURCE_REMOVE;
}

/* With the time-out of @client, and its retries while the connection is refused. */
void
hvcat_tcp_connect_async (HvsockClient *client,
                         const char *uri,
                         const char *host,
                         guint16 port,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (client, NULL, callback, user_data);
  Connecting *self = g_new0 (Connecting, 1);

  self->uri = g_strdup (uri);
  self->host = g_strdup (host);
  self->port = port;
  self->timeout = hvsock_client_get_timeout (client);
  self->retry_interval = hvsock_client_get_retry_interval (client);
  self->client = g_socket_client_new ();
  self->stop = g_cancellable_new ();
  g_task_set_source_tag (task, hvcat_tcp_connect_async);
  g_task_set_task_data (task, self, connecting_free);
  if (self->timeout > 0)
    self->deadline = g_timeout_add (self->timeout, deadline_cb, task);
  start_attempt (task);
}

HvsockConnection *
hvcat_tcp_connect_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
