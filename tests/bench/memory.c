/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The heap that one more stream takes while a read of it is pending: the connection, its streams
 * and addresses, the task, and whatever waits for data on its behalf. Neither the reader's buffer
 * nor the kernel's memory is counted. */

#include "async-echo.h"
#include "bench-peer.h"

#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

#define N_STREAMS 1000

static const struct
{
  const char *name;
  BenchLinkOpen open;
} kinds[] = {
  { "hvsock", bench_link_open_hvsock },
  { "gio", bench_link_open_gio },
};

static gsize
measure_heap (void)
{
  const struct mallinfo2 heap = mallinfo2 ();

  return heap.uordblks + heap.hblkhd;
}

/* The context has served one stream before, and serves one more with all the others there. */
static double
measure (BenchLinkOpen open, const BenchEndpoint *endpoint)
{
  const gsize own = (N_STREAMS - 1) * sizeof (BenchLink);
  AsyncEcho *echo = async_echo_new (open, endpoint, 1, 1);
  AsyncEcho *many;
  gsize before, with_one, with_many;

  async_echo_run (echo, 1);
  async_echo_free (echo);

  before = measure_heap ();
  echo = async_echo_new (open, endpoint, 1, 1);
  async_echo_run (echo, 1);
  with_one = measure_heap ();
  many = async_echo_new (open, endpoint, 1, N_STREAMS);
  async_echo_run (many, 1);
  with_many = measure_heap ();
  async_echo_free (many);
  async_echo_free (echo);

  return ((double) (with_many - with_one) - (double) (with_one - before) - own) / (N_STREAMS - 1);
}

/* Slices come in pages otherwise, and the pages stay. */
static void
use_malloc_for_slices (char **argv)
{
  if (g_strcmp0 (g_getenv ("G_SLICE"), "always-malloc") == 0)
    return;
  g_setenv ("G_SLICE", "always-malloc", TRUE);
  execv ("/proc/self/exe", argv);
  bench_fail ("execv");
}

int
main (int argc, char **argv)
{
  g_autoptr (Bench) bench = NULL;
  BenchEndpoint endpoint;
  int stand_in, peer;
  guint n_kinds;

  use_malloc_for_slices (argv);
  bench = bench_new ("memory", &argc, &argv);
  n_kinds = bench_has_gio (bench) ? 2 : 1;
  bench_endpoint_init_to_guest (&endpoint, bench);
  stand_in = bench_start_stand_in (bench);
  peer = bench_peer_start (&endpoint);

  /* The same each time, but for what the allocator keeps. */
  for (int round = 0; round < MIN (bench->rounds, 5); round++)
    for (guint i = 0; i < n_kinds; i++)
      bench_print (bench, "idle stream", "bytes", kinds[i].name, round,
                   measure (kinds[i].open, &endpoint));

  bench_stop (peer);
  if (stand_in != 0)
    bench_stop (stand_in);
  return 0;
}
