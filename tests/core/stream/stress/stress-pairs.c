/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the threads share: the pairs of connections, and the cancellables of whoever lets others
 * cancel. A pair carries the same bytes both ways, so that what arrives tells whether it is right
 * and in its place. */

#include "stress.h"

#include <string.h>

#define N_PAIRS   12
#define N_VICTIMS 32

static guint8 bytes[2 * STRESS_LONGEST];
static int n_alive; /* atomic */

static GRWLock cancelling;

static GMutex lock; /* of what follows */
static StressPair *pairs[N_PAIRS];
static GPtrArray *victims;
static gboolean is_open;

static void
gone_cb (gpointer user_data, GObject *object)
{
  g_atomic_int_add (&n_alive, -1);
}

/* Counts @object until it is gone. */
gpointer
stress_track (gpointer object)
{
  g_atomic_int_inc (&n_alive);
  g_object_weak_ref (object, gone_cb, NULL);
  return object;
}

int
stress_count_alive (void)
{
  return g_atomic_int_get (&n_alive);
}

/* What every stream carries from @offset on. */
const guint8 *
stress_bytes_at (guint64 offset)
{
  return bytes + offset % STRESS_LONGEST;
}

gboolean
stress_chance (StressWorker *worker, int one_in)
{
  return g_rand_int_range (worker->random, 0, one_in) == 0;
}

/* Small ones mostly. */
gsize
stress_choose_size (StressWorker *worker)
{
  return (gsize) g_rand_int_range (worker->random, 1, stress_chance (worker, 4) ? 40000 : 300);
}

int
stress_choose_priority (StressWorker *worker)
{
  static const int priorities[] = { G_PRIORITY_HIGH, G_PRIORITY_DEFAULT, G_PRIORITY_DEFAULT,
                                    G_PRIORITY_LOW };

  return priorities[g_rand_int_range (worker->random, 0, G_N_ELEMENTS (priorities))];
}

HvsockConnection *
stress_connection_new (int fd)
{
  return stress_track (hvsock_connection_new_for_fd (fd, NULL, NULL));
}

void
stress_connections_new (HvsockConnection **first, HvsockConnection **second)
{
  int fds[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
  *first = stress_connection_new (fds[0]);
  *second = stress_connection_new (fds[1]);
}

/* The streams are left to be made by the first who asks, which may be two threads at once. */
static StressPair *
pair_new (void)
{
  StressPair *self = g_new0 (StressPair, 1);

  self->n_refs = 1;
  stress_connections_new (&self->ends[0].connection, &self->ends[1].connection);
  return self;
}

StressEnd *
stress_pair_get_peer (StressPair *self, StressEnd *end)
{
  return end == &self->ends[0] ? &self->ends[1] : &self->ends[0];
}

void
stress_pair_unref (StressPair *self)
{
  if (!g_atomic_int_dec_and_test (&self->n_refs))
    return;

  for (guint i = 0; i < G_N_ELEMENTS (self->ends); i++)
    {
      StressEnd *end = &self->ends[i];
      StressEnd *peer = stress_pair_get_peer (self, end);

      const guint64 n_read = end->n_moved[STRESS_READ];
      const guint64 n_written = peer->n_moved[STRESS_WRITE];

      g_assert_cmpuint (n_read, <=, n_written + peer->n_doubtful);
      if (end->has_ended)
        g_assert_cmpuint (n_read, >=, n_written);
    }
  for (guint i = 0; i < G_N_ELEMENTS (self->ends); i++)
    g_object_unref (self->ends[i].connection);
  g_free (self);
}

gboolean
stress_stream_take (StressEnd *end, StressDirection direction)
{
  return g_atomic_int_compare_and_exchange (&end->is_busy[direction], FALSE, TRUE);
}

void
stress_stream_give_back (StressEnd *end, StressDirection direction)
{
  g_atomic_int_set (&end->is_busy[direction], FALSE);
}

/* Whatever is under way. */
void
stress_end_close (StressEnd *self)
{
  g_autoptr (GError) error = NULL;

  g_atomic_int_or ((guint *) &self->fate, STRESS_CLOSED);
  if (!g_atomic_int_compare_and_exchange (&self->is_closing, FALSE, TRUE))
    return;

  g_assert_true (g_io_stream_close (G_IO_STREAM (self->connection), NULL, &error));
  g_assert_no_error (error);
  g_atomic_int_set (&self->is_closing, FALSE);
}

/* Whether nothing is under way, nor will be: then the last reference may close it. */
static gboolean
pair_retire (StressPair *self)
{
  gboolean is_idle = TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (self->ends); i++)
    {
      is_idle &= stress_stream_take (&self->ends[i], STRESS_READ);
      is_idle &= stress_stream_take (&self->ends[i], STRESS_WRITE);
    }
  return is_idle;
}

/* Ends whatever is under way on @self, if only by closing one of the ends. */
static void
pair_end (StressPair *self, guint how)
{
  if (how == 0 && pair_retire (self))
    return;
  if (how != 1)
    stress_end_close (&self->ends[0]);
  if (how != 2)
    stress_end_close (&self->ends[1]);
}

/* Called with the lock. Returns the pair that was in the place. */
static StressPair *
put_new_pair (guint i)
{
  StressPair *old = pairs[i];

  pairs[i] = pair_new ();
  return old;
}

/* Puts a new pair in the place of one. */
void
stress_pair_replace (StressWorker *worker)
{
  const guint i = (guint) g_rand_int_range (worker->random, 0, N_PAIRS);
  g_autoptr (StressPair) old = NULL;

  g_mutex_lock (&lock);
  if (is_open)
    old = put_new_pair (i);
  g_mutex_unlock (&lock);
  if (old != NULL)
    pair_end (old, (guint) g_rand_int_range (worker->random, 0, 4));
}

/* An operation of @self has failed: it is not often of use any more. */
void
stress_pair_wear_out (StressWorker *worker, StressPair *self)
{
  g_autoptr (StressPair) old = NULL;

  if (!stress_chance (worker, 4))
    return;

  g_mutex_lock (&lock);
  for (guint i = 0; i < N_PAIRS && is_open; i++)
    {
      if (pairs[i] == self)
        old = put_new_pair (i);
    }
  g_mutex_unlock (&lock);
  if (old != NULL)
    pair_end (old, (guint) g_rand_int_range (worker->random, 0, 4));
}

/* Returns %NULL at the end. */
StressPair *
stress_pair_pick (StressWorker *worker)
{
  const guint i = (guint) g_rand_int_range (worker->random, 0, N_PAIRS);
  StressPair *pair = NULL;

  g_mutex_lock (&lock);
  if (is_open)
    {
      pair = pairs[i];
      g_atomic_int_inc (&pair->n_refs);
    }
  g_mutex_unlock (&lock);
  return pair;
}

static void
remember (GCancellable *cancellable)
{
  g_autoptr (GCancellable) forgotten = NULL;

  g_mutex_lock (&lock);
  if (victims->len == N_VICTIMS)
    forgotten = g_ptr_array_steal_index_fast (victims, 0);
  g_ptr_array_add (victims, g_object_ref (cancellable));
  g_mutex_unlock (&lock);
}

/* Returns one that another thread may cancel at any time, or that is cancelled, or that nobody will
 * cancel, or %NULL. */
GCancellable *
stress_cancellable_new (StressWorker *worker)
{
  const int kind = g_rand_int_range (worker->random, 0, 12);
  GCancellable *cancellable;

  if (kind < 4)
    return NULL;

  cancellable = stress_track (g_cancellable_new ());
  if (kind < 10)
    remember (cancellable);
  else if (kind == 10)
    g_cancellable_cancel (cancellable);
  return cancellable;
}

/* Mostly another thread's. */
void
stress_cancel_some (StressWorker *worker)
{
  g_autoptr (GCancellable) victim = NULL;

  g_mutex_lock (&lock);
  if (victims->len > 0)
    victim = g_ptr_array_steal_index_fast (
        victims, (guint) g_rand_int_range (worker->random, 0, (int) victims->len));
  g_mutex_unlock (&lock);
  if (victim == NULL)
    return;

  g_rw_lock_reader_lock (&cancelling);
  g_cancellable_cancel (victim);
  g_rw_lock_reader_unlock (&cancelling);
}

/* Not while others cancel: GLib 2.74 wakes the context of a pollable stream's source without a
 * reference to it, so that even one that has nothing left to do may be gone by then. */
void
stress_context_unref (GMainContext *context)
{
  g_rw_lock_writer_lock (&cancelling);
  g_main_context_unref (context);
  g_rw_lock_writer_unlock (&cancelling);
}

void
stress_pairs_open (GRand *random)
{
  for (guint i = 0; i < STRESS_LONGEST; i++)
    bytes[i] = (guint8) g_rand_int (random);
  memcpy (bytes + STRESS_LONGEST, bytes, STRESS_LONGEST);

  g_mutex_lock (&lock);
  victims = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < N_PAIRS; i++)
    pairs[i] = pair_new ();
  is_open = TRUE;
  g_mutex_unlock (&lock);
}

/* Ends all that waits. */
void
stress_pairs_close (void)
{
  g_mutex_lock (&lock);
  is_open = FALSE;
  g_mutex_unlock (&lock);

  for (guint i = 0; i < N_PAIRS; i++)
    {
      pair_end (pairs[i], 3);
      g_clear_pointer (&pairs[i], stress_pair_unref);
    }
}

/* When nobody is left. */
void
stress_pairs_clear (void)
{
  g_clear_pointer (&victims, g_ptr_array_unref);
}
