/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The reading end of a framed connection. It reads from the base into a buffer, whatever the sizes
 * of the frames are. */

#include "stream/hvsock-framed-link-private.h"
#include "stream/hvsock-stream-private.h"

#define HVSOCK_TYPE_FRAMED_INPUT_STREAM (hvsock_framed_input_stream_get_type ())
G_DECLARE_FINAL_TYPE (HvsockFramedInputStream,
                      hvsock_framed_input_stream,
                      HVSOCK,
                      FRAMED_INPUT_STREAM,
                      GInputStream)

struct _HvsockFramedInputStream
{
  GInputStream parent_instance;

  HvsockFramedLink *link;
};

static void pollable_iface_init (GPollableInputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (HvsockFramedInputStream,
                               hvsock_framed_input_stream,
                               G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      pollable_iface_init))

/* What reading from the base has come to; with neither @n_read nor @failure, nothing yet. Returns
 * whether our read is over, with @n_taken. What interrupted it may have been that there is nothing
 * to read any more. */
static gboolean
conclude (HvsockFramedLink *link,
          gssize n_read,
          GError *failure,
          GCancellable *cancellable,
          GOutputVector *into,
          gssize *n_taken,
          GError **error)
{
  if (n_read >= 0)
    hvsock_framed_link_got (link, (gsize) n_read);

  /* GIO forgets what a cancelled read has given. */
  *n_taken = -1;
  if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
      hvsock_framed_link_take (link, (gpointer) into->buffer, into->size, n_taken, error))
    {
      g_clear_error (&failure);
      return TRUE;
    }
  if (failure == NULL)
    return FALSE;

  *n_taken = -1;
  g_propagate_error (error, failure);
  return TRUE;
}

/* @may_wait in the base, or fails with %G_IO_ERROR_WOULD_BLOCK. */
static gssize
read_now (HvsockFramedLink *link,
          GOutputVector *into,
          gboolean may_wait,
          GCancellable *cancellable,
          GError **error)
{
  gssize n_read = -1, n_taken;
  GError *failure = NULL;
  gpointer room;
  gsize size;

  if (!hvsock_framed_link_enter (link, &link->input, cancellable, error))
    return -1;

  while (!conclude (link, n_read, failure, cancellable, into, &n_taken, error))
    {
      room = hvsock_framed_link_get_room (link, &size);
      if (may_wait)
        n_read =
            g_input_stream_read (link->base_input, room, size, link->input.interrupt, &failure);
      else
        n_read = g_pollable_input_stream_read_nonblocking (
            G_POLLABLE_INPUT_STREAM (link->base_input), room, size, NULL, &failure);
    }
  hvsock_framed_link_leave (link, &link->input, cancellable);
  return n_taken;
}

static gssize
hvsock_framed_input_stream_read (GInputStream *stream,
                                 void *buffer,
                                 gsize count,
                                 GCancellable *cancellable,
                                 GError **error)
{
  GOutputVector into = { buffer, count };

  return read_now (HVSOCK_FRAMED_INPUT_STREAM (stream)->link, &into, TRUE, cancellable, error);
}

/* The side is free again before anybody hears of it. */
static void
return_read (GTask *task, gssize n_taken, GError *error)
{
  HvsockFramedLink *link = HVSOCK_FRAMED_INPUT_STREAM (g_task_get_source_object (task))->link;

  hvsock_framed_link_leave (link, &link->input, g_task_get_cancellable (task));
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_int (task, n_taken);
}

static void read_base (GTask *task);

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  HvsockFramedLink *link = HVSOCK_FRAMED_INPUT_STREAM (g_task_get_source_object (task))->link;
  GError *failure = NULL;
  GError *error = NULL;
  gssize n_read = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &failure);
  gssize n_taken;

  if (conclude (link, n_read, failure, g_task_get_cancellable (task), g_task_get_task_data (task),
                &n_taken, &error))
    return_read (task, n_taken, error);
  else
    read_base (task);
}

static void
read_base (GTask *task)
{
  HvsockFramedLink *link = HVSOCK_FRAMED_INPUT_STREAM (g_task_get_source_object (task))->link;
  gsize size;
  gpointer room = hvsock_framed_link_get_room (link, &size);

  g_input_stream_read_async (link->base_input, room, size, g_task_get_priority (task),
                             link->input.interrupt, read_cb, g_object_ref (task));
}

static void
hvsock_framed_input_stream_read_async (GInputStream *stream,
                                       void *buffer,
                                       gsize count,
                                       int io_priority,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  HvsockFramedLink *link = HVSOCK_FRAMED_INPUT_STREAM (stream)->link;
  g_autoptr (GTask) task = g_task_new (stream, cancellable, callback, user_data);
  GOutputVector *into = g_new (GOutputVector, 1);
  GError *error = NULL;
  gssize n_taken;

  *into = (GOutputVector){ buffer, count };
  g_task_set_source_tag (task, hvsock_framed_input_stream_read_async);
  g_task_set_priority (task, io_priority);
  g_task_set_task_data (task, into, g_free);
  /* What was read is reported even when the cancellation comes in between: it is gone otherwise. */
  g_task_set_check_cancellable (task, FALSE);

  if (!hvsock_framed_link_enter (link, &link->input, cancellable, &error))
    g_task_return_error (task, error);
  else if (hvsock_framed_link_take (link, buffer, count, &n_taken, &error))
    return_read (task, n_taken, error);
  else
    read_base (task);
}

static gssize
hvsock_framed_input_stream_read_finish (GInputStream *stream, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, stream), -1);

  return g_task_propagate_int (G_TASK (result), error);
}

static gboolean
hvsock_framed_input_stream_can_poll (GPollableInputStream *stream)
{
  return hvsock_stream_can_poll (HVSOCK_FRAMED_INPUT_STREAM (stream)->link->base_input);
}

static gboolean
hvsock_framed_input_stream_is_readable (GPollableInputStream *stream)
{
  HvsockFramedLink *link = HVSOCK_FRAMED_INPUT_STREAM (stream)->link;

  if (!hvsock_framed_link_is_settled (link, G_IO_IN))
    hvsock_framed_link_peek (link);
  return hvsock_framed_link_is_settled (link, G_IO_IN);
}

static GSource *
hvsock_framed_input_stream_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  return hvsock_framed_source_new (HVSOCK_FRAMED_INPUT_STREAM (stream)->link, stream, G_IO_IN,
                                   cancellable);
}

static gssize
hvsock_framed_input_stream_read_nonblocking (GPollableInputStream *stream,
                                             void *buffer,
                                             gsize count,
                                             GError **error)
{
  GOutputVector into = { buffer, count };

  return read_now (HVSOCK_FRAMED_INPUT_STREAM (stream)->link, &into, FALSE, NULL, error);
}

static void
hvsock_framed_input_stream_finalize (GObject *object)
{
  hvsock_framed_link_unref (HVSOCK_FRAMED_INPUT_STREAM (object)->link);
  G_OBJECT_CLASS (hvsock_framed_input_stream_parent_class)->finalize (object);
}

static void
hvsock_framed_input_stream_class_init (HvsockFramedInputStreamClass *klass)
{
  GInputStreamClass *stream_class = G_INPUT_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = hvsock_framed_input_stream_finalize;
  stream_class->read_fn = hvsock_framed_input_stream_read;
  stream_class->read_async = hvsock_framed_input_stream_read_async;
  stream_class->read_finish = hvsock_framed_input_stream_read_finish;
}

static void
pollable_iface_init (GPollableInputStreamInterface *iface)
{
  iface->can_poll = hvsock_framed_input_stream_can_poll;
  iface->is_readable = hvsock_framed_input_stream_is_readable;
  iface->create_source = hvsock_framed_input_stream_create_source;
  iface->read_nonblocking = hvsock_framed_input_stream_read_nonblocking;
}

static void
hvsock_framed_input_stream_init (HvsockFramedInputStream *self)
{
}

GInputStream *
hvsock_framed_input_stream_new (HvsockFramedLink *link)
{
  HvsockFramedInputStream *self = g_object_new (HVSOCK_TYPE_FRAMED_INPUT_STREAM, NULL);

  self->link = hvsock_framed_link_ref (link);
  return G_INPUT_STREAM (self);
}
