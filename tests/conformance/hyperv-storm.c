/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Cancellations at random moments, while many threads read, write, connect and accept. A call that
 * was cancelled has done nothing, and any other has done all that it says; so no byte is lost or
 * comes twice, and whoever got through is served. */

#include "hyperv.h"

#include "lanes.h"

#include <string.h>

#define SEED         20181118
#define N_PAIRS      4
#define LANE_SIZE    CONFORMANCE_MOST
#define MOST_AT_ONCE 40000
#define N_CONNECTORS 4
#define N_ROUNDS     150
#define MOST_YIELDS  4

/* One end of one direction of a pair, or one that connects or accepts. It has a thread, and another
 * that cancels what it does. */
typedef struct
{
  const Conformance *conformance;
  HvsockConnection *connection;
  guint *n_cancelled; /* calls of all workers; atomic */
  GRand *rand;
  GThread *thread;
  GAsyncQueue *victims; /* of GCancellable, and of the worker itself as the end */
  GThread *canceller;
} Worker;

static gpointer
cancel_victims (gpointer data)
{
  Worker *self = data;
  gpointer victim;

  for (guint i = 0; (victim = g_async_queue_pop (self->victims)) != self; i++)
    {
      g_autoptr (GCancellable) cancellable = victim;

      for (guint n = i % MOST_YIELDS; n > 0; n--)
        g_thread_yield ();
      g_cancellable_cancel (cancellable);
    }
  return NULL;
}

static void
worker_start (Worker *self, guint number, GThreadFunc func)
{
  self->rand = g_rand_new_with_seed (SEED + number);
  self->victims = g_async_queue_new ();
  self->canceller = g_thread_new ("canceller", cancel_victims, self);
  self->thread = g_thread_new ("worker", func, self);
}

static void
worker_finish (Worker *self)
{
  g_thread_join (self->thread);
  g_async_queue_push (self->victims, self);
  g_thread_join (self->canceller);
  g_async_queue_unref (self->victims);
  g_rand_free (self->rand);
}

/* For a call that will be cancelled, perhaps. */
static GCancellable *
make_victim (Worker *self)
{
  GCancellable *cancellable = g_cancellable_new ();

  if (g_rand_boolean (self->rand))
    g_async_queue_push (self->victims, g_object_ref (cancellable));
  return cancellable;
}

static gboolean
is_cancelled (Worker *self, const GError *error)
{
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_assert_no_error (error);
      return FALSE;
    }
  g_atomic_int_inc (self->n_cancelled);
  return TRUE;
}

static gsize
next_count (Worker *self, gsize moved)
{
  const gsize count = g_rand_int_range (self->rand, 1, MOST_AT_ONCE);

  return MIN (count, LANE_SIZE - moved);
}

/* An asynchronous write is not cancelled: GIO then forgets what it has moved. */
static gpointer
send_lane (gpointer data)
{
  Worker *self = data;
  const gboolean is_async = self->conformance->mode == &conformance_async;
  g_autoptr (GMainContext) context = g_main_context_new ();
  const guint8 *bytes = conformance_get_random_bytes ();

  g_main_context_push_thread_default (context);
  for (gsize moved = 0; moved < LANE_SIZE;)
    {
      g_autoptr (GCancellable) cancellable = is_async ? NULL : make_victim (self);
      g_autoptr (GError) error = NULL;
      gssize n =
          self->conformance->mode->write (conformance_output (self->connection), bytes + moved,
                                          next_count (self, moved), cancellable, &error);

      if (!is_cancelled (self, error))
        moved += n;
    }
  g_main_context_pop_thread_default (context);
  return NULL;
}

static gpointer
receive_lane (gpointer data)
{
  Worker *self = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  const guint8 *bytes = conformance_get_random_bytes ();
  g_autofree guint8 *buffer = g_malloc (MOST_AT_ONCE);

  g_main_context_push_thread_default (context);
  for (gsize moved = 0; moved < LANE_SIZE;)
    {
      g_autoptr (GCancellable) cancellable = make_victim (self);
      g_autoptr (GError) error = NULL;
      gssize n = self->conformance->mode->read (conformance_input (self->connection), buffer,
                                                next_count (self, moved), cancellable, &error);

      if (is_cancelled (self, error))
        continue;
      g_assert_cmpint (n, >, 0);
      g_assert_true (memcmp (buffer, bytes + moved, n) == 0);
      moved += n;
    }
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
test_streams (Conformance *self)
{
  ConformancePair pairs[N_PAIRS];
  Worker workers[N_PAIRS][4];
  guint n_cancelled = 0;

  for (guint i = 0; i < N_PAIRS; i++)
    {
      pairs[i] = conformance_connect (self);
      for (guint j = 0; j < 4; j++)
        {
          workers[i][j] = (Worker){ self, j < 2 ? pairs[i].client : pairs[i].server, &n_cancelled };
          worker_start (&workers[i][j], 4 * i + j, j % 2 == 0 ? send_lane : receive_lane);
        }
    }
  for (guint i = 0; i < N_PAIRS; i++)
    for (guint j = 0; j < 4; j++)
      worker_finish (&workers[i][j]);
  for (guint i = 0; i < N_PAIRS; i++)
    {
      conformance_expect_alive (self, &pairs[i]);
      conformance_pair_clear (&pairs[i]);
    }
  g_assert_cmpuint (n_cancelled, >, 0);
}

static gpointer
connect_often (gpointer data)
{
  Worker *self = data;
  g_autoptr (HvsockClient) client = conformance_client_new ();
  Conformance own = { .mode = &conformance_blocking };

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr (GCancellable) cancellable = make_victim (self);
      g_autoptr (GError) error = NULL;
      g_autoptr (HvsockConnection) connection =
          hvsock_client_connect (client, self->conformance->uri, cancellable, &error);

      if (is_cancelled (self, error))
        continue;
      conformance_send (&own, connection, "here");
      conformance_expect (&own, connection, "there");
    }
  return NULL;
}

/* Until the listener is closed. Whoever was cancelled on the way is accepted, and says nothing. */
static gpointer
accept_often (gpointer data)
{
  Worker *self = data;
  Conformance own = { .mode = &conformance_blocking };

  for (;;)
    {
      g_autoptr (GCancellable) cancellable = make_victim (self);
      g_autoptr (GError) error = NULL;
      g_autoptr (HvsockConnection) server =
          hvsock_listener_accept (self->conformance->listener, cancellable, &error);
      char byte;

      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
        return NULL;
      if (is_cancelled (self, error) ||
          g_input_stream_read (conformance_input (server), &byte, 1, NULL, NULL) <= 0)
        continue;
      conformance_expect (&own, server, "ere");
      conformance_send (&own, server, "there");
      conformance_expect_end (&own, server);
    }
}

static void
test_connections (Conformance *self)
{
  Worker connectors[N_CONNECTORS];
  Worker acceptors[N_CONNECTORS];
  guint n_cancelled = 0;

  for (guint i = 0; i < N_CONNECTORS; i++)
    {
      connectors[i] = acceptors[i] = (Worker){ self, NULL, &n_cancelled };
      worker_start (&connectors[i], 2 * i, connect_often);
      worker_start (&acceptors[i], 2 * i + 1, accept_often);
    }
  for (guint i = 0; i < N_CONNECTORS; i++)
    worker_finish (&connectors[i]);
  hvsock_listener_close (self->listener);
  for (guint i = 0; i < N_CONNECTORS; i++)
    worker_finish (&acceptors[i]);
  g_assert_cmpuint (n_cancelled, >, 0);
}

void
conformance_add_hyperv_storm_tests (void)
{
  conformance_add_both ("/storm/streams", test_streams);
  conformance_add ("/storm/connections", test_connections);
}
