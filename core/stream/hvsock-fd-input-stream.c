/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The reading end of a connection over a descriptor. */

#include "stream/hvsock-fd-streams-private.h"

#include "stream/hvsock-wait-source-private.h"
#include "stream/hvsock-transfer-private.h"

#define HVSOCK_TYPE_FD_INPUT_STREAM (hvsock_fd_input_stream_get_type ())
G_DECLARE_FINAL_TYPE (HvsockFdInputStream,
                      hvsock_fd_input_stream,
                      HVSOCK,
                      FD_INPUT_STREAM,
                      GInputStream)

struct _HvsockFdInputStream
{
  GInputStream parent_instance;

  HvsockChannel *channel;

  /* The asynchronous read: a stream has one at a time. */
  HvsockTransfer transfer;
  GOutputVector into;
  HvsockOperation *operation; /* to be used again */
};

static void pollable_iface_init (GPollableInputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (HvsockFdInputStream,
                               hvsock_fd_input_stream,
                               G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      pollable_iface_init))

static gssize
hvsock_fd_input_stream_read (GInputStream *stream,
                             void *buffer,
                             gsize count,
                             GCancellable *cancellable,
                             GError **error)
{
  HvsockFdInputStream *self = HVSOCK_FD_INPUT_STREAM (stream);
  const GOutputVector into = { buffer, count };
  const HvsockTransfer transfer = { self->channel, G_IO_IN, &into, 1 };

  return hvsock_transfer_run (&transfer, cancellable, error);
}

static void
hvsock_fd_input_stream_read_async (GInputStream *stream,
                                   void *buffer,
                                   gsize count,
                                   int io_priority,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  HvsockFdInputStream *self = HVSOCK_FD_INPUT_STREAM (stream);

  self->into = (GOutputVector){ buffer, count };
  hvsock_transfer_start (&self->transfer,
                         hvsock_operation_renew (&self->operation, self, io_priority, cancellable,
                                                 callback, user_data));
}

static gssize
hvsock_fd_input_stream_read_finish (GInputStream *stream, GAsyncResult *result, GError **error)
{
  return hvsock_operation_finish (result, stream, error);
}

static gboolean
hvsock_fd_input_stream_is_readable (GPollableInputStream *stream)
{
  return hvsock_channel_is_ready (HVSOCK_FD_INPUT_STREAM (stream)->channel, G_IO_IN);
}

static GSource *
hvsock_fd_input_stream_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  return hvsock_wait_source_create (HVSOCK_FD_INPUT_STREAM (stream)->channel, G_IO_IN, stream,
                                    cancellable);
}

static gssize
hvsock_fd_input_stream_read_nonblocking (GPollableInputStream *stream,
                                         void *buffer,
                                         gsize count,
                                         GError **error)
{
  HvsockFdInputStream *self = HVSOCK_FD_INPUT_STREAM (stream);
  const GOutputVector into = { buffer, count };
  const HvsockTransfer transfer = { self->channel, G_IO_IN, &into, 1 };

  return hvsock_transfer_try (&transfer, error);
}

static void
hvsock_fd_input_stream_finalize (GObject *object)
{
  HvsockFdInputStream *self = HVSOCK_FD_INPUT_STREAM (object);

  hvsock_operation_give_up (&self->operation);
  hvsock_channel_unref (self->channel);
  G_OBJECT_CLASS (hvsock_fd_input_stream_parent_class)->finalize (object);
}

static void
hvsock_fd_input_stream_class_init (HvsockFdInputStreamClass *klass)
{
  GInputStreamClass *stream_class = G_INPUT_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = hvsock_fd_input_stream_finalize;
  stream_class->read_fn = hvsock_fd_input_stream_read;
  stream_class->read_async = hvsock_fd_input_stream_read_async;
  stream_class->read_finish = hvsock_fd_input_stream_read_finish;
}

static void
pollable_iface_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = hvsock_fd_input_stream_is_readable;
  iface->create_source = hvsock_fd_input_stream_create_source;
  iface->read_nonblocking = hvsock_fd_input_stream_read_nonblocking;
}

static void
hvsock_fd_input_stream_init (HvsockFdInputStream *self)
{
  self->transfer.condition = G_IO_IN;
  self->transfer.vectors = &self->into;
  self->transfer.n_vectors = 1;
  /* A peer seldom speaks before it is listened to. */
  self->transfer.is_drained = TRUE;
}

GInputStream *
hvsock_fd_input_stream_new (HvsockChannel *channel)
{
  HvsockFdInputStream *self = g_object_new (HVSOCK_TYPE_FD_INPUT_STREAM, NULL);

  self->channel = hvsock_channel_ref (channel);
  self->transfer.channel = channel;
  return G_INPUT_STREAM (self);
}

/* Returns %NULL for a stream of another kind. */
HvsockChannel *
hvsock_fd_input_stream_get_channel (GInputStream *stream)
{
  return HVSOCK_IS_FD_INPUT_STREAM (stream) ? HVSOCK_FD_INPUT_STREAM (stream)->channel : NULL;
}
