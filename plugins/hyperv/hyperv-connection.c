/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A connection over a Hyper-V socket. */

#include "hyperv-connection.h"

#include "hyperv-channel.h"
#include "hyperv-streams.h"

#define HVSOCK_TYPE_HYPERV_CONNECTION (hvsock_hyperv_connection_get_type ())
G_DECLARE_FINAL_TYPE (HvsockHypervConnection,
                      hvsock_hyperv_connection,
                      HVSOCK,
                      HYPERV_CONNECTION,
                      HvsockConnection)

struct _HvsockHypervConnection
{
  HvsockConnection parent_instance;

  HypervChannel *channel;
  GInputStream *input;
  GOutputStream *output;
};

G_DEFINE_FINAL_TYPE (HvsockHypervConnection, hvsock_hyperv_connection, HVSOCK_TYPE_CONNECTION)

static GInputStream *
hvsock_hyperv_connection_get_input_stream (GIOStream *stream)
{
  return HVSOCK_HYPERV_CONNECTION (stream)->input;
}

static GOutputStream *
hvsock_hyperv_connection_get_output_stream (GIOStream *stream)
{
  return HVSOCK_HYPERV_CONNECTION (stream)->output;
}

/* A stream with an operation under way does not take the close; closing the channel ends that. */
static gboolean
hvsock_hyperv_connection_close (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  HvsockHypervConnection *self = HVSOCK_HYPERV_CONNECTION (stream);

  g_input_stream_close (self->input, NULL, NULL);
  g_output_stream_close (self->output, NULL, NULL);
  hyperv_channel_close (self->channel);
  return TRUE;
}

/* Closing does not block, so it needs no thread. */
static void
hvsock_hyperv_connection_close_async (GIOStream *stream,
                                      int io_priority,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (stream, cancellable, callback, user_data);

  g_task_set_source_tag (task, hvsock_hyperv_connection_close_async);
  g_task_set_priority (task, io_priority);
  g_task_set_check_cancellable (task, FALSE);
  g_task_return_boolean (task, hvsock_hyperv_connection_close (stream, cancellable, NULL));
}

static gboolean
hvsock_hyperv_connection_close_finish (GIOStream *stream, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, stream), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static HvsockAddress *
hvsock_hyperv_connection_query_local_address (HvsockConnection *connection)
{
  return hyperv_channel_get_local_address (HVSOCK_HYPERV_CONNECTION (connection)->channel);
}

static void
hvsock_hyperv_connection_set_timeout (HvsockConnection *connection, guint timeout)
{
  g_atomic_int_set (&HVSOCK_HYPERV_CONNECTION (connection)->channel->timeout, timeout);
}

static gboolean
hvsock_hyperv_connection_shutdown (HvsockConnection *connection,
                                   gboolean read,
                                   gboolean write,
                                   GError **error)
{
  HvsockHypervConnection *self = HVSOCK_HYPERV_CONNECTION (connection);

  return hyperv_channel_shutdown (self->channel, read, write, error);
}

static void
hvsock_hyperv_connection_finalize (GObject *object)
{
  HvsockHypervConnection *self = HVSOCK_HYPERV_CONNECTION (object);

  g_clear_object (&self->input);
  g_clear_object (&self->output);
  hyperv_channel_unref (self->channel);
  G_OBJECT_CLASS (hvsock_hyperv_connection_parent_class)->finalize (object);
}

static void
hvsock_hyperv_connection_class_init (HvsockHypervConnectionClass *klass)
{
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);
  HvsockConnectionClass *connection_class = HVSOCK_CONNECTION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = hvsock_hyperv_connection_finalize;
  stream_class->get_input_stream = hvsock_hyperv_connection_get_input_stream;
  stream_class->get_output_stream = hvsock_hyperv_connection_get_output_stream;
  stream_class->close_fn = hvsock_hyperv_connection_close;
  stream_class->close_async = hvsock_hyperv_connection_close_async;
  stream_class->close_finish = hvsock_hyperv_connection_close_finish;
  connection_class->query_local_address = hvsock_hyperv_connection_query_local_address;
  connection_class->set_timeout = hvsock_hyperv_connection_set_timeout;
  connection_class->shutdown = hvsock_hyperv_connection_shutdown;
}

static void
hvsock_hyperv_connection_init (HvsockHypervConnection *self)
{
}

/* Takes over @socket, which is connected and at the completion port. An address that is not known
 * is NULL. */
HvsockConnection *
hyperv_connection_new (SOCKET socket, HvsockAddress *local_address, HvsockAddress *remote_address)
{
  HvsockHypervConnection *self =
      g_object_new (HVSOCK_TYPE_HYPERV_CONNECTION, "local-address", local_address, "remote-address",
                    remote_address, NULL);

  self->channel = hyperv_channel_new (socket, remote_address);
  self->input = hyperv_input_stream_new (self->channel);
  self->output = hyperv_output_stream_new (self->channel);
  return HVSOCK_CONNECTION (self);
}
