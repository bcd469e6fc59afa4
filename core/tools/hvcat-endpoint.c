/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Where hvcat connects to and listens: what the library reaches, and TCP, which is no business of
 * the library. GIO makes the TCP sockets, and from then on they are descriptors like others. */

#include "hvcat-endpoint.h"

#include <hvsock/hvsock-plugin.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#define TCP_SCHEME "tcp"

/* Returns %FALSE with an error for one that is malformed, and *@host %NULL for one that is not of
 * TCP. */
static gboolean
split_tcp_uri (const char *uri, char **host, guint16 *port, GError **error)
{
  g_autofree char *scheme = g_uri_parse_scheme (uri);
  g_autofree char *path = NULL;
  g_autofree char *user = NULL;
  g_autofree char *query = NULL;
  g_autofree char *fragment = NULL;
  int number = -1;

  *host = NULL;
  if (scheme == NULL || !g_str_equal (scheme, TCP_SCHEME))
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

/* Whether @uri is well-formed, which its use would tell only later. */
gboolean
hvcat_endpoint_check (const char *uri, GError **error)
{
  g_autofree char *host = NULL;
  g_autoptr (HvsockAddress) address = NULL;
  guint16 port;

  if (!split_tcp_uri (uri, &host, &port, error))
    return FALSE;
  if (host != NULL)
    return TRUE;

  address = hvsock_address_new_from_uri (uri, error);
  return address != NULL;
}

static int
duplicate (GSocket *socket, GError **error)
{
  int fd = fcntl (g_socket_get_fd (socket), F_DUPFD_CLOEXEC, 0);
  int errsv = errno;

  if (fd < 0)
    g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errsv), g_strerror (errsv));
  return fd;
}

/* The first address of @host that there is, or any of this machine's. */
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

static HvsockListener *
listen_on_tcp (const char *host, guint16 port, char **actual_uri, GError **error)
{
  g_autoptr (GSocketAddress) address = resolve (host, port, error);
  g_autoptr (GSocket) socket = NULL;
  HvsockListener *listener;
  int fd;

  if (address == NULL)
    return NULL;

  socket = g_socket_new (g_socket_address_get_family (address), G_SOCKET_TYPE_STREAM,
                         G_SOCKET_PROTOCOL_TCP, error);
  if (socket == NULL || !g_socket_bind (socket, address, TRUE, error) ||
      !g_socket_listen (socket, error) || (*actual_uri = get_actual_uri (socket, error)) == NULL)
    return NULL;

  fd = duplicate (socket, error);
  if (fd < 0)
    return NULL;

  listener = hvsock_listener_new_for_fd (fd, NULL, error);
  if (listener == NULL)
    close (fd);
  return listener;
}

HvsockListener *
hvcat_endpoint_listen (const char *uri, char **actual_uri, GError **error)
{
  g_autofree char *host = NULL;
  HvsockListener *listener;
  guint16 port;

  if (!split_tcp_uri (uri, &host, &port, error))
    return NULL;

  if (host != NULL)
    {
      listener = listen_on_tcp (host, port, actual_uri, error);
      if (listener == NULL)
        g_prefix_error (error, "cannot listen on '%s': ", uri);
      return listener;
    }

  listener = hvsock_listen (uri, NULL, error);
  if (listener != NULL)
    *actual_uri = hvsock_address_to_uri (hvsock_listener_get_local_address (listener));
  return listener;
}

/* What is small is sent at once: there may be a person at the other end. */
static HvsockConnection *
adopt (GSocketConnection *connection, GError **error)
{
  GSocket *socket = g_socket_connection_get_socket (connection);
  int fd = duplicate (socket, error);

  if (fd < 0)
    return NULL;

  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  return hvsock_connection_new_for_fd (fd, NULL, NULL);
}

static void
return_connection (GTask *task, HvsockConnection *connection, GError *error)
{
  if (connection != NULL)
    g_task_return_pointer (task, connection, g_object_unref);
  else
    g_task_return_error (task, error);
  g_object_unref (task);
}

static void
tcp_connected_cb (GObject *source, GAsyncResult *result, gpointer task)
{
  GError *error = NULL;
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect_to_host_finish (G_SOCKET_CLIENT (source), result, &error);
  HvsockConnection *adopted = connection == NULL ? NULL : adopt (connection, &error);

  if (adopted == NULL)
    g_prefix_error (&error, "cannot connect to '%s': ", (const char *) g_task_get_task_data (task));
  return_connection (task, adopted, error);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer task)
{
  GError *error = NULL;
  HvsockConnection *connection =
      hvsock_client_connect_finish (HVSOCK_CLIENT (source), result, &error);

  return_connection (task, connection, error);
}

/* To what the library reaches as @client does, and to TCP under its time-out. */
void
hvcat_endpoint_connect_async (HvsockClient *client,
                              const char *uri,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (client, NULL, callback, user_data);
  g_autofree char *host = NULL;
  GError *error = NULL;
  guint16 port;

  g_task_set_source_tag (task, hvcat_endpoint_connect_async);
  g_task_set_task_data (task, g_strdup (uri), g_free);
  if (!split_tcp_uri (uri, &host, &port, &error))
    return_connection (task, NULL, error);
  else if (host == NULL)
    hvsock_client_connect_async (client, uri, NULL, connected_cb, task);
  else
    {
      g_autoptr (GSocketClient) tcp = g_socket_client_new ();

      g_socket_client_set_timeout (tcp, (hvsock_client_get_timeout (client) + 999) / 1000);
      g_socket_client_connect_to_host_async (tcp, host, port, NULL, tcp_connected_cb, task);
    }
}

HvsockConnection *
hvcat_endpoint_connect_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
