/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Reads and writes of a stream that nobody else uses meanwhile, in each of the ways that GIO has.
 * Which bytes are right, how many, and which errors may end it, follows from what was done to the
 * pair. */

#include "stress.h"

#define N_VECTORS 3

typedef struct
{
  StressWorker *worker;
  StressPair *pair;
  StressEnd *end;
  StressDirection direction;
  GCancellable *cancellable;
  gsize size;
  guint8 *buffer; /* of a read */
  GOutputVector vectors[N_VECTORS];
  gsize n_vectors;
} Operation;

static void
operation_free (Operation *self)
{
  stress_stream_give_back (self->end, self->direction);
  g_clear_object (&self->cancellable);
  g_free (self->buffer);
  stress_pair_unref (self->pair);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Operation, operation_free)

/* For a write. */
static const guint8 *
get_next_bytes (Operation *self)
{
  return stress_bytes_at (self->end->n_moved[STRESS_WRITE]);
}

/* Vectors of random length, an empty one now and then. */
static void
operation_split (Operation *self)
{
  const guint8 *next = get_next_bytes (self);
  gsize rest = self->size;

  self->n_vectors = 1 + (gsize) g_rand_int_range (self->worker->random, 0, N_VECTORS);
  for (gsize i = 0; i < self->n_vectors; i++)
    {
      const gboolean is_last = i == self->n_vectors - 1;
      gsize size = is_last ? rest : (gsize) g_rand_int_range (self->worker->random, 0, (int) rest);

      self->vectors[i] = (GOutputVector){ next, size };
      next += size;
      rest -= size;
    }
}

/* Returns %NULL if somebody else has the stream, or at the end. */
static Operation *
operation_new (StressWorker *worker)
{
  const StressDirection direction = stress_chance (worker, 2) ? STRESS_READ : STRESS_WRITE;
  g_autoptr (StressPair) pair = stress_pair_pick (worker);
  Operation *self;
  StressEnd *end;

  if (pair == NULL)
    return NULL;
  end = &pair->ends[g_rand_int_range (worker->random, 0, 2)];
  if (!stress_stream_take (end, direction))
    return NULL;

  self = g_new0 (Operation, 1);
  self->worker = worker;
  self->pair = g_steal_pointer (&pair);
  self->end = end;
  self->direction = direction;
  self->cancellable = stress_cancellable_new (worker);
  self->size = stress_choose_size (worker);
  if (direction == STRESS_READ)
    self->buffer = g_malloc (self->size);
  else
    operation_split (self);
  return self;
}

static gpointer
get_stream (Operation *self)
{
  GIOStream *stream = G_IO_STREAM (self->end->connection);

  return self->direction == STRESS_READ ? (gpointer) g_io_stream_get_input_stream (stream)
                                        : (gpointer) g_io_stream_get_output_stream (stream);
}

static void
check_error (Operation *self, const GError *error)
{
  const int fate = g_atomic_int_get (&self->end->fate);
  const int peers_fate = g_atomic_int_get (&stress_pair_get_peer (self->pair, self->end)->fate);

  g_assert_nonnull (error);
  g_assert_cmpint (error->domain, ==, G_IO_ERROR);
  switch (error->code)
    {
    case G_IO_ERROR_CANCELLED:
      g_assert_true (g_cancellable_is_cancelled (self->cancellable));
      break;
    case G_IO_ERROR_TIMED_OUT:
      g_assert_true (fate & STRESS_TIMED);
      break;
    case G_IO_ERROR_CLOSED:
    /* While GIO closes a stream, it is one with an operation under way. */
    case G_IO_ERROR_PENDING:
      g_assert_true (fate & STRESS_CLOSED);
      break;
    case G_IO_ERROR_CONNECTION_CLOSED:
      g_assert_true (
          (peers_fate & STRESS_CLOSED) ||
          (self->direction == STRESS_WRITE &&
           ((fate & (STRESS_CLOSED | STRESS_WRITE_SHUT)) || (peers_fate & STRESS_READ_SHUT))));
      break;
    default:
      g_error ("%s: unexpected: %s", self->direction == STRESS_READ ? "read" : "write",
               error->message);
    }
}

/* The end of the stream, and not of what this end has shut down itself. */
static void
check_end (Operation *self)
{
  const int fate = g_atomic_int_get (&self->end->fate);
  const int peers_fate = g_atomic_int_get (&stress_pair_get_peer (self->pair, self->end)->fate);

  if (fate & STRESS_READ_SHUT)
    return;
  g_assert_true (peers_fate & (STRESS_CLOSED | STRESS_WRITE_SHUT));
  self->end->has_ended = TRUE;
}

/* GIO may report the cancellation of an asynchronous write that has moved bytes already. So nothing
 * can follow them. */
static void
doubt (Operation *self)
{
  if (self->end->n_doubtful == 0)
    self->end->n_doubtful = self->size;
  g_atomic_int_or ((guint *) &self->end->fate, STRESS_WRITE_SHUT);
  hvsock_connection_shutdown (self->end->connection, FALSE, TRUE, NULL);
}

/* @moved is how many bytes, also those before an @error, and is -1 if there was no more than that.
 */
static void
check (Operation *self, gssize moved, const GError *error)
{
  guint64 *n_moved = &self->end->n_moved[self->direction];

  if (error != NULL)
    check_error (self, error);
  else
    g_assert_cmpint (moved, >=, 0);
  if (moved == 0 || error != NULL)
    stress_pair_wear_out (self->worker, self->pair);

  if (moved > 0)
    {
      g_assert_cmpint (moved, <=, self->size);
      if (self->direction == STRESS_READ)
        {
          g_assert_false (self->end->has_ended);
          g_assert_cmpmem (self->buffer, moved, stress_bytes_at (*n_moved), moved);
        }
      *n_moved += (guint64) moved;
    }
  else if (error == NULL)
    {
      g_assert_cmpint (self->direction, ==, STRESS_READ);
      check_end (self);
    }
}

static void
operation_end (Operation *operation, gpointer stream, gssize moved, GError *error)
{
  StressWorker *worker = operation->worker;

  g_assert_true (stream == get_stream (operation));
  check (operation, moved, error);
  if (operation->direction == STRESS_WRITE &&
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    doubt (operation);
  g_clear_error (&error);
  operation_free (operation);
  stress_end (worker);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  operation_end (user_data, source, n, error);
}

static void
write_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  gssize n = g_output_stream_write_finish (G_OUTPUT_STREAM (source), result, &error);

  operation_end (user_data, source, n, error);
}

static void
writev_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  gsize n = 0;

  g_output_stream_writev_finish (G_OUTPUT_STREAM (source), result, &n, &error);
  operation_end (user_data, source, (gssize) n, error);
}

static void
write_all_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  gsize n = 0;

  g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, &n, &error);
  operation_end (user_data, source, (gssize) n, error);
}

static void
start (Operation *self)
{
  const int priority = stress_choose_priority (self->worker);
  gpointer stream = get_stream (self);

  stress_begin (self->worker);
  if (self->direction == STRESS_READ)
    g_input_stream_read_async (stream, self->buffer, self->size, priority, self->cancellable,
                               read_cb, self);
  else if (stress_chance (self->worker, 2))
    g_output_stream_writev_async (stream, self->vectors, self->n_vectors, priority,
                                  self->cancellable, writev_cb, self);
  else if (stress_chance (self->worker, 2))
    g_output_stream_write_all_async (stream, get_next_bytes (self), self->size, priority,
                                     self->cancellable, write_all_cb, self);
  else
    g_output_stream_write_async (stream, get_next_bytes (self), self->size, priority,
                                 self->cancellable, write_cb, self);
}

/* The stream is in use: it takes no second operation, and the first one does not suffer by it.
 * GIO's flag for that may be lost when another thread closes the stream at the same moment; the
 * second operation is a cancelled one, so as to move nothing then. */
static void
intrude (Operation *self)
{
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  guint8 byte;

  g_cancellable_cancel (cancelled);
  g_input_stream_read (get_stream (self), &byte, 1, cancelled, &error);
  if (!(g_atomic_int_get (&self->end->fate) & STRESS_CLOSED))
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
}

void
stress_start (StressWorker *worker)
{
  Operation *operation = operation_new (worker);
  g_autoptr (GCancellable) cancellable = NULL;

  if (operation == NULL)
    return;
  if (operation->cancellable != NULL && stress_chance (worker, 8))
    cancellable = g_object_ref (operation->cancellable);
  start (operation);
  /* It cannot have ended: that takes a turn of the main loop. */
  if (operation->direction == STRESS_READ && stress_chance (worker, 16))
    intrude (operation);
  if (cancellable != NULL)
    g_cancellable_cancel (cancellable);
}

/* In a context that lives no longer than this. */
void
stress_step_aside (StressWorker *worker)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  GMainContext *before = worker->context;
  const guint n_before = worker->n_pending;
  g_autoptr (GCancellable) cancellable = stress_track (g_cancellable_new ());
  Operation *operation = operation_new (worker);

  if (operation == NULL)
    return;
  g_set_object (&operation->cancellable, cancellable);

  g_main_context_push_thread_default (context);
  worker->context = context;
  worker->is_aside = TRUE;
  start (operation);
  for (int i = g_rand_int_range (worker->random, 0, 5); i > 0; i--)
    g_main_context_iteration (context, FALSE);
  g_cancellable_cancel (cancellable);
  while (worker->n_pending > n_before)
    g_main_context_iteration (context, TRUE);
  worker->is_aside = FALSE;
  worker->context = before;
  g_main_context_pop_thread_default (context);
}

/* For as long as it takes: other threads move bytes, cancel and close. */
void
stress_block (StressWorker *worker)
{
  g_autoptr (Operation) operation = operation_new (worker);
  g_autoptr (GError) error = NULL;
  gssize moved;
  gsize n = 0;

  if (operation == NULL)
    return;
  if (operation->direction == STRESS_READ)
    moved = g_input_stream_read (get_stream (operation), operation->buffer, operation->size,
                                 operation->cancellable, &error);
  else if (stress_chance (worker, 2))
    {
      g_output_stream_writev (get_stream (operation), operation->vectors, operation->n_vectors, &n,
                              operation->cancellable, &error);
      moved = (gssize) n;
    }
  else
    {
      g_output_stream_write_all (get_stream (operation), get_next_bytes (operation),
                                 operation->size, &n, operation->cancellable, &error);
      moved = (gssize) n;
    }
  check (operation, moved, error);
}

static gssize
write_nonblocking (Operation *self, GError **error)
{
  GPollableReturn status;
  gsize n = 0;

  if (stress_chance (self->worker, 2))
    return g_pollable_output_stream_write_nonblocking (get_stream (self), get_next_bytes (self),
                                                       self->size, self->cancellable, error);

  status = g_pollable_output_stream_writev_nonblocking (
      get_stream (self), self->vectors, self->n_vectors, &n, self->cancellable, error);
  if (status == G_POLLABLE_RETURN_WOULD_BLOCK)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "");
  return (gssize) n;
}

/* Without waiting. Returns %FALSE if it would have to. */
static gboolean
attempt (Operation *self)
{
  g_autoptr (GError) error = NULL;
  gssize moved;

  if (self->direction == STRESS_READ)
    moved = g_pollable_input_stream_read_nonblocking (get_stream (self), self->buffer, self->size,
                                                      self->cancellable, &error);
  else
    moved = write_nonblocking (self, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return FALSE;
  check (self, moved, error);
  return TRUE;
}

void
stress_try (StressWorker *worker)
{
  g_autoptr (Operation) operation = operation_new (worker);

  if (operation == NULL)
    return;
  if (operation->direction == STRESS_READ)
    g_pollable_input_stream_is_readable (get_stream (operation));
  else
    g_pollable_output_stream_is_writable (get_stream (operation));
  attempt (operation);
}

static gboolean
ready_cb (GObject *stream, gpointer user_data)
{
  Operation *operation = user_data;
  StressWorker *worker = operation->worker;

  g_assert_true (stream == get_stream (operation));
  if (!attempt (operation))
    return G_SOURCE_CONTINUE;
  operation_free (operation);
  stress_end (worker);
  return G_SOURCE_REMOVE;
}

/* Waits for a stream by a source, or does not and gives the source up. */
void
stress_poll (StressWorker *worker)
{
  Operation *operation = operation_new (worker);
  g_autoptr (GSource) source = NULL;

  if (operation == NULL)
    return;
  if (operation->direction == STRESS_READ)
    source = g_pollable_input_stream_create_source (get_stream (operation), operation->cancellable);
  else
    source =
        g_pollable_output_stream_create_source (get_stream (operation), operation->cancellable);
  g_source_set_priority (source, stress_choose_priority (worker));
  g_source_set_callback (source, G_SOURCE_FUNC (ready_cb), operation, NULL);
  g_source_attach (source, worker->context);
  if (stress_chance (worker, 4))
    {
      g_source_destroy (source);
      operation_free (operation);
    }
  else
    stress_begin (worker);
}
