/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The writing end of a connection over a descriptor. */

#include "stream/hvsock-fd-streams-private.h"

#include "stream/hvsock-blocking-call-private.h"
#include "stream/hvsock-move-private.h"
#include "stream/hvsock-stream-private.h"
#include "stream/hvsock-transfer-private.h"
#include "stream/hvsock-wait-source-private.h"

#define HVSOCK_TYPE_FD_OUTPUT_STREAM (hvsock_fd_output_stream_get_type ())
G_DECLARE_FINAL_TYPE (HvsockFdOutputStream,
                      hvsock_fd_output_stream,
                      HVSOCK,
                      FD_OUTPUT_STREAM,
                      GOutputStream)

struct _HvsockFdOutputStream
{
  GOutputStream parent_instance;

  HvsockChannel *channel;

  /* The asynchronous write: a stream has one at a time. */
  HvsockTransfer transfer;
  GOutputVector from;
  HvsockOperation *operation; /* to be used again */
};

static void pollable_iface_init (GPollableOutputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (HvsockFdOutputStream,
                               hvsock_fd_output_stream,
                               G_TYPE_OUTPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM,
                                                      pollable_iface_init))

static gboolean
hvsock_fd_output_stream_writev (GOutputStream *stream,
                                const GOutputVector *vectors,
                                gsize n_vectors,
                                gsize *bytes_written,
                                GCancellable *cancellable,
                                GError **error)
{
  HvsockFdOutputStream *self = HVSOCK_FD_OUTPUT_STREAM (stream);
  const HvsockTransfer transfer = { self->channel, G_IO_OUT, vectors, n_vectors };

  return hvsock_stream_tell_written (hvsock_transfer_run (&transfer, cancellable, error),
                                     bytes_written);
}

static gssize
hvsock_fd_output_stream_write (GOutputStream *stream,
                               const void *buffer,
                               gsize count,
                               GCancellable *cancellable,
                               GError **error)
{
  HvsockFdOutputStream *self = HVSOCK_FD_OUTPUT_STREAM (stream);
  const GOutputVector from = { buffer, count };
  const HvsockTransfer transfer = { self->channel, G_IO_OUT, &from, 1 };

  return hvsock_transfer_run (&transfer, cancellable, error);
}

static void
thread_func (gpointer data, gpointer user_data)
{
  g_autoptr (GTask) task = data;
  HvsockFdOutputStream *self = g_task_get_source_object (task);
  GError *error = NULL;
  sigset_t all, before;
  gssize n_written;

  /* A signal is for the threads of the application, and not to end a connection by the way. */
  sigfillset (&all);
  pthread_sigmask (SIG_BLOCK, &all, &before);
  n_written = hvsock_transfer_run (&self->transfer, g_task_get_cancellable (task), &error);
  pthread_sigmask (SIG_SETMASK, &before, NULL);

  if (n_written < 0)
    g_task_return_error (task, error);
  else
    g_task_return_int (task, n_written);
}

/* GTask's threads are few, and peers that do not read would keep them from all others. */
static gpointer
make_pool (gpointer data)
{
  return g_thread_pool_new (thread_func, NULL, -1, FALSE, NULL);
}

/* What cannot be done without waiting in the system. */
static void
write_in_thread (HvsockFdOutputStream *self,
                 int io_priority,
                 GCancellable *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
  static GOnce pool = G_ONCE_INIT;
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, write_in_thread);
  g_task_set_priority (task, io_priority);
  g_task_set_check_cancellable (task, FALSE);
  g_thread_pool_push (g_once (&pool, make_pool, NULL), task, NULL);
}

static void
hvsock_fd_output_stream_writev_async (GOutputStream *stream,
                                      const GOutputVector *vectors,
                                      gsize n_vectors,
                                      int io_priority,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  HvsockFdOutputStream *self = HVSOCK_FD_OUTPUT_STREAM (stream);

  self->transfer = (HvsockTransfer){ self->channel, G_IO_OUT, vectors, n_vectors };
  if (self->channel->sends_in_parts)
    {
      write_in_thread (self, io_priority, cancellable, callback, user_data);
      return;
    }
  hvsock_transfer_start (&self->transfer,
                         hvsock_operation_renew (&self->operation, self, io_priority, cancellable,
                                                 callback, user_data));
}

static void
hvsock_fd_output_stream_write_async (GOutputStream *stream,
                                     const void *buffer,
                                     gsize count,
                                     int io_priority,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  HvsockFdOutputStream *self = HVSOCK_FD_OUTPUT_STREAM (stream);

  self->from = (GOutputVector){ buffer, count };
  hvsock_fd_output_stream_writev_async (stream, &self->from, 1, io_priority, cancellable, callback,
                                        user_data);
}

static gssize
hvsock_fd_output_stream_write_finish (GOutputStream *stream, GAsyncResult *result, GError **error)
{
  if (!G_IS_TASK (result))
    return hvsock_operation_finish (result, stream, error);

  g_return_val_if_fail (g_task_is_valid (result, stream), -1);
  return g_task_propagate_int (G_TASK (result), error);
}

static gboolean
hvsock_fd_output_stream_writev_finish (GOutputStream *stream,
                                       GAsyncResult *result,
                                       gsize *bytes_written,
                                       GError **error)
{
  return hvsock_stream_tell_written (hvsock_fd_output_stream_write_finish (stream, result, error),
                                     bytes_written);
}

typedef struct
{
  HvsockMove move;
  GOutputStreamSpliceFlags flags;
} SpliceData;

static SpliceData *
splice_data_new (GOutputStream *to, GInputStream *from, GOutputStreamSpliceFlags flags)
{
  SpliceData *self = g_new0 (SpliceData, 1);

  hvsock_move_init (&self->move, NULL, from, to);
  self->flags = flags;
  return self;
}

static void
splice_data_free (SpliceData *self)
{
  hvsock_move_clear (&self->move);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpliceData, splice_data_free)

/* Returns how much was moved. */
static gssize
splice_data_finish (SpliceData *self, GAsyncResult *result, GError **error)
{
  gboolean success = g_task_propagate_boolean (G_TASK (result), error);

  if ((self->flags & G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE) != 0)
    g_input_stream_close (self->move.from, NULL, NULL);
  if ((self->flags & G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET) != 0)
    success = g_output_stream_close (self->move.to, NULL, success ? error : NULL) && success;

  /* As GOutputStream left it, which clears it now. */
  g_output_stream_set_pending (self->move.to, NULL);
  return success ? (gssize) MIN (self->move.n_moved, G_MAXSSIZE) : -1;
}

static void
spliced_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  gssize n_moved = splice_data_finish (g_task_get_task_data (task), result, &error);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_int (task, n_moved);
}

/* While bytes are moved the streams are occupied by that, and not as GOutputStream does it. */
static void
hvsock_fd_output_stream_splice_async (GOutputStream *stream,
                                      GInputStream *from,
                                      GOutputStreamSpliceFlags flags,
                                      int io_priority,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (stream, cancellable, callback, user_data);
  g_autoptr (GTask) moving = g_task_new (stream, cancellable, spliced_cb, g_object_ref (task));
  SpliceData *data = splice_data_new (stream, from, flags);

  g_task_set_source_tag (task, hvsock_fd_output_stream_splice_async);
  g_task_set_task_data (task, data, (GDestroyNotify) splice_data_free);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_priority (moving, io_priority);
  g_output_stream_clear_pending (stream);
  hvsock_move_start (&data->move, moving);
}

static gssize
hvsock_fd_output_stream_splice_finish (GOutputStream *stream, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, stream), -1);

  return g_task_propagate_int (G_TASK (result), error);
}

static gssize
hvsock_fd_output_stream_splice (GOutputStream *stream,
                                GInputStream *from,
                                GOutputStreamSpliceFlags flags,
                                GCancellable *cancellable,
                                GError **error)
{
  g_autoptr (SpliceData) data = splice_data_new (stream, from, flags);
  g_autoptr (GTask) moving = NULL;
  HvsockBlockingCall call;
  gssize n_moved;

  hvsock_blocking_call_begin (&call, cancellable);
  moving = g_task_new (stream, cancellable, hvsock_blocking_call_cb, &call);
  g_output_stream_clear_pending (stream);
  hvsock_move_start (&data->move, moving);
  hvsock_blocking_call_wait (&call);
  n_moved = splice_data_finish (data, call.result, error);
  hvsock_blocking_call_end (&call);
  return n_moved;
}

static gboolean
hvsock_fd_output_stream_can_poll (GPollableOutputStream *stream)
{
  return !HVSOCK_FD_OUTPUT_STREAM (stream)->channel->sends_in_parts;
}

static gboolean
hvsock_fd_output_stream_is_writable (GPollableOutputStream *stream)
{
  return hvsock_channel_is_ready (HVSOCK_FD_OUTPUT_STREAM (stream)->channel, G_IO_OUT);
}

static GSource *
hvsock_fd_output_stream_create_source (GPollableOutputStream *stream, GCancellable *cancellable)
{
  return hvsock_wait_source_create (HVSOCK_FD_OUTPUT_STREAM (stream)->channel, G_IO_OUT, stream,
                                    cancellable);
}

static GPollableReturn
hvsock_fd_output_stream_writev_nonblocking (GPollableOutputStream *stream,
                                            const GOutputVector *vectors,
                                            gsize n_vectors,
                                            gsize *bytes_written,
                                            GError **error)
{
  HvsockFdOutputStream *self = HVSOCK_FD_OUTPUT_STREAM (stream);
  const HvsockTransfer transfer = { self->channel, G_IO_OUT, vectors, n_vectors };
  GError *failure = NULL;
  gssize n_written = hvsock_transfer_try (&transfer, &failure);

  return hvsock_stream_tell_tried (n_written, failure, bytes_written, error);
}

static gssize
hvsock_fd_output_stream_write_nonblocking (GPollableOutputStream *stream,
                                           const void *buffer,
                                           gsize count,
                                           GError **error)
{
  HvsockFdOutputStream *self = HVSOCK_FD_OUTPUT_STREAM (stream);
  const GOutputVector from = { buffer, count };
  const HvsockTransfer transfer = { self->channel, G_IO_OUT, &from, 1 };

  return hvsock_transfer_try (&transfer, error);
}

static void
hvsock_fd_output_stream_finalize (GObject *object)
{
  HvsockFdOutputStream *self = HVSOCK_FD_OUTPUT_STREAM (object);

  hvsock_operation_give_up (&self->operation);
  hvsock_channel_unref (self->channel);
  G_OBJECT_CLASS (hvsock_fd_output_stream_parent_class)->finalize (object);
}

static void
hvsock_fd_output_stream_class_init (HvsockFdOutputStreamClass *klass)
{
  GOutputStreamClass *stream_class = G_OUTPUT_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = hvsock_fd_output_stream_finalize;
  stream_class->write_fn = hvsock_fd_output_stream_write;
  stream_class->write_async = hvsock_fd_output_stream_write_async;
  stream_class->write_finish = hvsock_fd_output_stream_write_finish;
  stream_class->writev_fn = hvsock_fd_output_stream_writev;
  stream_class->writev_async = hvsock_fd_output_stream_writev_async;
  stream_class->writev_finish = hvsock_fd_output_stream_writev_finish;
  stream_class->splice = hvsock_fd_output_stream_splice;
  stream_class->splice_async = hvsock_fd_output_stream_splice_async;
  stream_class->splice_finish = hvsock_fd_output_stream_splice_finish;
}

static void
pollable_iface_init (GPollableOutputStreamInterface *iface)
{
  iface->can_poll = hvsock_fd_output_stream_can_poll;
  iface->is_writable = hvsock_fd_output_stream_is_writable;
  iface->create_source = hvsock_fd_output_stream_create_source;
  iface->write_nonblocking = hvsock_fd_output_stream_write_nonblocking;
  iface->writev_nonblocking = hvsock_fd_output_stream_writev_nonblocking;
}

static void
hvsock_fd_output_stream_init (HvsockFdOutputStream *self)
{
}

GOutputStream *
hvsock_fd_output_stream_new (HvsockChannel *channel)
{
  HvsockFdOutputStream *self = g_object_new (HVSOCK_TYPE_FD_OUTPUT_STREAM, NULL);

  self->channel = hvsock_channel_ref (channel);
  return G_OUTPUT_STREAM (self);
}

/* Returns %NULL for a stream of another kind. */
HvsockChannel *
hvsock_fd_output_stream_get_channel (GOutputStream *stream)
{
  return HVSOCK_IS_FD_OUTPUT_STREAM (stream) ? HVSOCK_FD_OUTPUT_STREAM (stream)->channel : NULL;
}
