/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#include "bench.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONGEST_N 10000000u

/* Says what and why on standard error. */
void
bench_fail (const char *what)
{
  perror (what);
  exit (EXIT_FAILURE);
}

void
bench_pin (int cpu)
{
  cpu_set_t set;

  CPU_ZERO (&set);
  CPU_SET (cpu % g_get_num_processors (), &set);
  if (sched_setaffinity (0, sizeof set, &set) != 0)
    bench_fail ("sched_setaffinity");
}

/* A child that does not outlive its parent. */
int
bench_fork (int cpu)
{
  int pid;

  fflush (stdout);
  pid = fork ();
  if (pid < 0)
    bench_fail ("fork");
  if (pid == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      bench_pin (cpu);
    }
  return pid;
}

void
bench_stop (int pid)
{
  kill (pid, SIGKILL);
  while (waitpid (pid, NULL, 0) < 0 && errno == EINTR)
    continue;
}

/* As many as the system gives: the superuser may raise the limit, others have what they have. */
static void
raise_descriptor_limit (void)
{
  struct rlimit limit = { 65536, 65536 };

  if (setrlimit (RLIMIT_NOFILE, &limit) == 0)
    return;
  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    bench_fail ("getrlimit");
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit (RLIMIT_NOFILE, &limit) != 0)
    bench_fail ("setrlimit");
}

Bench *
bench_new (const char *topic, int *argc, char ***argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  Bench *self = g_new0 (Bench, 1);
  const GOptionEntry entries[] = {
    { "quick", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &self->is_quick,
      "A few short turns, to see that it works", NULL },
    { "rounds", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &self->rounds, "Turns of each contender",
      "N" },
    { "transport", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &self->transport,
      "unix, hyperkit (through the stand-in) or vsock (in the guest)", "NAME" },
    { NULL },
  };

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      g_printerr ("%s\n", error->message);
      exit (EXIT_FAILURE);
    }

  self->topic = g_strdup (topic);
  self->turn = 0.05;
  self->unit = "s";
  if (self->transport == NULL)
    self->transport = g_strdup ("unix");
  /* In the guest, which is emulated on most machines. */
  if (strcmp (self->transport, "vsock") == 0)
    self->turn *= 10;
  if (self->rounds == 0)
    self->rounds = self->is_quick ? 3 : 15;
  folder_init (&self->folder);

  signal (SIGPIPE, SIG_IGN);
  setlinebuf (stdout);
  raise_descriptor_limit ();
  bench_pin (BENCH_CPU);
  return self;
}

void
bench_free (Bench *self)
{
  folder_clear (&self->folder);
  g_free (self->topic);
  g_free (self->transport);
  g_free (self);
}

/* A line of fields, separated by tabs, as tests/bench/report reads them. */
void
bench_print (Bench *self,
             const char *what,
             const char *unit,
             const char *contender,
             int round,
             double value)
{
  printf ("%s\t%s\t%s\t%s\t%s\t%d\t%.9g\n", self->topic, self->transport, what, unit, contender,
          round, value);
}

/* Returns the seconds that it took. */
static double
take_turn (const BenchContender *contender, guint n)
{
  gint64 start;

  start = g_get_monotonic_time ();
  contender->run (contender->data, n);
  return (g_get_monotonic_time () - start) / (double) G_USEC_PER_SEC;
}

static void
prepare (const BenchContender *contender)
{
  if (contender->prepare != NULL)
    contender->prepare (contender->data);
}

static void
finish (const BenchContender *contender)
{
  if (contender->finish != NULL)
    contender->finish (contender->data);
}

/* How often a contender does it in a turn, so that the turn is long beside the clock's steps and
 * short beside the moods of the machine. It warms up, too. */
static guint
find_n (Bench *self, const BenchContender *contender)
{
  const double wanted = self->is_quick ? self->turn / 10 : self->turn;
  double taken;
  guint n = MAX (self->n, 1);

  prepare (contender);
  while ((taken = take_turn (contender, n)) < wanted && self->n == 0 && n < LONGEST_N)
    n = taken > wanted / 8 ? (guint) (n * wanted / taken) + 1 : n * 4;
  finish (contender);
  return n;
}

/* Lets each contender have its turn in each round, in another order each time, and prints the
 * time of one operation. */
void
bench_compare (Bench *self, const char *what, const BenchContender *contenders, guint n_contenders)
{
  g_autofree guint *n = g_new0 (guint, n_contenders);

  for (guint i = 0; i < n_contenders; i++)
    n[i] = find_n (self, &contenders[i]);

  for (int round = 0; round < self->rounds; round++)
    {
      for (guint i = 0; i < n_contenders; i++)
        {
          const guint k = (i + round) % n_contenders;
          double seconds;

          prepare (&contenders[k]);
          seconds = take_turn (&contenders[k], n[k]);
          finish (&contenders[k]);
          bench_print (self, what, self->unit, contenders[k].name, round, seconds / n[k]);
        }
    }
}
