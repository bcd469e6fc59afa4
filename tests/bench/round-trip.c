/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Messages that come back: by blocking calls and asynchronously, and asynchronously beside more and
 * more idle streams that wait for data in the same main context. */

#include "async-echo.h"
#include "bench-flow.h"
#include "bench-peer.h"

#include <string.h>
#include <sys/resource.h>

#define LARGEST 4096

static const struct
{
  const char *name;
  const char *async_name;
  BenchLinkOpen open;
} kinds[] = {
  { "plain", NULL, bench_link_open_plain },
  { "hvsock", "hvsock-async", bench_link_open_hvsock },
  { "gio", "gio-async", bench_link_open_gio },
};

static const guint idle_counts[] = { 0, 10, 100, 1000, 10000 };

#define N_KINDS       G_N_ELEMENTS (kinds)
#define N_IDLE_COUNTS G_N_ELEMENTS (idle_counts)

static void
compare_calls (Bench *bench, const BenchEndpoint *endpoint, const char *what, gsize size)
{
  const guint n_kinds = bench_has_gio (bench) ? N_KINDS : N_KINDS - 1;
  BenchContender contenders[2 * N_KINDS];
  BenchFlow blocking[N_KINDS];
  AsyncEcho *async[N_KINDS] = { NULL };
  guint n = 0;

  for (guint i = 0; i < n_kinds; i++)
    {
      kinds[i].open (&blocking[i].link, endpoint, BENCH_PEER_ECHO);
      blocking[i].size = size;
      contenders[n++] = (BenchContender){ kinds[i].name, bench_flow_echo, &blocking[i] };
      if (kinds[i].async_name == NULL)
        continue;

      async[i] = async_echo_new (kinds[i].open, endpoint, size, 0);
      contenders[n++] = (BenchContender){ kinds[i].async_name, async_echo_run, async[i] };
    }
  bench_compare (bench, what, contenders, n);

  for (guint i = 0; i < n_kinds; i++)
    {
      bench_link_close (&blocking[i].link);
      g_clear_pointer (&async[i], async_echo_free);
    }
}

/* How many idle streams the last contender may have, when the ones before it have theirs. The peer
 * may have as many descriptors as this process. */
static guint
find_most_idle (Bench *bench)
{
  const gboolean is_hyperkit = strcmp (bench->transport, "hyperkit") == 0;
  const guint wanted = bench->is_quick ? 1000 : 10000;
  guint others = 100; /* other descriptors */
  struct rlimit limit;
  guint possible;

  for (guint i = 0; idle_counts[i] < wanted; i++)
    others += idle_counts[i];
  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    bench_fail ("getrlimit");
  possible = limit.rlim_cur > others ? limit.rlim_cur - others : 0;
  if (is_hyperkit)
    possible = MIN (possible, 800);

  if (possible < wanted)
    g_printerr ("at most %u idle streams: %s\n", possible,
                is_hyperkit ? "Hyperkit's device takes 1024 for all"
                            : "the limit of descriptors (ulimit -n) allows no more");
  return MIN (possible, wanted);
}

/* A main context for each number of idle streams, so that all numbers have their turns in the same
 * rounds: what is wanted is how the time grows. */
static void
compare_idle (Bench *bench,
              const BenchEndpoint *endpoint,
              const char *name,
              BenchLinkOpen open,
              guint most)
{
  BenchContender contenders[N_IDLE_COUNTS];
  guint n = 0;

  for (; n < N_IDLE_COUNTS && (n == 0 || idle_counts[n - 1] < most); n++)
    {
      const guint n_idle = MIN (idle_counts[n], most);

      contenders[n] = (BenchContender){
        .name = g_strdup_printf ("%s, %u idle", name, n_idle),
        .run = async_echo_run,
        .data = async_echo_new (open, endpoint, 64, n_idle),
      };
    }
  bench_compare (bench, "64 B beside idle streams", contenders, n);

  for (guint i = 0; i < n; i++)
    {
      async_echo_free (contenders[i].data);
      g_free ((char *) contenders[i].name);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (Bench) bench = bench_new ("round-trip", &argc, &argv);
  int stand_in = bench_start_stand_in (bench);
  BenchEndpoint endpoint;
  guint most;
  int peer;

  bench_endpoint_init_to_guest (&endpoint, bench);
  peer = bench_peer_start (&endpoint);

  compare_calls (bench, &endpoint, "1 B", 1);
  compare_calls (bench, &endpoint, "64 B", 64);
  compare_calls (bench, &endpoint, "4 KiB", LARGEST);

  most = find_most_idle (bench);
  compare_idle (bench, &endpoint, "hvsock-async", bench_link_open_hvsock, most);
  if (bench_has_gio (bench))
    compare_idle (bench, &endpoint, "gio-async", bench_link_open_gio, most);

  bench_stop (peer);
  if (stand_in != 0)
    bench_stop (stand_in);
  return 0;
}
