/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What one thread does to a connection while others use its streams. */

#include "stress.h"

static StressEnd *
choose_end (StressWorker *worker, StressPair *pair)
{
  return &pair->ends[g_rand_int_range (worker->random, 0, 2)];
}

typedef struct
{
  StressWorker *worker;
  StressPair *pair;
  StressEnd *end;
} Closing;

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Closing *self = user_data;
  g_autoptr (StressPair) pair G_GNUC_UNUSED = self->pair;
  g_autoptr (GError) error = NULL;

  g_assert_true (source == G_OBJECT (self->end->connection));
  g_assert_true (g_io_stream_close_finish (G_IO_STREAM (source), result, &error));
  g_assert_no_error (error);
  g_atomic_int_set (&self->end->is_closing, FALSE);
  stress_end (self->worker);
}

static void
close_async (StressWorker *worker, StressPair *pair, StressEnd *end)
{
  Closing *closing;

  g_atomic_int_or ((guint *) &end->fate, STRESS_CLOSED);
  if (!g_atomic_int_compare_and_exchange (&end->is_closing, FALSE, TRUE))
    return;

  g_atomic_int_inc (&pair->n_refs);
  closing = g_new (Closing, 1);
  *closing = (Closing){ worker, pair, end };
  stress_begin (worker);
  g_io_stream_close_async (G_IO_STREAM (end->connection), stress_choose_priority (worker), NULL,
                           closed_cb, closing);
}

void
stress_close (StressWorker *worker)
{
  g_autoptr (StressPair) pair = stress_pair_pick (worker);

  if (pair == NULL)
    return;
  if (stress_chance (worker, 2))
    close_async (worker, pair, choose_end (worker, pair));
  else
    stress_end_close (choose_end (worker, pair));
}

/* Mostly the half-close. */
void
stress_shut_down (StressWorker *worker)
{
  g_autoptr (StressPair) pair = stress_pair_pick (worker);
  const gboolean read = stress_chance (worker, 4);
  const gboolean write = !read || stress_chance (worker, 2);
  g_autoptr (GError) error = NULL;
  StressEnd *end;

  if (pair == NULL)
    return;
  end = choose_end (worker, pair);
  g_atomic_int_or ((guint *) &end->fate,
                   (read ? STRESS_READ_SHUT : 0) | (write ? STRESS_WRITE_SHUT : 0));
  if (hvsock_connection_shutdown (end->connection, read, write, &error))
    return;
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_assert_true (g_atomic_int_get (&end->fate) & STRESS_CLOSED);
}

void
stress_set_timeout (StressWorker *worker)
{
  g_autoptr (StressPair) pair = stress_pair_pick (worker);
  StressEnd *end;

  if (pair == NULL)
    return;
  end = choose_end (worker, pair);
  g_atomic_int_or ((guint *) &end->fate, STRESS_TIMED);
  hvsock_connection_set_timeout (end->connection, (guint) g_rand_int_range (worker->random, 0, 8));
}

/* What may be asked from any thread. */
void
stress_ask (StressWorker *worker)
{
  g_autoptr (StressPair) pair = stress_pair_pick (worker);
  StressEnd *end;

  if (pair == NULL)
    return;
  end = choose_end (worker, pair);
  g_assert_cmpuint (hvsock_connection_get_timeout (end->connection), <, 8);
  g_assert_null (hvsock_connection_get_remote_address (end->connection));
  hvsock_connection_get_local_address (end->connection);
  g_assert_true (G_IS_INPUT_STREAM (g_io_stream_get_input_stream (G_IO_STREAM (end->connection))));
  g_assert_true (
      G_IS_OUTPUT_STREAM (g_io_stream_get_output_stream (G_IO_STREAM (end->connection))));
}
