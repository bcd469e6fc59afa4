/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The writing end of a connection. */

#include "hyperv-streams.h"

#include "hyperv-ready-source.h"
#include "hyperv-transfer.h"

#define HVSOCK_TYPE_HYPERV_OUTPUT_STREAM (hvsock_hyperv_output_stream_get_type ())
G_DECLARE_FINAL_TYPE (HvsockHypervOutputStream,
                      hvsock_hyperv_output_stream,
                      HVSOCK,
                      HYPERV_OUTPUT_STREAM,
                      GOutputStream)

struct _HvsockHypervOutputStream
{
  GOutputStream parent_instance;

  HypervChannel *channel;
  GOutputVector from; /* of the asynchronous write: a stream has one at a time */
};

static void pollable_iface_init (GPollableOutputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (HvsockHypervOutputStream,
                               hvsock_hyperv_output_stream,
                               G_TYPE_OUTPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM,
                                                      pollable_iface_init))

static HypervTransfer
begin_write (gpointer stream, const GOutputVector *vectors, gsize n_vectors)
{
  return (HypervTransfer){
    .channel = HVSOCK_HYPERV_OUTPUT_STREAM (stream)->channel,
    .is_write = TRUE,
    .from = vectors,
    .n_from = n_vectors,
  };
}

static gboolean
hvsock_hyperv_output_stream_writev (GOutputStream *stream,
                                    const GOutputVector *vectors,
                                    gsize n_vectors,
                                    gsize *bytes_written,
                                    GCancellable *cancellable,
                                    GError **error)
{
  HypervTransfer transfer = begin_write (stream, vectors, n_vectors);
  gssize written = hyperv_transfer_run (&transfer, cancellable, error);

  *bytes_written = MAX (written, 0);
  return written >= 0;
}

static gssize
hvsock_hyperv_output_stream_write (GOutputStream *stream,
                                   const void *buffer,
                                   gsize count,
                                   GCancellable *cancellable,
                                   GError **error)
{
  const GOutputVector from = { buffer, count };
  HypervTransfer transfer = begin_write (stream, &from, 1);

  return hyperv_transfer_run (&transfer, cancellable, error);
}

static void
hvsock_hyperv_output_stream_writev_async (GOutputStream *stream,
                                          const GOutputVector *vectors,
                                          gsize n_vectors,
                                          int io_priority,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (stream, cancellable, callback, user_data);
  const HypervTransfer transfer = begin_write (stream, vectors, n_vectors);

  g_task_set_source_tag (task, hvsock_hyperv_output_stream_writev_async);
  g_task_set_priority (task, io_priority);
  hyperv_transfer_start (&transfer, task);
}

static void
hvsock_hyperv_output_stream_write_async (GOutputStream *stream,
                                         const void *buffer,
                                         gsize count,
                                         int io_priority,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data)
{
  HvsockHypervOutputStream *self = HVSOCK_HYPERV_OUTPUT_STREAM (stream);

  self->from = (GOutputVector){ buffer, count };
  hvsock_hyperv_output_stream_writev_async (stream, &self->from, 1, io_priority, cancellable,
                                            callback, user_data);
}

static gssize
hvsock_hyperv_output_stream_write_finish (GOutputStream *stream,
                                          GAsyncResult *result,
                                          GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, stream), -1);

  return g_task_propagate_int (G_TASK (result), error);
}

static gboolean
hvsock_hyperv_output_stream_writev_finish (GOutputStream *stream,
                                           GAsyncResult *result,
                                           gsize *bytes_written,
                                           GError **error)
{
  gssize written = hvsock_hyperv_output_stream_write_finish (stream, result, error);

  *bytes_written = MAX (written, 0);
  return written >= 0;
}

static gboolean
hvsock_hyperv_output_stream_is_writable (GPollableOutputStream *stream)
{
  return hyperv_channel_is_ready (HVSOCK_HYPERV_OUTPUT_STREAM (stream)->channel, TRUE);
}

static GSource *
hvsock_hyperv_output_stream_create_source (GPollableOutputStream *stream, GCancellable *cancellable)
{
  g_autoptr (GSource) ready =
      hyperv_ready_source_new (HVSOCK_HYPERV_OUTPUT_STREAM (stream)->channel, TRUE);

  return g_pollable_source_new_full (stream, ready, cancellable);
}

static GPollableReturn
hvsock_hyperv_output_stream_writev_nonblocking (GPollableOutputStream *stream,
                                                const GOutputVector *vectors,
                                                gsize n_vectors,
                                                gsize *bytes_written,
                                                GError **error)
{
  HypervTransfer transfer = begin_write (stream, vectors, n_vectors);
  g_autoptr (GError) failure = NULL;
  gssize written = hyperv_transfer_try (&transfer, &failure);

  *bytes_written = MAX (written, 0);
  if (written >= 0)
    return G_POLLABLE_RETURN_OK;
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_POLLABLE_RETURN_WOULD_BLOCK;

  g_propagate_error (error, g_steal_pointer (&failure));
  return G_POLLABLE_RETURN_FAILED;
}

static gssize
hvsock_hyperv_output_stream_write_nonblocking (GPollableOutputStream *stream,
                                               const void *buffer,
                                               gsize count,
                                               GError **error)
{
  const GOutputVector from = { buffer, count };
  HypervTransfer transfer = begin_write (stream, &from, 1);

  return hyperv_transfer_try (&transfer, error);
}

static void
hvsock_hyperv_output_stream_finalize (GObject *object)
{
  hyperv_channel_unref (HVSOCK_HYPERV_OUTPUT_STREAM (object)->channel);
  G_OBJECT_CLASS (hvsock_hyperv_output_stream_parent_class)->finalize (object);
}

static void
hvsock_hyperv_output_stream_class_init (HvsockHypervOutputStreamClass *klass)
{
  GOutputStreamClass *stream_class = G_OUTPUT_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = hvsock_hyperv_output_stream_finalize;
  stream_class->write_fn = hvsock_hyperv_output_stream_write;
  stream_class->write_async = hvsock_hyperv_output_stream_write_async;
  stream_class->write_finish = hvsock_hyperv_output_stream_write_finish;
  stream_class->writev_fn = hvsock_hyperv_output_stream_writev;
  stream_class->writev_async = hvsock_hyperv_output_stream_writev_async;
  stream_class->writev_finish = hvsock_hyperv_output_stream_writev_finish;
}

static void
pollable_iface_init (GPollableOutputStreamInterface *iface)
{
  iface->is_writable = hvsock_hyperv_output_stream_is_writable;
  iface->create_source = hvsock_hyperv_output_stream_create_source;
  iface->write_nonblocking = hvsock_hyperv_output_stream_write_nonblocking;
  iface->writev_nonblocking = hvsock_hyperv_output_stream_writev_nonblocking;
}

static void
hvsock_hyperv_output_stream_init (HvsockHypervOutputStream *self)
{
}

GOutputStream *
hyperv_output_stream_new (HypervChannel *channel)
{
  HvsockHypervOutputStream *self = g_object_new (HVSOCK_TYPE_HYPERV_OUTPUT_STREAM, NULL);

  self->channel = hyperv_channel_ref (channel);
  return G_OUTPUT_STREAM (self);
}
