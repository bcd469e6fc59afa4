/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the benchmarks share: contenders that take turns, and a line for each turn. */

#pragma once

#include "folder.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* The CPUs of what is measured and of what it talks to: without that, chance decides whether they
 * share one, which changes everything else. */
#define BENCH_CPU      0
#define BENCH_PEER_CPU 1

typedef struct
{
  char *topic;
  char *transport;
  int rounds;
  gboolean is_quick;
  double turn;      /* in seconds, at least */
  guint n;          /* operations in a turn; 0 for as many as make it long enough */
  const char *unit; /* of what bench_compare() prints: the time of one operation */
  Folder folder;    /* for sockets and the like */
} Bench;

/* Does something @n times. */
typedef void (*BenchRun) (gpointer data, guint n);

typedef struct
{
  const char *name;
  BenchRun run;
  gpointer data;
  void (*prepare) (gpointer data); /* before each turn, not timed; may be %NULL */
  void (*finish) (gpointer data);  /* after each turn */
} BenchContender;

Bench *bench_new (const char *topic, int *argc, char ***argv);
void bench_free (Bench *self);

void bench_compare (Bench *self,
                    const char *what,
                    const BenchContender *contenders,
                    guint n_contenders);
void bench_print (Bench *self,
                  const char *what,
                  const char *unit,
                  const char *contender,
                  int round,
                  double value);

void bench_pin (int cpu);
int bench_fork (int cpu);
void bench_stop (int pid);
G_NORETURN void bench_fail (const char *what);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Bench, bench_free)

G_END_DECLS
