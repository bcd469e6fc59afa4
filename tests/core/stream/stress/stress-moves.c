/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Bytes that a relay or a splice carries from one pair of connections to another, while others
 * cancel that and one of the connections may be closed. The pairs are made for it. */

#include "stress.h"

#define N_CONNECTIONS 4

/* In the order in which the bytes pass them. */
enum
{
  WRITER,
  FROM,
  TO,
  READER,
};

typedef struct
{
  StressWorker *worker;
  HvsockConnection *connections[N_CONNECTIONS];
  HvsockRelay *relay; /* NULL for a splice */
  GCancellable *cancellable;
  guint n_running;
  gsize size;
  gsize n_written;
  gsize n_moved;
  gsize n_read;
  gboolean is_cut; /* one of the connections was closed in the middle */
  gboolean has_succeeded;
  guint8 buffer[8192];
} Move;

static GInputStream *
get_input (Move *self, guint i)
{
  return g_io_stream_get_input_stream (G_IO_STREAM (self->connections[i]));
}

static GOutputStream *
get_output (Move *self, guint i)
{
  return g_io_stream_get_output_stream (G_IO_STREAM (self->connections[i]));
}

static void
move_close (Move *self, guint i)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (g_io_stream_close (G_IO_STREAM (self->connections[i]), NULL, &error));
  g_assert_no_error (error);
}

static void
move_free (Move *self)
{
  for (guint i = 0; i < N_CONNECTIONS; i++)
    g_clear_object (&self->connections[i]);
  g_clear_object (&self->relay);
  g_clear_object (&self->cancellable);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Move, move_free)

static Move *
move_new (StressWorker *worker)
{
  Move *self = g_new0 (Move, 1);

  self->worker = worker;
  stress_connections_new (&self->connections[WRITER], &self->connections[FROM]);
  stress_connections_new (&self->connections[TO], &self->connections[READER]);
  self->cancellable = stress_cancellable_new (worker);
  self->size = stress_choose_size (worker);
  return self;
}

/* What was moved when all went well, and what can not be otherwise. */
static void
move_check (Move *self)
{
  g_assert_cmpuint (self->n_read, <=, self->n_moved);
  g_assert_cmpuint (self->n_moved, <=, self->size);
  if (self->is_cut || !self->has_succeeded)
    return;
  g_assert_cmpuint (self->n_written, ==, self->size);
  g_assert_cmpuint (self->n_moved, ==, self->size);
  g_assert_cmpuint (self->n_read, ==, self->size);
}

static void
check_error (Move *self, const GError *error)
{
  if (error == NULL)
    return;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_assert_true (g_cancellable_is_cancelled (self->cancellable));
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED) ||
           g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED))
    g_assert_true (self->is_cut || !self->has_succeeded);
  else
    g_error ("move: unexpected: %s", error->message);
}

static void
part_end (Move *self)
{
  StressWorker *worker = self->worker;

  self->n_running--;
  if (self->n_running == 0)
    {
      move_check (self);
      move_free (self);
    }
  stress_end (worker);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Move *self = user_data;
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, &self->n_written, &error);
  check_error (self, error);
  hvsock_connection_shutdown (self->connections[WRITER], FALSE, TRUE, NULL);
  part_end (self);
}

static void read_next (Move *self);

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Move *self = user_data;
  g_autoptr (GError) error = NULL;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  check_error (self, error);
  if (n <= 0)
    {
      part_end (self);
      return;
    }
  g_assert_cmpmem (self->buffer, n, stress_bytes_at (self->n_read), n);
  self->n_read += (gsize) n;
  read_next (self);
}

static void
read_next (Move *self)
{
  g_input_stream_read_async (get_input (self, READER), self->buffer, sizeof self->buffer,
                             stress_choose_priority (self->worker), NULL, read_cb, self);
}

/* Those who write and read hear of it by the connections. */
static void
moved (Move *self, const GError *error)
{
  self->has_succeeded = error == NULL;
  check_error (self, error);
  move_close (self, FROM);
  move_close (self, TO);
  part_end (self);
}

static void
relayed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Move *self = user_data;
  g_autoptr (GError) error = NULL;

  hvsock_relay_run_finish (HVSOCK_RELAY (source), result, &error);
  self->n_moved = hvsock_relay_get_bytes_from_first (self->relay);
  g_assert_cmpuint (hvsock_relay_get_bytes_from_second (self->relay), ==, 0);
  moved (self, error);
}

static void
spliced_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Move *self = user_data;
  g_autoptr (GError) error = NULL;
  gssize n = g_output_stream_splice_finish (G_OUTPUT_STREAM (source), result, &error);

  /* A failure does not say how far it came. */
  self->n_moved = n >= 0 ? (gsize) n : self->size;
  moved (self, error);
}

static gboolean
cut_cb (gpointer user_data)
{
  Move *self = user_data;

  self->is_cut = TRUE;
  move_close (self, (guint) g_rand_int_range (self->worker->random, 0, N_CONNECTIONS));
  part_end (self);
  return G_SOURCE_REMOVE;
}

static void
cut_later (Move *self)
{
  g_autoptr (GSource) source = g_timeout_source_new (1);

  g_source_set_callback (source, cut_cb, self, NULL);
  g_source_attach (source, self->worker->context);
}

static void
move_begin_part (Move *self)
{
  self->n_running++;
  stress_begin (self->worker);
}

/* By a relay or by a splice, in this context. */
void
stress_move (StressWorker *worker)
{
  Move *self = move_new (worker);
  const int priority = stress_choose_priority (worker);

  move_begin_part (self);
  g_output_stream_write_all_async (get_output (self, WRITER), stress_bytes_at (0), self->size,
                                   priority, NULL, written_cb, self);
  move_begin_part (self);
  read_next (self);
  if (stress_chance (worker, 4))
    {
      move_begin_part (self);
      cut_later (self);
    }

  move_begin_part (self);
  if (stress_chance (worker, 2))
    {
      hvsock_connection_shutdown (self->connections[READER], FALSE, TRUE, NULL);
      self->relay = stress_track (hvsock_relay_new (G_IO_STREAM (self->connections[FROM]),
                                                    G_IO_STREAM (self->connections[TO])));
      hvsock_relay_run_async (self->relay, priority, self->cancellable, relayed_cb, self);
    }
  else
    g_output_stream_splice_async (get_output (self, TO), get_input (self, FROM),
                                  stress_chance (worker, 2) ? G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE
                                                            : G_OUTPUT_STREAM_SPLICE_NONE,
                                  priority, self->cancellable, spliced_cb, self);
}

/* What was written before is spliced at once, in a main loop within the call. */
void
stress_splice (StressWorker *worker)
{
  g_autoptr (Move) self = move_new (worker);
  g_autoptr (GError) error = NULL;
  gssize n;

  g_output_stream_write_all (get_output (self, WRITER), stress_bytes_at (0), self->size,
                             &self->n_written, NULL, &error);
  g_assert_no_error (error);
  move_close (self, WRITER);
  n = g_output_stream_splice (get_output (self, TO), get_input (self, FROM),
                              G_OUTPUT_STREAM_SPLICE_NONE, self->cancellable, &error);
  self->has_succeeded = n >= 0;
  self->n_moved = n >= 0 ? (gsize) n : self->size;
  check_error (self, error);
  g_clear_error (&error);
  move_close (self, TO);

  do
    {
      n = g_input_stream_read (get_input (self, READER), self->buffer, sizeof self->buffer, NULL,
                               &error);
      g_assert_no_error (error);
      g_assert_cmpmem (self->buffer, n, stress_bytes_at (self->n_read), n);
      self->n_read += (gsize) n;
    }
  while (n > 0);
  move_check (self);
}
