/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Sends what no operation waits for: that a direction has ended, and the rest of a frame whose
 * write is over. It goes at once where the base has room. Otherwise one thread of the process,
 * with a main context that all connections share, sends it when there is room, since the main
 * context of whoever has left it there may never run again. An operation that wants to write
 * interrupts that, and sends the rest before its own. */

#include "stream/hvsock-framed-link-private.h"

#include "stream/hvsock-stream-private.h"

static gpointer
run (gpointer context)
{
  g_main_context_push_thread_default (context);
  for (;;)
    g_main_context_iteration (context, TRUE);
  return NULL;
}

static GMainContext *
get_context (void)
{
  static GMainContext *context = NULL;

  if (g_once_init_enter (&context))
    {
      GMainContext *made = g_main_context_new ();

      g_thread_unref (g_thread_new ("hvsock-framed", run, made));
      g_once_init_leave (&context, made);
    }
  return context;
}

static gboolean
has_work (HvsockFramedLink *self)
{
  return !self->is_broken && (self->controls->len > 0 || self->encoder.queue->len > 0);
}

/* Sends what there is room for. Nobody has taken the output. */
void
hvsock_framed_link_send_now (HvsockFramedLink *self)
{
  GPollableReturn result = G_POLLABLE_RETURN_OK;
  gsize n_written;

  if (!hvsock_stream_can_poll (self->base_output))
    return;

  while (result == G_POLLABLE_RETURN_OK && has_work (self))
    {
      hvsock_framed_link_collect (self);
      hvsock_frame_encode (&self->encoder, NULL, 0, 0);
      result = g_pollable_output_stream_writev_nonblocking (
          G_POLLABLE_OUTPUT_STREAM (self->base_output), self->encoder.vectors,
          self->encoder.n_vectors, &n_written, NULL, NULL);
      if (result == G_POLLABLE_RETURN_OK)
        hvsock_frame_encoder_take (&self->encoder, n_written);
    }
  self->is_broken = self->is_broken || result == G_POLLABLE_RETURN_FAILED;
}

static void send_next (HvsockFramedLink *self);

/* Returns whether there is more to do; else the output is free again. */
static gboolean
conclude (HvsockFramedLink *self, gboolean is_broken)
{
  gboolean has_more;

  g_mutex_lock (&self->lock);
  self->is_broken = self->is_broken || is_broken;
  has_more = has_work (self) && !g_cancellable_is_cancelled (self->background);
  if (!has_more)
    {
      self->output.is_taken = FALSE;
      g_clear_object (&self->background);
      g_cond_broadcast (&self->no_background);
    }
  g_mutex_unlock (&self->lock);
  return has_more;
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (HvsockFramedLink) self = user_data;
  g_autoptr (GError) error = NULL;
  gsize n_written = 0;

  g_output_stream_writev_finish (G_OUTPUT_STREAM (source), result, &n_written, &error);
  hvsock_frame_encoder_take (&self->encoder, n_written);
  if (conclude (self, error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) &&
                          !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)))
    send_next (self);
}

static void
send_next (HvsockFramedLink *self)
{
  hvsock_framed_link_encode (self, NULL, 0, 0);
  g_output_stream_writev_async (self->base_output, self->encoder.vectors, self->encoder.n_vectors,
                                G_PRIORITY_DEFAULT, self->background, written_cb,
                                hvsock_framed_link_ref (self));
}

static gboolean
start_cb (gpointer user_data)
{
  if (conclude (user_data, FALSE))
    send_next (user_data);
  return G_SOURCE_REMOVE;
}

/* Closing sends by itself. */
void
hvsock_framed_link_send (HvsockFramedLink *self)
{
  g_autoptr (GSource) start = NULL;

  if (self->output.is_taken || self->is_closed)
    return;
  hvsock_framed_link_send_now (self);
  if (!has_work (self))
    return;

  self->output.is_taken = TRUE;
  self->background = g_cancellable_new ();
  start = g_idle_source_new ();
  g_source_set_priority (start, G_PRIORITY_DEFAULT);
  g_source_set_callback (start, start_cb, hvsock_framed_link_ref (self),
                         (GDestroyNotify) hvsock_framed_link_unref);
  g_source_attach (start, get_context ());
}

/* Until the output is free of it. */
void
hvsock_framed_link_stop_sending (HvsockFramedLink *self)
{
  g_autoptr (GCancellable) background = NULL;

  if (self->background == NULL)
    return;

  background = g_object_ref (self->background);
  g_mutex_unlock (&self->lock);
  g_cancellable_cancel (background);
  g_mutex_lock (&self->lock);
  while (self->background == background)
    g_cond_wait (&self->no_background, &self->lock);
}
