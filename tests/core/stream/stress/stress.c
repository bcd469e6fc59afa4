/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Threads that do whatever the API allows, at random, to connections that they share: each in main
 * contexts of its own, for HVSOCK_TEST_STRESS_SECONDS (2 if that is not set). What they choose
 * follows from the seed, which GLib prints and --seed sets; how they interleave is the system's
 * choice. A race shows as wrong bytes, as an error that nothing explains, as a wait without end, as
 * something that is left over, or as a report of the sanitizer or of valgrind. */

#include "stress.h"

#include "folder.h"

#include <string.h>
#include <unistd.h>

#define DEFAULT_SECONDS 2
#define N_THREADS       4
#define MOST_PENDING    24
#define MOST_NESTED     3

/* After how many actions a context makes way for a new one, on average. */
#define LIFE_OF_CONTEXT 300

/* How often in milliseconds the shared state changes even if all the threads wait for it. */
#define TICK 5

typedef struct
{
  void (*act) (StressWorker *worker);
  int weight;
  gboolean may_block; /* without an end that is this thread's to decide */
} Action;

static const Action actions[] = {
  { stress_start, 40 },       { stress_block, 20, TRUE }, { stress_try, 10 },
  { stress_poll, 8 },         { stress_step_aside, 3 },   { stress_close, 1 },
  { stress_shut_down, 1 },    { stress_set_timeout, 2 },  { stress_ask, 2 },
  { stress_pair_replace, 2 }, { stress_cancel_some, 8 },  { stress_move, 2 },
  { stress_splice, 1, TRUE }, { stress_meet, 2 },         { stress_meet_blocking, 1, TRUE },
  { stress_listen_anew, 1 },
};

static gint64 deadline;

gboolean
stress_is_over (void)
{
  return g_get_monotonic_time () >= deadline;
}

/* An asynchronous operation whose callback is to come. */
void
stress_begin (StressWorker *worker)
{
  worker->n_pending++;
}

static gboolean
quit_cb (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

/* A main loop within a callback, until there is nothing else to do. */
static void
nest (StressWorker *worker)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (worker->context, FALSE);
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_LOW + 1);
  g_source_set_callback (source, quit_cb, loop, NULL);
  g_source_attach (source, worker->context);
  worker->n_nested++;
  g_main_loop_run (loop);
  worker->n_nested--;
}

/* At the end of the callback, which may go on with the next one. */
void
stress_end (StressWorker *worker)
{
  g_assert_cmpuint (worker->n_pending, >, 0);
  worker->n_pending--;
  worker->n_actions++;
  if (worker->n_nested < MOST_NESTED && stress_chance (worker, 16))
    nest (worker);
  else if (!worker->is_aside && worker->n_pending < MOST_PENDING && stress_chance (worker, 2))
    stress_start (worker);
}

static gboolean
tick_cb (gpointer user_data)
{
  StressWorker *worker = user_data;

  stress_pair_replace (worker);
  stress_cancel_some (worker);
  if (stress_chance (worker, 4))
    stress_listen_anew (worker);
  return G_SOURCE_CONTINUE;
}

static void
enter_context (StressWorker *worker)
{
  worker->context =
      worker->is_main ? g_main_context_ref (g_main_context_default ()) : g_main_context_new ();
  if (!worker->is_main)
    g_main_context_push_thread_default (worker->context);
  worker->tick = g_timeout_source_new (TICK);
  g_source_set_callback (worker->tick, tick_cb, worker, NULL);
  g_source_attach (worker->tick, worker->context);
}

/* Streams that were used there live on, but nothing may be under way. */
static void
leave_context (StressWorker *worker)
{
  while (worker->n_pending > 0)
    g_main_context_iteration (worker->context, TRUE);
  g_source_destroy (worker->tick);
  g_clear_pointer (&worker->tick, g_source_unref);
  while (g_main_context_iteration (worker->context, FALSE))
    continue;
  if (!worker->is_main)
    g_main_context_pop_thread_default (worker->context);
  g_clear_pointer (&worker->context, stress_context_unref);
}

static const Action *
choose_action (StressWorker *worker)
{
  int total = 0;
  int chosen;

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    total += actions[i].weight;
  chosen = g_rand_int_range (worker->random, 0, total);
  for (guint i = 0;; i++)
    {
      chosen -= actions[i].weight;
      if (chosen < 0)
        return &actions[i];
    }
}

static void
act (StressWorker *worker)
{
  const Action *action = choose_action (worker);

  if (worker->is_main && action->may_block)
    return;
  action->act (worker);
  worker->n_actions++;
  while (worker->n_pending >= MOST_PENDING && !stress_is_over ())
    g_main_context_iteration (worker->context, TRUE);
  for (int i = g_rand_int_range (worker->random, 0, 4); i > 0; i--)
    g_main_context_iteration (worker->context, FALSE);
}

static void
act_until_over (StressWorker *worker)
{
  enter_context (worker);
  while (!stress_is_over ())
    {
      act (worker);
      if (!worker->is_main && stress_chance (worker, LIFE_OF_CONTEXT))
        {
          leave_context (worker);
          enter_context (worker);
        }
    }
}

static gpointer
run_thread (gpointer user_data)
{
  StressWorker *worker = user_data;

  act_until_over (worker);
  leave_context (worker);
  return NULL;
}

static StressWorker *
worker_new (gboolean is_main)
{
  StressWorker *self = g_new0 (StressWorker, 1);

  self->is_main = is_main;
  self->random = g_rand_new_with_seed ((guint32) g_test_rand_int ());
  return self;
}

static guint64
worker_free (StressWorker *self)
{
  const guint64 n_actions = self->n_actions;

  g_assert_cmpuint (self->n_pending, ==, 0);
  g_rand_free (self->random);
  g_free (self);
  return n_actions;
}

/* The threads and, as one more of them, this one. Returns the number of actions. */
static guint64
run (gint64 microseconds, guint n_threads)
{
  g_auto (Folder) folder = { 0 };
  StressWorker *workers[1 + N_THREADS];
  GThread *threads[1 + N_THREADS];
  guint64 n_actions = 0;

  for (guint i = 0; i <= n_threads; i++)
    workers[i] = worker_new (i == 0);
  folder_init (&folder);
  stress_pairs_open (workers[0]->random);
  stress_listen (folder.path);
  deadline = g_get_monotonic_time () + microseconds;

  for (guint i = 1; i <= n_threads; i++)
    threads[i] = g_thread_new ("stress", run_thread, workers[i]);
  act_until_over (workers[0]);
  stress_pairs_close ();
  stress_stop_listening ();
  leave_context (workers[0]);
  for (guint i = 1; i <= n_threads; i++)
    g_thread_join (threads[i]);

  stress_pairs_clear ();
  for (guint i = 0; i <= n_threads; i++)
    n_actions += worker_free (workers[i]);
  return n_actions;
}

/* Pipes aside, of which the library keeps some. */
static guint
count_descriptors (void)
{
  g_autoptr (GDir) directory = g_dir_open ("/proc/self/fd", 0, NULL);
  const char *name;
  guint n = 0;

  g_assert_nonnull (directory);
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/fd", name, NULL);
      g_autofree char *target = g_file_read_link (path, NULL);

      n += target != NULL && !g_str_has_prefix (target, "pipe:");
    }
  return n;
}

static gint64
get_seconds (void)
{
  const char *value = g_getenv ("HVSOCK_TEST_STRESS_SECONDS");
  guint64 seconds = DEFAULT_SECONDS;
  g_autoptr (GError) error = NULL;

  if (value != NULL && !g_ascii_string_to_unsigned (value, 10, 1, G_MAXINT, &seconds, &error))
    g_error ("HVSOCK_TEST_STRESS_SECONDS: %s", error->message);
  return (gint64) seconds;
}

static void
test_stress (void)
{
  const gint64 seconds = get_seconds ();
  guint64 n_actions;
  guint n_descriptors;

  /* What is made once, and what the default context keeps, is there before anything is counted. */
  run (G_USEC_PER_SEC / 2, 0);
  n_descriptors = count_descriptors ();

  n_actions = run (seconds * G_USEC_PER_SEC, N_THREADS);
  g_test_message ("%" G_GUINT64_FORMAT " actions in %" G_GINT64_FORMAT " s", n_actions, seconds);
  g_assert_cmpint (stress_count_alive (), ==, 0);
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/stress", test_stress);

  return g_test_run ();
}
