/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The reading end of a connection. */

#include "hyperv-streams.h"

#include "hyperv-ready-source.h"
#include "hyperv-transfer.h"

#define HVSOCK_TYPE_HYPERV_INPUT_STREAM (hvsock_hyperv_input_stream_get_type ())
G_DECLARE_FINAL_TYPE (HvsockHypervInputStream,
                      hvsock_hyperv_input_stream,
                      HVSOCK,
                      HYPERV_INPUT_STREAM,
                      GInputStream)

struct _HvsockHypervInputStream
{
  GInputStream parent_instance;

  HypervChannel *channel;
};

static void pollable_iface_init (GPollableInputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (HvsockHypervInputStream,
                               hvsock_hyperv_input_stream,
                               G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      pollable_iface_init))

static HypervTransfer
begin_read (gpointer stream, void *buffer, gsize count)
{
  return (HypervTransfer){
    .channel = HVSOCK_HYPERV_INPUT_STREAM (stream)->channel,
    .to = { buffer, count },
  };
}

static gssize
hvsock_hyperv_input_stream_read (GInputStream *stream,
                                 void *buffer,
                                 gsize count,
                                 GCancellable *cancellable,
                                 GError **error)
{
  HypervTransfer transfer = begin_read (stream, buffer, count);

  return hyperv_transfer_run (&transfer, cancellable, error);
}

static void
hvsock_hyperv_input_stream_read_async (GInputStream *stream,
                                       void *buffer,
                                       gsize count,
                                       int io_priority,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (stream, cancellable, callback, user_data);
  const HypervTransfer transfer = begin_read (stream, buffer, count);

  g_task_set_source_tag (task, hvsock_hyperv_input_stream_read_async);
  g_task_set_priority (task, io_priority);
  hyperv_transfer_start (&transfer, task);
}

static gssize
hvsock_hyperv_input_stream_read_finish (GInputStream *stream, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, stream), -1);

  return g_task_propagate_int (G_TASK (result), error);
}

static gboolean
hvsock_hyperv_input_stream_is_readable (GPollableInputStream *stream)
{
  return hyperv_channel_is_ready (HVSOCK_HYPERV_INPUT_STREAM (stream)->channel, FALSE);
}

static GSource *
hvsock_hyperv_input_stream_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  g_autoptr (GSource) ready =
      hyperv_ready_source_new (HVSOCK_HYPERV_INPUT_STREAM (stream)->channel, FALSE);

  return g_pollable_source_new_full (stream, ready, cancellable);
}

static gssize
hvsock_hyperv_input_stream_read_nonblocking (GPollableInputStream *stream,
                                             void *buffer,
                                             gsize count,
                                             GError **error)
{
  HypervTransfer transfer = begin_read (stream, buffer, count);

  return hyperv_transfer_try (&transfer, error);
}

static void
hvsock_hyperv_input_stream_finalize (GObject *object)
{
  hyperv_channel_unref (HVSOCK_HYPERV_INPUT_STREAM (object)->channel);
  G_OBJECT_CLASS (hvsock_hyperv_input_stream_parent_class)->finalize (object);
}

static void
hvsock_hyperv_input_stream_class_init (HvsockHypervInputStreamClass *klass)
{
  GInputStreamClass *stream_class = G_INPUT_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = hvsock_hyperv_input_stream_finalize;
  stream_class->read_fn = hvsock_hyperv_input_stream_read;
  stream_class->read_async = hvsock_hyperv_input_stream_read_async;
  stream_class->read_finish = hvsock_hyperv_input_stream_read_finish;
}

static void
pollable_iface_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = hvsock_hyperv_input_stream_is_readable;
  iface->create_source = hvsock_hyperv_input_stream_create_source;
  iface->read_nonblocking = hvsock_hyperv_input_stream_read_nonblocking;
}

static void
hvsock_hyperv_input_stream_init (HvsockHypervInputStream *self)
{
}

GInputStream *
hyperv_input_stream_new (HypervChannel *channel)
{
  HvsockHypervInputStream *self = g_object_new (HVSOCK_TYPE_HYPERV_INPUT_STREAM, NULL);

  self->channel = hyperv_channel_ref (channel);
  return G_INPUT_STREAM (self);
}
