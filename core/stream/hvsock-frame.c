/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The shutdown framing as bytes. A frame is a header of four bytes, little endian, and as many
 * bytes of data as it says; three values too large for that are messages. Nothing here reads or
 * writes. It is that of ocaml-hvsock's Flow_shutdown, and of virtsock until 2018. */

#include "stream/hvsock-frame-private.h"

#include <string.h>

/* Takes a header that is complete. */
static gboolean
take_header (HvsockFrameDecoder *self, GError **error)
{
  guint32 header;

  memcpy (&header, self->header, sizeof header);
  header = GUINT32_FROM_LE (header);
  self->n_header = 0;

  switch (header)
    {
    case HVSOCK_FRAME_STOP_READING:
      self->stops_reading = TRUE;
      break;
    case HVSOCK_FRAME_STOP_WRITING:
      self->stops_writing = TRUE;
      break;
    case HVSOCK_FRAME_CLOSE:
      self->closes = TRUE;
      self->stops_reading = TRUE;
      self->stops_writing = TRUE;
      break;
    default:
      if (header > HVSOCK_FRAME_MAX)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                       "the peer announces a frame of %u bytes, and %u are the most: it does not "
                       "speak the shutdown framing",
                       header, HVSOCK_FRAME_MAX);
          return FALSE;
        }
      self->n_left = header;
    }
  return TRUE;
}

/* Takes the framing off what has come, where it is: returns how much data there is, at the start of
 * @bytes. With @error there may be data too, which came before. What follows the end of the data is
 * dropped. */
gsize
hvsock_frame_decode (HvsockFrameDecoder *self, guint8 *bytes, gsize n_bytes, GError **error)
{
  gsize n_data = 0;
  gsize at = 0;

  while (at < n_bytes)
    {
      if (self->n_left > 0)
        {
          const gsize n = MIN (self->n_left, n_bytes - at);

          if (!self->stops_writing)
            {
              memmove (bytes + n_data, bytes + at, n);
              n_data += n;
            }
          self->n_left -= n;
          at += n;
          continue;
        }

      self->header[self->n_header++] = bytes[at++];
      if (self->n_header == sizeof self->header && !take_header (self, error))
        break;
    }
  return n_data;
}

/* Whether the last frame is complete. */
gboolean
hvsock_frame_decoder_is_between (const HvsockFrameDecoder *self)
{
  return self->n_header == 0 && self->n_left == 0;
}

void
hvsock_frame_encoder_init (HvsockFrameEncoder *self)
{
  self->queue = g_byte_array_new ();
}

void
hvsock_frame_encoder_clear (HvsockFrameEncoder *self)
{
  g_byte_array_unref (self->queue);
}

static void
write_header (guint8 bytes[4], guint32 header)
{
  header = GUINT32_TO_LE (header);
  memcpy (bytes, &header, sizeof header);
}

void
hvsock_frame_queue (GByteArray *queue, HvsockFrameControl control)
{
  guint8 bytes[4];

  write_header (bytes, control);
  g_byte_array_append (queue, bytes, sizeof bytes);
}

static void
add_vector (HvsockFrameEncoder *self, const void *bytes, gsize size)
{
  self->vectors[self->n_vectors++] = (GOutputVector){ bytes, size };
}

/* The place in what is to be sent. */
typedef struct
{
  const GOutputVector *data;
  gsize n_data;
  gsize at; /* in the first one */
} Cursor;

static gboolean
cursor_has_data (Cursor *self)
{
  while (self->n_data > 0 && self->at == self->data->size)
    *self = (Cursor){ self->data + 1, self->n_data - 1, 0 };
  return self->n_data > 0;
}

static void
add_frame (HvsockFrameEncoder *self, Cursor *from)
{
  const guint i = self->n_frames++;
  gsize size = 0;

  self->frames[i].first = self->n_vectors;
  add_vector (self, self->frames[i].header, sizeof self->frames[i].header);
  while (size < HVSOCK_FRAME_MAX && self->n_vectors < HVSOCK_FRAME_VECTORS &&
         cursor_has_data (from))
    {
      const gsize n = MIN (HVSOCK_FRAME_MAX - size, from->data->size - from->at);

      add_vector (self, (const guint8 *) from->data->buffer + from->at, n);
      from->at += n;
      size += n;
    }
  self->frames[i].size = size;
  write_header (self->frames[i].header, (guint32) size);
}

/* Makes self->vectors of what is to be written next: the queue, and at most @n_frames frames of
 * @data, which must stay until hvsock_frame_encoder_take() has been told how much was written. */
void
hvsock_frame_encode (HvsockFrameEncoder *self,
                     const GOutputVector *data,
                     gsize n_data,
                     guint n_frames)
{
  Cursor from = { data, n_data, 0 };

  self->n_frames = 0;
  self->n_vectors = 0;
  if (self->queue->len > 0)
    add_vector (self, self->queue->data, self->queue->len);
  while (self->n_frames < n_frames && self->n_vectors + 2 <= HVSOCK_FRAME_VECTORS &&
         cursor_has_data (&from))
    add_frame (self, &from);
}

/* The rest of a frame, after its first @n_written bytes. */
static void
queue_rest (HvsockFrameEncoder *self, guint frame, gsize n_written)
{
  const guint end = frame + 1 < self->n_frames ? self->frames[frame + 1].first : self->n_vectors;

  for (guint i = self->frames[frame].first; i < end; i++)
    {
      const GOutputVector *vector = &self->vectors[i];
      const gsize n = MIN (n_written, vector->size);

      g_byte_array_append (self->queue, (const guint8 *) vector->buffer + n,
                           (guint) (vector->size - n));
      n_written -= n;
    }
}

/* Returns how much of the data is done with. A frame that was begun counts as a whole: what has not
 * been written of it is in the queue, since the peer waits for it. */
gsize
hvsock_frame_encoder_take (HvsockFrameEncoder *self, gsize n_written)
{
  const gsize from_queue = MIN (n_written, self->queue->len);
  gsize n_taken = 0;

  n_written -= from_queue;
  g_byte_array_remove_range (self->queue, 0, (guint) from_queue);
  for (guint i = 0; i < self->n_frames && n_written > 0; i++)
    {
      const gsize size = sizeof self->frames[i].header + self->frames[i].size;

      if (n_written < size)
        queue_rest (self, i, n_written);
      n_written -= MIN (n_written, size);
      n_taken += self->frames[i].size;
    }
  return n_taken;
}
