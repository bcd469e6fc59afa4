/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A connection over a descriptor: what every transport on Unix gives. */

#include "stream/hvsock-fd-connection-private.h"

#include <hvsock/hvsock-fd-transport.h>

#include "base/hvsock-fd-private.h"
#include "stream/hvsock-fd-streams-private.h"

#define HVSOCK_TYPE_FD_CONNECTION (hvsock_fd_connection_get_type ())
G_DECLARE_FINAL_TYPE (HvsockFdConnection,
                      hvsock_fd_connection,
                      HVSOCK,
                      FD_CONNECTION,
                      HvsockConnection)

struct _HvsockFdConnection
{
  HvsockConnection parent_instance;

  HvsockChannel *channel;
  GInputStream *input;   /* atomic: made for the first who asks */
  GOutputStream *output; /* atomic: likewise */
};

G_DEFINE_FINAL_TYPE (HvsockFdConnection, hvsock_fd_connection, HVSOCK_TYPE_CONNECTION)

static GInputStream *
hvsock_fd_connection_get_input_stream (GIOStream *stream)
{
  HvsockFdConnection *self = HVSOCK_FD_CONNECTION (stream);
  g_autoptr (GInputStream) input = NULL;

  if (g_atomic_pointer_get (&self->input) == NULL)
    {
      input = hvsock_fd_input_stream_new (self->channel);
      if (g_atomic_pointer_compare_and_exchange (&self->input, NULL, input))
        g_steal_pointer (&input);
    }
  return g_atomic_pointer_get (&self->input);
}

static GOutputStream *
hvsock_fd_connection_get_output_stream (GIOStream *stream)
{
  HvsockFdConnection *self = HVSOCK_FD_CONNECTION (stream);
  g_autoptr (GOutputStream) output = NULL;

  if (g_atomic_pointer_get (&self->output) == NULL)
    {
      output = hvsock_fd_output_stream_new (self->channel);
      if (g_atomic_pointer_compare_and_exchange (&self->output, NULL, output))
        g_steal_pointer (&output);
    }
  return g_atomic_pointer_get (&self->output);
}

/* A stream with an operation under way does not take the close; closing the channel ends that. */
static gboolean
hvsock_fd_connection_close (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  HvsockFdConnection *self = HVSOCK_FD_CONNECTION (stream);
  GInputStream *input = g_atomic_pointer_get (&self->input);
  GOutputStream *output = g_atomic_pointer_get (&self->output);

  if (input != NULL)
    g_input_stream_close (input, NULL, NULL);
  if (output != NULL)
    g_output_stream_close (output, NULL, NULL);
  hvsock_channel_close (self->channel);
  return TRUE;
}

/* Closing does not block, so it needs no thread. */
static void
hvsock_fd_connection_close_async (GIOStream *stream,
                                  int io_priority,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (stream, cancellable, callback, user_data);

  g_task_set_source_tag (task, hvsock_fd_connection_close_async);
  g_task_set_priority (task, io_priority);
  g_task_set_check_cancellable (task, FALSE);
  g_task_return_boolean (task, hvsock_fd_connection_close (stream, cancellable, NULL));
}

static gboolean
hvsock_fd_connection_close_finish (GIOStream *stream, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, stream), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static HvsockAddress *
hvsock_fd_connection_query_local_address (HvsockConnection *connection)
{
  HvsockFdConnection *self = HVSOCK_FD_CONNECTION (connection);
  struct sockaddr_storage native;
  socklen_t length = sizeof native;
  HvsockAddress *address = NULL;

  if (!hvsock_channel_enter (self->channel, NULL))
    return NULL;

  if (getsockname (self->channel->fd, (struct sockaddr *) &native, &length) == 0)
    address = hvsock_address_new_from_native (&native, length);
  hvsock_channel_leave (self->channel);
  return address;
}

static void
hvsock_fd_connection_set_timeout (HvsockConnection *connection, guint timeout)
{
  g_atomic_int_set (&HVSOCK_FD_CONNECTION (connection)->channel->timeout, timeout);
}

static int
hvsock_fd_connection_get_fd (HvsockConnection *connection)
{
  HvsockChannel *channel = HVSOCK_FD_CONNECTION (connection)->channel;

  return hvsock_channel_is_closed (channel) ? -1 : channel->fd;
}

static gboolean
hvsock_fd_connection_shutdown (HvsockConnection *connection,
                               gboolean read,
                               gboolean write,
                               GError **error)
{
  return hvsock_channel_shutdown (HVSOCK_FD_CONNECTION (connection)->channel, read, write, error);
}

static void
hvsock_fd_connection_finalize (GObject *object)
{
  HvsockFdConnection *self = HVSOCK_FD_CONNECTION (object);

  g_clear_object (&self->input);
  g_clear_object (&self->output);
  hvsock_channel_unref (self->channel);
  G_OBJECT_CLASS (hvsock_fd_connection_parent_class)->finalize (object);
}

static void
hvsock_fd_connection_class_init (HvsockFdConnectionClass *klass)
{
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);
  HvsockConnectionClass *connection_class = HVSOCK_CONNECTION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = hvsock_fd_connection_finalize;
  stream_class->get_input_stream = hvsock_fd_connection_get_input_stream;
  stream_class->get_output_stream = hvsock_fd_connection_get_output_stream;
  stream_class->close_fn = hvsock_fd_connection_close;
  stream_class->close_async = hvsock_fd_connection_close_async;
  stream_class->close_finish = hvsock_fd_connection_close_finish;
  connection_class->query_local_address = hvsock_fd_connection_query_local_address;
  connection_class->set_timeout = hvsock_fd_connection_set_timeout;
  connection_class->get_fd = hvsock_fd_connection_get_fd;
  connection_class->shutdown = hvsock_fd_connection_shutdown;
}

static void
hvsock_fd_connection_init (HvsockFdConnection *self)
{
}

/* Takes over @channel, which nobody else uses yet. */
HvsockConnection *
hvsock_fd_connection_new (HvsockChannel *channel,
                          HvsockAddress *local_address,
                          HvsockAddress *remote_address,
                          gboolean can_half_close)
{
  HvsockFdConnection *self = g_object_new (HVSOCK_TYPE_FD_CONNECTION, "local-address",
                                           local_address, "remote-address", remote_address, NULL);

  hvsock_channel_set_addresses (channel, local_address, remote_address);
  self->channel = channel;
  if (!can_half_close)
    g_object_set (self, "can-half-close", FALSE, NULL);
  return HVSOCK_CONNECTION (self);
}

/**
 * hvsock_connection_new_for_fd: (skip)
 * @fd: a connected socket, which the connection takes over
 * @local_address: (nullable): the address of this end, or %NULL to ask the system when it is wanted
 * @remote_address: (nullable): the address of the peer, or %NULL if the transport conveys none
 *
 * Makes a connection of a descriptor, for a transport to return. @fd is made close-on-exec, and
 * blocking on Linux but not on macOS, and is closed with the connection.
 *
 * Returns: (transfer full): a connection
 *
 * Since: 1.0
 */
HvsockConnection *
hvsock_connection_new_for_fd (int fd, HvsockAddress *local_address, HvsockAddress *remote_address)
{
  g_return_val_if_fail (fd >= 0, NULL);
  g_return_val_if_fail (local_address == NULL || HVSOCK_IS_ADDRESS (local_address), NULL);
  g_return_val_if_fail (remote_address == NULL || HVSOCK_IS_ADDRESS (remote_address), NULL);

  hvsock_fd_set_cloexec (fd);
  hvsock_fd_set_blocking (fd, hvsock_fd_connected_is_blocking);
  return hvsock_fd_connection_new (hvsock_channel_new (fd), local_address, remote_address, TRUE);
}
