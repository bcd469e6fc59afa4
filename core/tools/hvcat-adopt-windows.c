/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* On Windows the library has nothing that takes a socket, so the classes that it has for a
 * transport to derive from are derived from here. */

#include "hvcat-adopt.h"

#include "hvcat-socket-input.h"

#include <winsock2.h>
#include <ws2tcpip.h>

/* How long to let be, in milliseconds, when the system has no room for a peer. */
#define PAUSE 50

void
hvcat_adopt_send_at_once (GSocket *socket)
{
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
}

void
hvcat_adopt_take_both_families (GSocket *socket)
{
  g_socket_set_option (socket, IPPROTO_IPV6, IPV6_V6ONLY, FALSE, NULL);
}

/* A connection. */

struct _HvcatSocketConnection
{
  HvsockConnection parent_instance;

  GSocketConnection *inner;
  HvcatSocketInput *input;
};

#define HVCAT_TYPE_SOCKET_CONNECTION (hvcat_socket_connection_get_type ())
G_DECLARE_FINAL_TYPE (HvcatSocketConnection,
                      hvcat_socket_connection,
                      HVCAT,
                      SOCKET_CONNECTION,
                      HvsockConnection)
G_DEFINE_FINAL_TYPE (HvcatSocketConnection, hvcat_socket_connection, HVSOCK_TYPE_CONNECTION)

static GInputStream *
get_input_stream (GIOStream *stream)
{
  return G_INPUT_STREAM (HVCAT_SOCKET_CONNECTION (stream)->input);
}

static GOutputStream *
get_output_stream (GIOStream *stream)
{
  return g_io_stream_get_output_stream (G_IO_STREAM (HVCAT_SOCKET_CONNECTION (stream)->inner));
}

static gboolean
close_stream (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  return g_io_stream_close (G_IO_STREAM (HVCAT_SOCKET_CONNECTION (stream)->inner), cancellable,
                            error);
}

/* Winsock does not wake whoever waits to receive. */
static gboolean
shut_down (HvsockConnection *connection, gboolean read, gboolean write, GError **error)
{
  HvcatSocketConnection *self = HVCAT_SOCKET_CONNECTION (connection);

  if (!g_socket_shutdown (g_socket_connection_get_socket (self->inner), read, write, error))
    return FALSE;
  if (read)
    hvcat_socket_input_end (self->input);
  return TRUE;
}

static void
hvcat_socket_connection_finalize (GObject *object)
{
  HvcatSocketConnection *self = HVCAT_SOCKET_CONNECTION (object);

  g_clear_object (&self->input);
  g_clear_object (&self->inner);
  G_OBJECT_CLASS (hvcat_socket_connection_parent_class)->finalize (object);
}

static void
hvcat_socket_connection_class_init (HvcatSocketConnectionClass *klass)
{
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = hvcat_socket_connection_finalize;
  stream_class->get_input_stream = get_input_stream;
  stream_class->get_output_stream = get_output_stream;
  stream_class->close_fn = close_stream;
  HVSOCK_CONNECTION_CLASS (klass)->shutdown = shut_down;
}

static void
hvcat_socket_connection_init (HvcatSocketConnection *self)
{
}

HvsockConnection *
hvcat_adopt_connection (GSocket *socket, GError **error)
{
  HvcatSocketConnection *self = g_object_new (HVCAT_TYPE_SOCKET_CONNECTION, NULL);

  self->inner = g_socket_connection_factory_create_connection (socket);
  self->input = hvcat_socket_input_new (g_io_stream_get_input_stream (G_IO_STREAM (self->inner)));
  return HVSOCK_CONNECTION (self);
}

/* A listener. */

struct _HvcatSocketListener
{
  HvsockListener parent_instance;

  GSocket *socket;
  GCancellable *closed;
};

#define HVCAT_TYPE_SOCKET_LISTENER (hvcat_socket_listener_get_type ())
G_DECLARE_FINAL_TYPE (HvcatSocketListener,
                      hvcat_socket_listener,
                      HVCAT,
                      SOCKET_LISTENER,
                      HvsockListener)
G_DEFINE_FINAL_TYPE (HvcatSocketListener, hvcat_socket_listener, HVSOCK_TYPE_LISTENER)

/* Returns FALSE when that will not help. Who goes away before it is accepted concerns nobody. What
 * is neither that nor lasting is a lack of handles or memory, or unknown: a pause keeps it from
 * spinning. Whoever closes the listener meanwhile is heard after it. */
static gboolean
try_again (const GError *failure)
{
  switch (failure->code)
    {
    case G_IO_ERROR_CANCELLED:
    case G_IO_ERROR_CLOSED:
    case G_IO_ERROR_INVALID_ARGUMENT:
    case G_IO_ERROR_NOT_SUPPORTED:
      return FALSE;
    case G_IO_ERROR_CONNECTION_CLOSED:
      return TRUE;
    default:
      g_debug ("cannot accept for now: %s", failure->message);
      g_usleep (PAUSE * 1000);
      return TRUE;
    }
}

/* In a thread, where the base class calls it for what is asynchronous. In hvcat nobody has another
 * cancellable. */
static HvsockConnection *
accept_one (HvsockListener *listener, GCancellable *cancellable, GError **error)
{
  HvcatSocketListener *self = HVCAT_SOCKET_LISTENER (listener);
  g_autoptr (GError) failure = NULL;
  g_autoptr (GSocket) accepted = NULL;

  do
    {
      g_clear_error (&failure);
      accepted = g_socket_accept (self->socket, self->closed, &failure);
    }
  while (accepted == NULL && try_again (failure));

  if (accepted != NULL)
    return hvcat_adopt_connection (accepted, error);
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

static void
close_listener (HvsockListener *listener)
{
  HvcatSocketListener *self = HVCAT_SOCKET_LISTENER (listener);

  g_cancellable_cancel (self->closed);
  g_socket_close (self->socket, NULL);
}

static void
hvcat_socket_listener_finalize (GObject *object)
{
  HvcatSocketListener *self = HVCAT_SOCKET_LISTENER (object);

  g_clear_object (&self->socket);
  g_clear_object (&self->closed);
  G_OBJECT_CLASS (hvcat_socket_listener_parent_class)->finalize (object);
}

static void
hvcat_socket_listener_class_init (HvcatSocketListenerClass *klass)
{
  HvsockListenerClass *listener_class = HVSOCK_LISTENER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = hvcat_socket_listener_finalize;
  listener_class->accept = accept_one;
  listener_class->close = close_listener;
}

static void
hvcat_socket_listener_init (HvcatSocketListener *self)
{
  self->closed = g_cancellable_new ();
}

HvsockListener *
hvcat_adopt_listener (GSocket *socket, GError **error)
{
  HvcatSocketListener *self = g_object_new (HVCAT_TYPE_SOCKET_LISTENER, NULL);

  self->socket = g_object_ref (socket);
  return HVSOCK_LISTENER (self);
}
