/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A plugin as a stand-in for a service that comes and goes. The path of a URI is its script: each
 * attempt to connect plays the next part of it, and the last part is played for ever. Where it
 * connects it takes no notice of cancellables, as a careless plugin would, but can itself be the
 * one who cancels. */

#include <hvsock/hvsock-plugin.h>

#include <string.h>

typedef HvsockConnection ScriptedConnection;
typedef HvsockConnectionClass ScriptedConnectionClass;

GType scripted_connection_get_type (void);
G_DEFINE_TYPE (ScriptedConnection, scripted_connection, HVSOCK_TYPE_CONNECTION)

static gboolean
scripted_connection_close (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  return TRUE;
}

static void
scripted_connection_class_init (ScriptedConnectionClass *klass)
{
  G_IO_STREAM_CLASS (klass)->close_fn = scripted_connection_close;
}

static void
scripted_connection_init (ScriptedConnection *self)
{
}

typedef HvsockTransport ScriptedTransport;
typedef HvsockTransportClass ScriptedTransportClass;

GType scripted_transport_get_type (void);
G_DEFINE_TYPE (ScriptedTransport, scripted_transport, HVSOCK_TYPE_TRANSPORT)

static HvsockAddress *
scripted_transport_parse_address (HvsockTransport *transport, const char *uri, GError **error)
{
  g_autoptr (HvsockUri) parts = hvsock_uri_split (uri, error);

  return parts != NULL ? hvsock_unix_address_new (hvsock_uri_get_path (parts)) : NULL;
}

static const struct
{
  const char *part;
  GIOErrorEnum code;
} failures[] = {
  { "refused", G_IO_ERROR_CONNECTION_REFUSED },
  { "cancels", G_IO_ERROR_CONNECTION_REFUSED },
  { "not-found", G_IO_ERROR_NOT_FOUND },
  { "host-unreachable", G_IO_ERROR_HOST_UNREACHABLE },
  { "network-unreachable", G_IO_ERROR_NETWORK_UNREACHABLE },
  { "denied", G_IO_ERROR_PERMISSION_DENIED },
  { "not-supported", G_IO_ERROR_NOT_SUPPORTED },
  { "timed-out", G_IO_ERROR_TIMED_OUT },
  { "failed", G_IO_ERROR_FAILED },
};

/* What the name or the connection comes to: %TRUE, or an error. */
static gboolean
play (const char *part, guint timeout, guint n_attempts, GError **error)
{
  if (g_str_equal (part, "good"))
    return TRUE;

  if (g_str_equal (part, "silent"))
    {
      g_poll (NULL, 0, timeout == 0 ? -1 : (int) timeout);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "no answer within %u ms", timeout);
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (failures); i++)
    if (g_str_equal (part, failures[i].part))
      g_set_error (error, G_IO_ERROR, failures[i].code, "attempt %u: %s", n_attempts, part);
  return FALSE;
}

/* The attempts are counted in the address, which is the same for one call of a client. */
static char *
get_part (HvsockAddress *address, guint *n_attempts)
{
  const char *path = hvsock_unix_address_get_path (HVSOCK_UNIX_ADDRESS (address));
  g_auto (GStrv) parts = g_strsplit (path + 1, "/", -1);
  guint n_parts = g_strv_length (parts);

  *n_attempts = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (address), "attempts")) + 1;
  return g_strdup (parts[MIN (*n_attempts, n_parts) - 1]);
}

static gboolean
scripted_transport_has_name (HvsockTransport *transport, HvsockAddress *address)
{
  const char *path = hvsock_unix_address_get_path (HVSOCK_UNIX_ADDRESS (address));

  return strstr (path, "/name-") != NULL;
}

static void
wait_for_cancellation (GCancellable *cancellable)
{
  GPollFD cancelled;

  g_assert_true (g_cancellable_make_pollfd (cancellable, &cancelled));
  g_poll (&cancelled, 1, -1);
  g_cancellable_release_fd (cancellable);
}

static void
resolve_in_thread (GTask *task, gpointer transport, gpointer data, GCancellable *cancellable)
{
  HvsockAddress *address = data;
  guint n_attempts;
  g_autofree char *part = get_part (address, &n_attempts);
  GError *error = NULL;

  if (g_str_equal (part, "name-silent"))
    {
      wait_for_cancellation (cancellable);
      g_task_return_error_if_cancelled (task);
      return;
    }

  if (play (part + strlen ("name-"), 0, n_attempts, &error))
    {
      g_task_return_pointer (task, g_object_ref (address), g_object_unref);
      return;
    }

  g_object_set_data (G_OBJECT (address), "attempts", GUINT_TO_POINTER (n_attempts));
  g_task_return_error (task, error);
}

static void
scripted_transport_resolve_async (HvsockTransport *transport,
                                  HvsockAddress *address,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (transport, cancellable, callback, user_data);
  guint n_attempts;
  g_autofree char *part = get_part (address, &n_attempts);

  /* Without a thread, which may be late on a busy machine. */
  if (!g_str_has_prefix (part, "name-"))
    {
      g_task_return_pointer (task, g_object_ref (address), g_object_unref);
      return;
    }

  g_task_set_task_data (task, g_object_ref (address), g_object_unref);
  g_task_run_in_thread (task, resolve_in_thread);
}

static HvsockConnection *
scripted_transport_connect (HvsockTransport *transport,
                            HvsockAddress *address,
                            guint timeout,
                            GCancellable *cancellable,
                            GError **error)
{
  HvsockConnection *connection;
  guint n_attempts;
  g_autofree char *part = get_part (address, &n_attempts);

  g_object_set_data (G_OBJECT (address), "attempts", GUINT_TO_POINTER (n_attempts));
  if (g_str_equal (part, "cancels"))
    g_cancellable_cancel (cancellable);
  if (!play (part, timeout, n_attempts, error))
    return NULL;

  connection = g_object_new (scripted_connection_get_type (), NULL);
  g_object_set_data (G_OBJECT (connection), "attempts", GUINT_TO_POINTER (n_attempts));
  g_object_set_data (G_OBJECT (connection), "timeout", GUINT_TO_POINTER (timeout));
  return connection;
}

static void
scripted_transport_class_init (ScriptedTransportClass *klass)
{
  klass->parse_address = scripted_transport_parse_address;
  klass->has_name = scripted_transport_has_name;
  klass->resolve_async = scripted_transport_resolve_async;
  klass->connect = scripted_transport_connect;
}

static void
scripted_transport_init (ScriptedTransport *self)
{
}

HVSOCK_PLUGIN_DEFINE (scripted, "1.0", scripted_transport_get_type, "scripted")
