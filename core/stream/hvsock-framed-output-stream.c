/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The writing end of a framed connection. A write sends some frames with one call of the base. When
 * that ends within a frame the rest of the frame counts as written, since the peer waits for it,
 * and is sent before all else. A blocking write sends it itself, unless it is given up. An
 * asynchronous one is over and leaves it to be sent: GIO forgets what one that is cancelled while
 * it waits has written. */

#include "stream/hvsock-framed-link-private.h"
#include "stream/hvsock-stream-private.h"

#define HVSOCK_TYPE_FRAMED_OUTPUT_STREAM (hvsock_framed_output_stream_get_type ())
G_DECLARE_FINAL_TYPE (HvsockFramedOutputStream,
                      hvsock_framed_output_stream,
                      HVSOCK,
                      FRAMED_OUTPUT_STREAM,
                      GOutputStream)

/* A write under way. */
typedef struct
{
  const GOutputVector *data;
  gsize n_data;
  gsize n_taken;
} Write;

struct _HvsockFramedOutputStream
{
  GOutputStream parent_instance;

  HvsockFramedLink *link;

  /* The asynchronous write: a stream has one at a time. */
  Write write;
  GOutputVector from;
};

static void pollable_iface_init (GPollableOutputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (HvsockFramedOutputStream,
                               hvsock_framed_output_stream,
                               G_TYPE_OUTPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM,
                                                      pollable_iface_init))

/* Looks first for a peer that wants no more. */
static gboolean
write_enter (HvsockFramedLink *link, GCancellable *cancellable, GError **error)
{
  hvsock_framed_link_peek (link);
  return hvsock_framed_link_enter (link, &link->output, cancellable, error);
}

/* How many frames may follow what is queued. Without waiting it is one, which most systems take as
 * a whole or not at all, and none behind the rest of another: then nothing is left of it. */
static guint
count_frames (HvsockFramedLink *link, gboolean may_wait)
{
  if (may_wait)
    return HVSOCK_FRAMES_MAX;
  return link->encoder.queue->len == 0 ? 1 : 0;
}

/* Makes what is to be given to the base next: the rest of a frame, and if nothing was taken yet,
 * some more. Returns %FALSE if the write is over. */
static gboolean
write_prepare (Write *self, HvsockFramedLink *link, gboolean may_wait, GError **error)
{
  if (self->n_taken == 0 && !hvsock_framed_link_can_write (link, error))
    return FALSE;

  hvsock_framed_link_encode (link, self->data, self->n_data,
                             self->n_taken == 0 ? count_frames (link, may_wait) : 0);
  return link->encoder.n_vectors > 0;
}

/* What the base has done, with @failure if it has failed. Returns %FALSE if the write is over. What
 * interrupted it may have been that nobody reads any more. */
static gboolean
write_account (Write *self,
               HvsockFramedLink *link,
               gsize n_written,
               GError *failure,
               GError **error)
{
  self->n_taken += hvsock_frame_encoder_take (&link->encoder, n_written);
  if (failure == NULL)
    return TRUE;

  if (self->n_taken > 0 || (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED) &&
                            !hvsock_framed_link_can_write (link, error)))
    g_error_free (failure);
  else
    g_propagate_error (error, failure);
  return FALSE;
}

/* Without waiting it fails with %G_IO_ERROR_WOULD_BLOCK. */
static gboolean
write_base_now (HvsockFramedLink *link, gboolean may_wait, gsize *n_written, GError **error)
{
  const HvsockFrameEncoder *encoder = &link->encoder;
  GPollableReturn result;

  if (may_wait)
    return g_output_stream_writev (link->base_output, encoder->vectors, encoder->n_vectors,
                                   n_written, link->output.interrupt, error);

  result = g_pollable_output_stream_writev_nonblocking (
      G_POLLABLE_OUTPUT_STREAM (link->base_output), encoder->vectors, encoder->n_vectors, n_written,
      NULL, error);
  if (result == G_POLLABLE_RETURN_WOULD_BLOCK)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "the base has no room");
  return result == G_POLLABLE_RETURN_OK;
}

/* @may_wait in the base, or fails with %G_IO_ERROR_WOULD_BLOCK. */
static gssize
write_now (HvsockFramedLink *link,
           const GOutputVector *vectors,
           gsize n_vectors,
           gboolean may_wait,
           GCancellable *cancellable,
           GError **error)
{
  Write write = { vectors, n_vectors, 0 };
  gboolean goes_on = TRUE;
  GError *problem = NULL;

  if (!write_enter (link, cancellable, error))
    return -1;

  while (goes_on && write_prepare (&write, link, may_wait, &problem))
    {
      GError *failure = NULL;
      gsize n_written = 0;

      write_base_now (link, may_wait, &n_written, &failure);
      goes_on = write_account (&write, link, n_written, failure, &problem) &&
                (may_wait || write.n_taken == 0);
    }
  hvsock_framed_link_leave (link, &link->output, cancellable);

  if (problem == NULL)
    return (gssize) write.n_taken;
  g_propagate_error (error, problem);
  return -1;
}

static gboolean
hvsock_framed_output_stream_writev (GOutputStream *stream,
                                    const GOutputVector *vectors,
                                    gsize n_vectors,
                                    gsize *bytes_written,
                                    GCancellable *cancellable,
                                    GError **error)
{
  HvsockFramedLink *link = HVSOCK_FRAMED_OUTPUT_STREAM (stream)->link;

  return hvsock_stream_tell_written (write_now (link, vectors, n_vectors, TRUE, cancellable, error),
                                     bytes_written);
}

static gssize
hvsock_framed_output_stream_write (GOutputStream *stream,
                                   const void *buffer,
                                   gsize count,
                                   GCancellable *cancellable,
                                   GError **error)
{
  const GOutputVector from = { buffer, count };

  return write_now (HVSOCK_FRAMED_OUTPUT_STREAM (stream)->link, &from, 1, TRUE, cancellable, error);
}

static void
return_write (HvsockFramedOutputStream *self, GTask *task, GError *error)
{
  hvsock_framed_link_leave (self->link, &self->link->output, g_task_get_cancellable (task));
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_int (task, (gssize) self->write.n_taken);
}

static void write_base (HvsockFramedOutputStream *self, GTask *task);

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  HvsockFramedOutputStream *self = g_task_get_source_object (task);
  GError *failure = NULL;
  GError *error = NULL;
  gsize n_written = 0;

  g_output_stream_writev_finish (G_OUTPUT_STREAM (source), result, &n_written, &failure);
  if (write_account (&self->write, self->link, n_written, failure, &error) &&
      self->write.n_taken == 0)
    write_base (self, task);
  else
    return_write (self, task, error);
}

static void
write_base (HvsockFramedOutputStream *self, GTask *task)
{
  HvsockFramedLink *link = self->link;
  GError *error = NULL;

  if (write_prepare (&self->write, link, TRUE, &error))
    g_output_stream_writev_async (link->base_output, link->encoder.vectors, link->encoder.n_vectors,
                                  g_task_get_priority (task), link->output.interrupt, written_cb,
                                  g_object_ref (task));
  else
    return_write (self, task, error);
}

static void
hvsock_framed_output_stream_writev_async (GOutputStream *stream,
                                          const GOutputVector *vectors,
                                          gsize n_vectors,
                                          int io_priority,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data)
{
  HvsockFramedOutputStream *self = HVSOCK_FRAMED_OUTPUT_STREAM (stream);
  g_autoptr (GTask) task = g_task_new (stream, cancellable, callback, user_data);
  GError *error = NULL;

  g_task_set_source_tag (task, hvsock_framed_output_stream_writev_async);
  g_task_set_priority (task, io_priority);
  /* What was written is reported even when the cancellation comes in between. */
  g_task_set_check_cancellable (task, FALSE);

  self->write = (Write){ vectors, n_vectors, 0 };
  if (write_enter (self->link, cancellable, &error))
    write_base (self, task);
  else
    g_task_return_error (task, error);
}

static void
hvsock_framed_output_stream_write_async (GOutputStream *stream,
                                         const void *buffer,
                                         gsize count,
                                         int io_priority,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data)
{
  HvsockFramedOutputStream *self = HVSOCK_FRAMED_OUTPUT_STREAM (stream);

  self->from = (GOutputVector){ buffer, count };
  hvsock_framed_output_stream_writev_async (stream, &self->from, 1, io_priority, cancellable,
                                            callback, user_data);
}

static gssize
hvsock_framed_output_stream_write_finish (GOutputStream *stream,
                                          GAsyncResult *result,
                                          GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, stream), -1);

  return g_task_propagate_int (G_TASK (result), error);
}

static gboolean
hvsock_framed_output_stream_writev_finish (GOutputStream *stream,
                                           GAsyncResult *result,
                                           gsize *bytes_written,
                                           GError **error)
{
  return hvsock_stream_tell_written (
      hvsock_framed_output_stream_write_finish (stream, result, error), bytes_written);
}

static gboolean
hvsock_framed_output_stream_can_poll (GPollableOutputStream *stream)
{
  return hvsock_stream_can_poll (HVSOCK_FRAMED_OUTPUT_STREAM (stream)->link->base_output);
}

static gboolean
hvsock_framed_output_stream_is_writable (GPollableOutputStream *stream)
{
  HvsockFramedLink *link = HVSOCK_FRAMED_OUTPUT_STREAM (stream)->link;

  return hvsock_framed_link_is_settled (link, G_IO_OUT) ||
         g_pollable_output_stream_is_writable (G_POLLABLE_OUTPUT_STREAM (link->base_output));
}

static GSource *
hvsock_framed_output_stream_create_source (GPollableOutputStream *stream, GCancellable *cancellable)
{
  return hvsock_framed_source_new (HVSOCK_FRAMED_OUTPUT_STREAM (stream)->link, stream, G_IO_OUT,
                                   cancellable);
}

static GPollableReturn
hvsock_framed_output_stream_writev_nonblocking (GPollableOutputStream *stream,
                                                const GOutputVector *vectors,
                                                gsize n_vectors,
                                                gsize *bytes_written,
                                                GError **error)
{
  HvsockFramedLink *link = HVSOCK_FRAMED_OUTPUT_STREAM (stream)->link;
  GError *failure = NULL;
  gssize n_written = write_now (link, vectors, n_vectors, FALSE, NULL, &failure);

  return hvsock_stream_tell_tried (n_written, failure, bytes_written, error);
}

static gssize
hvsock_framed_output_stream_write_nonblocking (GPollableOutputStream *stream,
                                               const void *buffer,
                                               gsize count,
                                               GError **error)
{
  const GOutputVector from = { buffer, count };

  return write_now (HVSOCK_FRAMED_OUTPUT_STREAM (stream)->link, &from, 1, FALSE, NULL, error);
}

static void
hvsock_framed_output_stream_finalize (GObject *object)
{
  hvsock_framed_link_unref (HVSOCK_FRAMED_OUTPUT_STREAM (object)->link);
  G_OBJECT_CLASS (hvsock_framed_output_stream_parent_class)->finalize (object);
}

static void
hvsock_framed_output_stream_class_init (HvsockFramedOutputStreamClass *klass)
{
  GOutputStreamClass *stream_class = G_OUTPUT_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = hvsock_framed_output_stream_finalize;
  stream_class->write_fn = hvsock_framed_output_stream_write;
  stream_class->write_async = hvsock_framed_output_stream_write_async;
  stream_class->write_finish = hvsock_framed_output_stream_write_finish;
  stream_class->writev_fn = hvsock_framed_output_stream_writev;
  stream_class->writev_async = hvsock_framed_output_stream_writev_async;
  stream_class->writev_finish = hvsock_framed_output_stream_writev_finish;
}

static void
pollable_iface_init (GPollableOutputStreamInterface *iface)
{
  iface->can_poll = hvsock_framed_output_stream_can_poll;
  iface->is_writable = hvsock_framed_output_stream_is_writable;
  iface->create_source = hvsock_framed_output_stream_create_source;
  iface->write_nonblocking = hvsock_framed_output_stream_write_nonblocking;
  iface->writev_nonblocking = hvsock_framed_output_stream_writev_nonblocking;
}

static void
hvsock_framed_output_stream_init (HvsockFramedOutputStream *self)
{
}

GOutputStream *
hvsock_framed_output_stream_new (HvsockFramedLink *link)
{
  HvsockFramedOutputStream *self = g_object_new (HVSOCK_TYPE_FRAMED_OUTPUT_STREAM, NULL);

  self->link = hvsock_framed_link_ref (link);
  return G_OUTPUT_STREAM (self);
}
