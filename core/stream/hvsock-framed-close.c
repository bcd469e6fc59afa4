/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The end of a framed connection: interrupt what is under way, say that this end closes, hear what
 * the peer has still to say until it says the same, and close the base. One deadline is over it all
 * but for the base. Peers differ in what they answer with, and some read no more than one word. */

#include "stream/hvsock-framed-link-private.h"

typedef struct _Closing Closing;

struct _Closing
{
  HvsockFramedLink *link;
  GTask *task;
  GCancellable *stop; /* at the deadline */
  gulong cancelled_id;
  GSource *deadline;
  GSource *claimed; /* ready when a side is, and at first */
  void (*step) (Closing *self);
  gboolean is_waiting; /* for a side */
  gboolean is_late;
};

static void
closing_free (Closing *self)
{
  hvsock_framed_link_unref (self->link);
  g_object_unref (self->task);
  g_object_unref (self->stop);
  g_source_unref (self->deadline);
  g_source_unref (self->claimed);
  g_free (self);
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Closing *self = user_data;
  GError *error = NULL;

  if (g_io_stream_close_finish (G_IO_STREAM (source), result, &error))
    g_task_return_boolean (self->task, TRUE);
  else
    g_task_return_error (self->task, error);
  closing_free (self);
}

static void
close_base (Closing *self)
{
  g_cancellable_disconnect (g_task_get_cancellable (self->task), self->cancelled_id);
  g_source_destroy (self->deadline);
  g_source_destroy (self->claimed);
  g_io_stream_close_async (self->link->base, g_task_get_priority (self->task), NULL, closed_cb,
                           self);
}

/* Goes on with @step when @side is ours. */
static void
claim (Closing *self, HvsockFramedSide *side, void (*step) (Closing *self))
{
  self->step = step;
  self->is_waiting = !hvsock_framed_link_claim (self->link, side, self->claimed);
  if (!self->is_waiting)
    step (self);
}

static gboolean
claimed_cb (gpointer user_data)
{
  Closing *self = user_data;

  g_source_set_ready_time (self->claimed, -1);
  self->is_waiting = FALSE;
  self->step (self);
  return G_SOURCE_CONTINUE;
}

static void hear (Closing *self);

static void
heard_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Closing *self = user_data;
  gssize n_read = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (n_read < 0)
    {
      close_base (self);
      return;
    }
  hvsock_framed_link_got (self->link, (gsize) n_read);
  hear (self);
}

/* What comes is dropped, and so is what has come and nobody has read: without room a read would
 * look like the end of the base. */
static void
hear (Closing *self)
{
  HvsockFramedLink *link = self->link;
  gpointer room;
  gsize size;

  if (self->is_late || hvsock_framed_link_has_heard_all (link))
    {
      close_base (self);
      return;
    }
  link->start = link->end = 0;
  room = hvsock_framed_link_get_room (link, &size);
  g_input_stream_read_async (link->base_input, room, size, g_task_get_priority (self->task),
                             self->stop, heard_cb, self);
}

static void say (Closing *self);

static void
said_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Closing *self = user_data;
  gsize n_written;

  if (g_output_stream_writev_finish (G_OUTPUT_STREAM (source), result, &n_written, NULL))
    {
      hvsock_frame_encoder_take (&self->link->encoder, n_written);
      say (self);
    }
  else
    close_base (self);
}

static void
say (Closing *self)
{
  HvsockFramedLink *link = self->link;

  hvsock_framed_link_encode (link, NULL, 0, 0);
  if (link->encoder.n_vectors == 0)
    claim (self, &link->input, hear);
  else
    g_output_stream_writev_async (link->base_output, link->encoder.vectors, link->encoder.n_vectors,
                                  g_task_get_priority (self->task), self->stop, said_cb, self);
}

/* In the context of the task, as all that follows: another thread may run it, and would be ahead of
 * the one that closes. */
static void
begin (Closing *self)
{
  g_source_attach (self->deadline, g_task_get_context (self->task));
  claim (self, &self->link->output, say);
}

/* An operation whose main context does not run keeps its side. */
static gboolean
deadline_cb (gpointer user_data)
{
  Closing *self = user_data;

  self->is_late = TRUE;
  if (self->is_waiting)
    {
      hvsock_framed_link_give_up_claims (self->link);
      close_base (self);
    }
  else
    g_cancellable_cancel (self->stop);
  return G_SOURCE_REMOVE;
}

static gboolean
claimed_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static void
cancelled_cb (GCancellable *cancellable, GCancellable *stop)
{
  g_cancellable_cancel (stop);
}

/* Finishes @task in its context, after at most @timeout milliseconds and the base's own closing.
 * With 0 nothing is waited for: what there is no room for is not said. */
void
hvsock_framed_link_close (HvsockFramedLink *self, guint timeout, GTask *task)
{
  static GSourceFuncs claimed_funcs = { .dispatch = claimed_dispatch };
  GCancellable *cancellable = g_task_get_cancellable (task);
  Closing *closing = g_new0 (Closing, 1);

  closing->link = hvsock_framed_link_ref (self);
  closing->task = g_object_ref (task);
  closing->stop = g_cancellable_new ();
  closing->deadline = g_timeout_source_new (timeout);
  g_source_set_callback (closing->deadline, deadline_cb, closing, NULL);
  closing->claimed = g_source_new (&claimed_funcs, sizeof (GSource));
  g_source_set_callback (closing->claimed, claimed_cb, closing, NULL);
  g_source_set_ready_time (closing->claimed, 0);
  if (cancellable != NULL)
    closing->cancelled_id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb),
                                                   g_object_ref (closing->stop), g_object_unref);

  closing->step = begin;
  hvsock_framed_link_begin_close (self);
  g_source_attach (closing->claimed, g_task_get_context (task));
}
