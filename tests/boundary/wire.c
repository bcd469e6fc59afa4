/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#include "wire.h"

#include <string.h>

#define LONGEST_LINE 4096
#define CHUNK        65536

typedef struct
{
  HvsockConnection *connection;
  guint64 seed;
  guint64 size;
  GError *error;
} Sending;

GInputStream *
wire_input (HvsockConnection *connection)
{
  return g_io_stream_get_input_stream (G_IO_STREAM (connection));
}

GOutputStream *
wire_output (HvsockConnection *connection)
{
  return g_io_stream_get_output_stream (G_IO_STREAM (connection));
}

gboolean
wire_send_line (HvsockConnection *connection, const char *line, GError **error)
{
  g_autofree char *text = g_strconcat (line, "\n", NULL);

  return g_output_stream_write_all (wire_output (connection), text, strlen (text), NULL, NULL,
                                    error);
}

/* Byte by byte: what follows the line is not a line. */
char *
wire_read_line (HvsockConnection *connection, GError **error)
{
  g_autoptr (GString) line = g_string_new (NULL);

  while (line->len < LONGEST_LINE)
    {
      char byte;
      gssize n = g_input_stream_read (wire_input (connection), &byte, 1, NULL, error);

      if (n < 0)
        return NULL;
      if (n == 0)
        break;
      if (byte == '\n')
        return g_string_free (g_steal_pointer (&line), FALSE);
      g_string_append_c (line, byte);
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT, "no line, but '%s'", line->str);
  return NULL;
}

/* Random enough that bytes which are lost, doubled or swapped are seen, and quick where code is
 * emulated: Marsaglia's xorshift of 64 bits. The state must not be 0; @size is of whole words. */
void
wire_fill (guint64 *state, gpointer buffer, gsize size)
{
  guint64 *words = buffer;
  guint64 x = *state;

  for (gsize i = 0; i < size / sizeof *words; i++)
    {
      x ^= x << 13;
      x ^= x >> 7;
      x ^= x << 17;
      words[i] = x;
    }
  *state = x;
}

gboolean
wire_send (HvsockConnection *connection, guint64 seed, guint64 size, GError **error)
{
  g_autofree guint8 *chunk = g_malloc (CHUNK);

  while (size > 0)
    {
      const gsize n = MIN (size, CHUNK);

      wire_fill (&seed, chunk, CHUNK);
      if (!g_output_stream_write_all (wire_output (connection), chunk, n, NULL, NULL, error))
        return FALSE;
      size -= n;
    }
  return TRUE;
}

static gboolean
check (const guint8 *received, const guint8 *expected, gsize n, guint64 place, GError **error)
{
  if (memcmp (received, expected, n) == 0)
    return TRUE;
  while (*received == *expected)
    {
      received++;
      expected++;
      place++;
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "byte %" G_GUINT64_FORMAT " is wrong",
               place);
  return FALSE;
}

/* Compares every byte with what wire_send() makes of the same seed. */
gboolean
wire_receive (HvsockConnection *connection, guint64 seed, guint64 size, GError **error)
{
  g_autofree guint8 *expected = g_malloc (CHUNK);
  g_autofree guint8 *received = g_malloc (CHUNK);
  guint64 place = 0;

  while (place < size)
    {
      const gsize start = place % CHUNK;
      gssize n = g_input_stream_read (wire_input (connection), received,
                                      MIN (size - place, CHUNK - start), NULL, error);

      if (n < 0)
        return FALSE;
      if (n == 0)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                       "the end came after %" G_GUINT64_FORMAT " bytes", place);
          return FALSE;
        }
      if (start == 0)
        wire_fill (&seed, expected, CHUNK);
      if (!check (received, expected + start, n, place, error))
        return FALSE;
      place += n;
    }
  return TRUE;
}

static gpointer
send_in_thread (gpointer data)
{
  Sending *self = data;

  wire_send (self->connection, self->seed, self->size, &self->error);
  return NULL;
}

/* Sends and receives at once. */
gboolean
wire_exchange (HvsockConnection *connection,
               guint64 own_seed,
               guint64 peer_seed,
               guint64 size,
               GError **error)
{
  Sending sending = { connection, own_seed, size, NULL };
  GThread *thread = g_thread_new ("send", send_in_thread, &sending);
  gboolean is_received = wire_receive (connection, peer_seed, size, error);

  /* The other end cannot go on either, and might leave the thread waiting. */
  if (!is_received)
    g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
  g_thread_join (thread);
  if (is_received && sending.error == NULL)
    return TRUE;
  if (is_received)
    g_propagate_error (error, g_steal_pointer (&sending.error));
  g_clear_error (&sending.error);
  return FALSE;
}
