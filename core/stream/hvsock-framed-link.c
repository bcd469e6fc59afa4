/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What stands between the base of a framed connection and those who use it: who may use which
 * direction of the base, and what both ends have said of theirs. An operation takes its direction;
 * closing interrupts it and takes the direction after it. */

#include "stream/hvsock-framed-link-private.h"

#include "stream/hvsock-stream-private.h"

#include <string.h>

HvsockFramedLink *
hvsock_framed_link_new (GIOStream *base,
                        HvsockAddress *local_address,
                        HvsockAddress *remote_address)
{
  HvsockFramedLink *self = g_atomic_rc_box_new0 (HvsockFramedLink);

  self->base = g_object_ref (base);
  self->base_input = g_io_stream_get_input_stream (base);
  self->base_output = g_io_stream_get_output_stream (base);
  g_set_object (&self->local_address, local_address);
  g_set_object (&self->remote_address, remote_address);
  g_mutex_init (&self->lock);
  g_cond_init (&self->no_background);
  self->input.interrupt = g_cancellable_new ();
  self->output.interrupt = g_cancellable_new ();
  self->controls = g_byte_array_new ();
  hvsock_frame_encoder_init (&self->encoder);
  return self;
}

HvsockFramedLink *
hvsock_framed_link_ref (HvsockFramedLink *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
link_clear (gpointer data)
{
  HvsockFramedLink *self = data;

  hvsock_frame_encoder_clear (&self->encoder);
  g_byte_array_unref (self->controls);
  g_object_unref (self->input.interrupt);
  g_object_unref (self->output.interrupt);
  g_clear_error (&self->read_error);
  g_free (self->buffer);
  g_cond_clear (&self->no_background);
  g_mutex_clear (&self->lock);
  g_clear_object (&self->local_address);
  g_clear_object (&self->remote_address);
  g_object_unref (self->base);
}

void
hvsock_framed_link_unref (HvsockFramedLink *self)
{
  g_atomic_rc_box_release_full (self, link_clear);
}

static char *
describe (HvsockFramedLink *self)
{
  return hvsock_stream_describe_peer (self->remote_address, self->local_address);
}

static void
set_closed_error (HvsockFramedLink *self, GError **error)
{
  g_autofree char *peer = describe (self);

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "the connection to %s is closed", peer);
}

static void
set_error (HvsockFramedLink *self,
           const HvsockFramedSide *side,
           GIOErrorEnum code,
           const char *text,
           GError **error)
{
  g_autofree char *peer = describe (self);

  g_set_error (error, G_IO_ERROR, code, "cannot %s %s: %s",
               side == &self->input ? "read from" : "write to", peer, text);
}

static void
cancelled_cb (GCancellable *cancellable, GCancellable *interrupt)
{
  g_cancellable_cancel (interrupt);
}

/* Begins an operation, which ends with hvsock_framed_link_leave() and uses side->interrupt for what
 * it asks of the base. */
gboolean
hvsock_framed_link_enter (HvsockFramedLink *self,
                          HvsockFramedSide *side,
                          GCancellable *cancellable,
                          GError **error)
{
  gboolean is_taken;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;

  g_mutex_lock (&self->lock);
  if (side == &self->output)
    hvsock_framed_link_stop_sending (self);
  is_taken = !self->is_closed && !side->is_taken;
  if (is_taken)
    {
      side->is_taken = TRUE;
      if (g_cancellable_is_cancelled (side->interrupt))
        {
          g_object_unref (side->interrupt);
          side->interrupt = g_cancellable_new ();
        }
    }
  else if (self->is_closed)
    set_closed_error (self, error);
  else
    set_error (self, side, G_IO_ERROR_PENDING, "another operation of the stream is under way",
               error);
  g_mutex_unlock (&self->lock);

  if (is_taken && cancellable != NULL)
    side->cancelled_id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb),
                                                g_object_ref (side->interrupt), g_object_unref);
  return is_taken;
}

/* Gives @side to who waits for it, or to nobody: then what a write has left is sent. */
void
hvsock_framed_link_leave (HvsockFramedLink *self, HvsockFramedSide *side, GCancellable *cancellable)
{
  g_autoptr (GSource) next = NULL;

  g_cancellable_disconnect (cancellable, side->cancelled_id);
  side->cancelled_id = 0;

  g_mutex_lock (&self->lock);
  next = g_steal_pointer (&side->next);
  side->is_taken = next != NULL;
  if (next != NULL)
    g_source_set_ready_time (next, 0);
  else if (side == &self->output)
    hvsock_framed_link_send (self);
  g_mutex_unlock (&self->lock);
}

/* For closing: takes @side. If an operation has it, @next is made ready once it has not. */
gboolean
hvsock_framed_link_claim (HvsockFramedLink *self, HvsockFramedSide *side, GSource *next)
{
  gboolean is_free;

  g_mutex_lock (&self->lock);
  if (side == &self->output)
    hvsock_framed_link_stop_sending (self);
  is_free = !side->is_taken;
  if (is_free)
    side->is_taken = TRUE;
  else
    side->next = g_source_ref (next);
  g_mutex_unlock (&self->lock);
  return is_free;
}

void
hvsock_framed_link_give_up_claims (HvsockFramedLink *self)
{
  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->input.next, g_source_unref);
  g_clear_pointer (&self->output.next, g_source_unref);
  g_mutex_unlock (&self->lock);
}

/* Whether nothing is to be waited for, in what both ends have said. Under the lock. */
static gboolean
has_settled (HvsockFramedLink *self, GIOCondition condition)
{
  if (self->is_closed)
    return TRUE;
  if (condition == G_IO_OUT)
    return self->ends_writing || self->decoder.stops_reading;
  return self->ends_reading || self->decoder.stops_writing || self->is_at_end ||
         self->read_error != NULL || self->end > self->start;
}

gboolean
hvsock_framed_link_is_settled (HvsockFramedLink *self, GIOCondition condition)
{
  gboolean is_settled;

  g_mutex_lock (&self->lock);
  is_settled = has_settled (self, condition);
  g_mutex_unlock (&self->lock);
  return is_settled;
}

/* Says something to the peer, unless all was said. Under the lock. */
static void
say (HvsockFramedLink *self, HvsockFrameControl control)
{
  if (self->says_close)
    return;

  hvsock_frame_queue (self->controls, control);
  self->says_close = control == HVSOCK_FRAME_CLOSE;
}

static void
wake_sources (HvsockFramedLink *self)
{
  for (GSList *i = self->sources; i != NULL; i = i->next)
    g_source_set_ready_time (i->data, 0);
}

/* Where data may be read to from the base: under the lock, or by who has taken the input and found
 * nothing there, which leaves nothing to be moved. */
gpointer
hvsock_framed_link_get_room (HvsockFramedLink *self, gsize *size)
{
  if (self->buffer == NULL)
    self->buffer = g_malloc (HVSOCK_FRAMED_BUFFER_SIZE);
  if (self->start > 0)
    {
      memmove (self->buffer, self->buffer + self->start, self->end - self->start);
      self->end -= self->start;
      self->start = 0;
    }
  *size = HVSOCK_FRAMED_BUFFER_SIZE - self->end;
  return self->buffer + self->end;
}

static void
got_end (HvsockFramedLink *self)
{
  self->is_at_end = TRUE;
  if (!hvsock_frame_decoder_is_between (&self->decoder) && self->read_error == NULL)
    g_set_error_literal (&self->read_error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
                         "the peer went away in the middle of a frame");
}

/* Takes in what was read. Returns what ends a write that is under way, if that is of no use any
 * more: to be cancelled without the lock. Under the lock. */
static GCancellable *
take_in (HvsockFramedLink *self, gsize n_read)
{
  const HvsockFrameDecoder before = self->decoder;

  if (n_read == 0)
    got_end (self);
  else if (self->read_error == NULL)
    self->end +=
        hvsock_frame_decode (&self->decoder, self->buffer + self->end, n_read, &self->read_error);
  if (self->ends_reading || self->is_closed)
    self->start = self->end = 0;

  if (self->decoder.closes)
    say (self, HVSOCK_FRAME_CLOSE);
  return self->decoder.stops_reading != before.stops_reading ? g_object_ref (self->output.interrupt)
                                                             : NULL;
}

/* What was read to the room: @n_read bytes, or with 0 the end of the base. */
void
hvsock_framed_link_got (HvsockFramedLink *self, gsize n_read)
{
  g_autoptr (GCancellable) useless = NULL;

  g_mutex_lock (&self->lock);
  useless = take_in (self, n_read);
  if (useless != NULL)
    wake_sources (self);
  hvsock_framed_link_send (self);
  g_mutex_unlock (&self->lock);

  g_cancellable_cancel (useless);
}

/* Gives data to a read that has taken the input. Returns %FALSE if there is nothing to give yet;
 * else the read is over, with @n_taken or @error. */
gboolean
hvsock_framed_link_take (HvsockFramedLink *self,
                         gpointer buffer,
                         gsize count,
                         gssize *n_taken,
                         GError **error)
{
  gboolean is_over;

  g_mutex_lock (&self->lock);
  is_over = has_settled (self, G_IO_IN);
  *n_taken = (gssize) MIN (count, self->end - self->start);
  if (self->is_closed)
    {
      set_closed_error (self, error);
      *n_taken = -1;
    }
  else if (*n_taken > 0)
    {
      memcpy (buffer, self->buffer + self->start, (gsize) *n_taken);
      self->start += (gsize) *n_taken;
      if (self->start == self->end)
        self->start = self->end = 0;
    }
  else if (self->read_error != NULL && !self->ends_reading)
    {
      set_error (self, &self->input, self->read_error->code, self->read_error->message, error);
      *n_taken = -1;
    }
  g_mutex_unlock (&self->lock);
  return is_over;
}

/* Looks, without waiting, for what the peer has said, where no read does that. */
void
hvsock_framed_link_peek (HvsockFramedLink *self)
{
  g_autoptr (GCancellable) useless = NULL;
  gssize n_read = -1;
  gsize size;

  if (!hvsock_stream_can_poll (self->base_input))
    return;

  g_mutex_lock (&self->lock);
  if (!self->input.is_taken && !self->is_at_end)
    {
      gpointer room = hvsock_framed_link_get_room (self, &size);

      if (size > 0)
        n_read = g_pollable_input_stream_read_nonblocking (
            G_POLLABLE_INPUT_STREAM (self->base_input), room, size, NULL, NULL);
    }
  if (n_read >= 0)
    {
      useless = take_in (self, (gsize) n_read);
      wake_sources (self);
      hvsock_framed_link_send (self);
    }
  g_mutex_unlock (&self->lock);

  g_cancellable_cancel (useless);
}

/* Whether what is written has a reader. */
gboolean
hvsock_framed_link_can_write (HvsockFramedLink *self, GError **error)
{
  gboolean can_write = FALSE;

  g_mutex_lock (&self->lock);
  if (self->is_closed)
    set_closed_error (self, error);
  else if (self->ends_writing)
    set_error (self, &self->output, G_IO_ERROR_BROKEN_PIPE, "this end has ended writing", error);
  else if (self->decoder.stops_reading)
    set_error (self, &self->output, G_IO_ERROR_BROKEN_PIPE, "the peer has ended reading", error);
  else
    can_write = TRUE;
  g_mutex_unlock (&self->lock);
  return can_write;
}

/* What was said goes after what is under way. Under the lock. */
void
hvsock_framed_link_collect (HvsockFramedLink *self)
{
  g_byte_array_append (self->encoder.queue, self->controls->data, self->controls->len);
  g_byte_array_set_size (self->controls, 0);
}

/* Makes what is to be written next, for who has taken the output. */
void
hvsock_framed_link_encode (HvsockFramedLink *self,
                           const GOutputVector *data,
                           gsize n_data,
                           guint n_frames)
{
  g_mutex_lock (&self->lock);
  hvsock_framed_link_collect (self);
  g_mutex_unlock (&self->lock);
  hvsock_frame_encode (&self->encoder, data, n_data, n_frames);
}

/* Ends a direction, and what is under way in it. */
static void
end_side (HvsockFramedLink *self, HvsockFramedSide *side, HvsockFrameControl control)
{
  g_autoptr (GCancellable) interrupt = NULL;

  g_mutex_lock (&self->lock);
  if (side == &self->input)
    {
      self->ends_reading = TRUE;
      self->start = self->end = 0;
    }
  else
    self->ends_writing = TRUE;
  say (self, control);
  interrupt = g_object_ref (side->interrupt);
  wake_sources (self);
  hvsock_framed_link_send (self);
  g_mutex_unlock (&self->lock);

  g_cancellable_cancel (interrupt);
}

/* The first call for a direction counts. */
gboolean
hvsock_framed_link_shutdown (HvsockFramedLink *self, gboolean read, gboolean write, GError **error)
{
  gboolean is_closed;

  g_mutex_lock (&self->lock);
  is_closed = self->is_closed;
  read = read && !self->ends_reading;
  write = write && !self->ends_writing;
  g_mutex_unlock (&self->lock);

  if (is_closed)
    set_closed_error (self, error);
  if (!is_closed && read)
    end_side (self, &self->input, HVSOCK_FRAME_STOP_READING);
  if (!is_closed && write)
    end_side (self, &self->output, HVSOCK_FRAME_STOP_WRITING);
  return !is_closed;
}

/* Begins the end, which is said at once if there is room: from here on only closing takes a side,
 * once the operations that have it are interrupted. */
void
hvsock_framed_link_begin_close (HvsockFramedLink *self)
{
  g_autoptr (GCancellable) reading = NULL;
  g_autoptr (GCancellable) writing = NULL;

  g_mutex_lock (&self->lock);
  self->is_closed = TRUE;
  say (self, HVSOCK_FRAME_CLOSE);
  if (!self->output.is_taken)
    hvsock_framed_link_send_now (self);
  reading = g_object_ref (self->input.interrupt);
  writing = g_object_ref (self->output.interrupt);
  wake_sources (self);
  g_mutex_unlock (&self->lock);

  g_cancellable_cancel (reading);
  g_cancellable_cancel (writing);
}

/* Whether the peer has said all that it will. */
gboolean
hvsock_framed_link_has_heard_all (HvsockFramedLink *self)
{
  gboolean has_heard_all;

  g_mutex_lock (&self->lock);
  has_heard_all = self->decoder.stops_reading || self->is_at_end || self->read_error != NULL;
  g_mutex_unlock (&self->lock);
  return has_heard_all;
}
