/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Moves random bytes between the ends of a connection, in chunks of odd sizes, and checks them. A
 * lane is one end of one direction; the lanes of a connection run at once, in threads or in one
 * main context, as the mode is. */

#include "lanes.h"

#include "waits.h"

#include <string.h>

#define LARGEST_CHUNK 131072

struct _ConformanceLane
{
  HvsockConnection *connection;
  const guint8 *data; /* what is sent, or expected */
  gsize size;
  gsize moved;
  guint32 random;
  gboolean sends;
  gboolean is_done;
  guint8 *buffer; /* of a receiver */
  GThread *thread;
};

static const struct
{
  gboolean from_server;
  gboolean sends;
} lane_kinds[] = {
  { FALSE, FALSE },
  { FALSE, TRUE },
  { TRUE, FALSE },
  { TRUE, TRUE },
};

/* CONFORMANCE_MOST and some: each direction starts elsewhere in them. */
const guint8 *
conformance_get_random_bytes (void)
{
  static guint8 *bytes = NULL;

  if (g_once_init_enter (&bytes))
    {
      const gsize n_words = CONFORMANCE_MOST / sizeof (guint32) + 2;
      g_autoptr (GRand) rand = g_rand_new_with_seed (g_test_rand_int ());
      guint32 *words = g_new (guint32, n_words);

      for (gsize i = 0; i < n_words; i++)
        words[i] = g_rand_int (rand);
      g_once_init_leave (&bytes, (guint8 *) words);
    }
  return bytes;
}

static void
lane_init (ConformanceLane *self, HvsockConnection *connection, gboolean from_server, gsize size)
{
  *self = (ConformanceLane){
    .connection = connection,
    .data = conformance_get_random_bytes () + (from_server ? 1 : 0),
    .size = size,
    .random = g_test_rand_int () | 1,
  };
}

static void
lane_clear (ConformanceLane *self)
{
  g_free (self->buffer);
}

/* Odd, small and large ones alike. */
static gsize
next_chunk (ConformanceLane *self)
{
  self->random ^= self->random << 13;
  self->random ^= self->random >> 17;
  self->random ^= self->random << 5;
  return (self->random % (LARGEST_CHUNK >> ((self->random >> 28) & 15))) | 1;
}

static gsize
next_piece (ConformanceLane *self)
{
  gsize chunk = next_chunk (self);

  return MIN (chunk, self->size - self->moved);
}

/* A sender closes its direction after its last byte where it can, so that a receiver also sees what
 * is too much. */
static void
lane_sent (ConformanceLane *self, gssize n, GError *error)
{
  g_assert_no_error (error);
  g_assert_cmpint (n, >=, 0);
  self->moved += n;
  g_assert_cmpuint (self->moved, <=, self->size);
  if (self->moved < self->size)
    return;

  conformance_end_writing (self->connection);
  self->is_done = TRUE;
}

static void
lane_received (ConformanceLane *self, gssize n, GError *error)
{
  g_assert_no_error (error);
  g_assert_cmpint (n, >=, 0);
  if (n == 0)
    {
      g_assert_cmpuint (self->moved, ==, self->size);
      self->is_done = TRUE;
      return;
    }

  g_assert_cmpuint (n, <=, self->size - self->moved);
  g_assert_true (memcmp (self->buffer, self->data + self->moved, n) == 0);
  self->moved += n;
  self->is_done = self->moved == self->size && !hvsock_connection_can_half_close (self->connection);
}

static gpointer
run_blocking (gpointer data)
{
  ConformanceLane *self = data;

  while (!self->is_done)
    {
      g_autoptr (GError) error = NULL;
      gssize n;

      if (self->sends)
        {
          n = g_output_stream_write (conformance_output (self->connection),
                                     self->data + self->moved, next_piece (self), NULL, &error);
          lane_sent (self, n, error);
        }
      else
        {
          n = g_input_stream_read (conformance_input (self->connection), self->buffer,
                                   next_chunk (self), NULL, &error);
          lane_received (self, n, error);
        }
    }
  return NULL;
}

static void go_on_async (ConformanceLane *self);

static void
moved_cb (GObject *stream, GAsyncResult *result, gpointer user_data)
{
  ConformanceLane *self = user_data;
  g_autoptr (GError) error = NULL;

  if (self->sends)
    lane_sent (self, g_output_stream_write_finish (G_OUTPUT_STREAM (stream), result, &error),
               error);
  else
    lane_received (self, g_input_stream_read_finish (G_INPUT_STREAM (stream), result, &error),
                   error);
  go_on_async (self);
}

static void
go_on_async (ConformanceLane *self)
{
  if (self->is_done)
    return;

  if (self->sends)
    g_output_stream_write_async (conformance_output (self->connection), self->data + self->moved,
                                 next_piece (self), G_PRIORITY_DEFAULT, NULL, moved_cb, self);
  else
    g_input_stream_read_async (conformance_input (self->connection), self->buffer,
                               next_chunk (self), G_PRIORITY_DEFAULT, NULL, moved_cb, self);
}

static gboolean
ready_cb (GObject *stream, gpointer user_data)
{
  ConformanceLane *self = user_data;

  while (!self->is_done)
    {
      g_autoptr (GError) error = NULL;
      gssize n;

      if (self->sends)
        n = g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (stream),
                                                        self->data + self->moved, next_piece (self),
                                                        NULL, &error);
      else
        n = g_pollable_input_stream_read_nonblocking (
            G_POLLABLE_INPUT_STREAM (stream), self->buffer, next_chunk (self), NULL, &error);

      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        return G_SOURCE_CONTINUE;
      if (self->sends)
        lane_sent (self, n, error);
      else
        lane_received (self, n, error);
    }
  return G_SOURCE_REMOVE;
}

static void
start_pollable (ConformanceLane *self)
{
  g_autoptr (GSource) source = NULL;

  if (self->sends)
    source = g_pollable_output_stream_create_source (
        G_POLLABLE_OUTPUT_STREAM (conformance_output (self->connection)), NULL);
  else
    source = g_pollable_input_stream_create_source (
        G_POLLABLE_INPUT_STREAM (conformance_input (self->connection)), NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (ready_cb), self, NULL);
  g_source_attach (source, NULL);
}

static void
lane_start (ConformanceLane *self, const ConformanceMode *mode)
{
  if (!self->sends)
    self->buffer = g_malloc (LARGEST_CHUNK);

  /* GIO counts an empty write as done without asking the stream. */
  if (self->sends && self->size == 0)
    lane_sent (self, 0, NULL);
  else if (self->size == 0 && !hvsock_connection_can_half_close (self->connection))
    self->is_done = TRUE;
  else if (mode == &conformance_blocking)
    self->thread = g_thread_new ("lane", run_blocking, self);
  else if (mode == &conformance_async)
    go_on_async (self);
  else
    start_pollable (self);
}

static void
lane_finish (ConformanceLane *self)
{
  if (self->thread != NULL)
    g_thread_join (self->thread);
  conformance_wait_flag (&self->is_done);
  lane_clear (self);
}

/* Moves so many bytes in each direction of @pair, at once, and ends both. */
void
conformance_move (Conformance *self, ConformancePair *pair, gsize to_server, gsize to_client)
{
  ConformanceLane lanes[G_N_ELEMENTS (lane_kinds)];

  for (guint i = 0; i < G_N_ELEMENTS (lanes); i++)
    {
      gboolean from_server = lane_kinds[i].from_server;
      gboolean is_server = from_server == lane_kinds[i].sends;

      lane_init (&lanes[i], is_server ? pair->server : pair->client, from_server,
                 from_server ? to_client : to_server);
      lanes[i].sends = lane_kinds[i].sends;
    }
  for (guint i = 0; i < G_N_ELEMENTS (lanes); i++)
    lane_start (&lanes[i], self->mode);
  for (guint i = 0; i < G_N_ELEMENTS (lanes); i++)
    lane_finish (&lanes[i]);
}

/* Reads @size bytes, the first of conformance_get_random_bytes(), and the end of the stream, in a
 * thread. */
ConformanceLane *
conformance_receive_in_thread (HvsockConnection *connection, gsize size)
{
  ConformanceLane *self = g_new (ConformanceLane, 1);

  lane_init (self, connection, FALSE, size);
  lane_start (self, &conformance_blocking);
  return self;
}

void
conformance_received (ConformanceLane *self)
{
  lane_finish (self);
  g_free (self);
}
