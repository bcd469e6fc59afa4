/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Where hvcat connects to and listens: what the library reaches, and TCP. */

#include "hvcat-endpoint.h"

#include "hvcat-tcp.h"

static gboolean
fail_listen_only (const char *uri, GError **error)
{
  g_set_error (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI,
               "cannot connect to '%s': the address is for listening only", uri);
  return FALSE;
}

static gboolean
check_with_plugin (const char *uri, GError **error)
{
  g_autoptr (HvsockAddress) address = NULL;
  g_autoptr (GError) failure = NULL;
  g_autoptr (HvsockTransport) transport =
      hvsock_registry_resolve (hvsock_registry_get_default (), uri, &address, NULL, &failure);

  if (transport != NULL)
    return !hvsock_address_is_listen_only (address) || fail_listen_only (uri, error);
  if (g_error_matches (failure, HVSOCK_ERROR, HVSOCK_ERROR_UNAVAILABLE))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* Whether @uri can be connected to as far as it can be told before its use. What is not available
 * now may be so later. */
gboolean
hvcat_endpoint_check (const char *uri, GError **error)
{
  g_autofree char *host = NULL;
  guint16 port;

  if (!hvcat_tcp_split (uri, &host, &port, error))
    return FALSE;
  if (host == NULL)
    return check_with_plugin (uri, error);
  return *host != '\0' || fail_listen_only (uri, error);
}

HvsockListener *
hvcat_endpoint_listen (const char *uri, char **actual_uri, GError **error)
{
  g_autofree char *host = NULL;
  HvsockListener *listener;
  guint16 port;

  if (!hvcat_tcp_split (uri, &host, &port, error))
    return NULL;

  if (host != NULL)
    {
      listener = hvcat_tcp_listen (host, port, actual_uri, error);
      if (listener == NULL)
        g_prefix_error (error, "cannot listen on '%s': ", uri);
      return listener;
    }

  listener = hvsock_listen (uri, NULL, error);
  if (listener != NULL)
    *actual_uri = hvsock_address_to_uri (hvsock_listener_get_local_address (listener));
  return listener;
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
  HvsockConnection *connection = hvcat_tcp_connect_finish (result, &error);

  return_connection (task, connection, error);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer task)
{
  GError *error = NULL;
  HvsockConnection *connection =
      hvsock_client_connect_finish (HVSOCK_CLIENT (source), result, &error);

  return_connection (task, connection, error);
}

/* As @client connects, to TCP as well. */
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
  if (!hvcat_tcp_split (uri, &host, &port, &error))
    return_connection (task, NULL, error);
  else if (host == NULL)
    hvsock_client_connect_async (client, uri, NULL, connected_cb, task);
  else if (*host != '\0')
    hvcat_tcp_connect_async (client, uri, host, port, tcp_connected_cb, task);
  else
    {
      fail_listen_only (uri, &error);
      return_connection (task, NULL, error);
    }
}

HvsockConnection *
hvcat_endpoint_connect_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
