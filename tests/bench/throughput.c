/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Bulk data over one connection by blocking calls, in each direction and in pieces of several
 * sizes. One operation is a mebibyte. */

#include "bench-flow.h"
#include "bench-peer.h"

static const struct
{
  const char *name;
  BenchLinkOpen open;
} kinds[] = {
  { "plain", bench_link_open_plain },
  { "hvsock", bench_link_open_hvsock },
  { "gio", bench_link_open_gio },
};

static void
compare (Bench *bench,
         const BenchEndpoint *endpoint,
         char peer,
         BenchRun run,
         const char *direction)
{
  static const guint sizes[] = { 1, 4, 16, 64, 256, 1024 };
  const guint n_kinds = bench_has_gio (bench) ? 3 : 2;
  BenchContender contenders[G_N_ELEMENTS (kinds)];
  BenchFlow flows[G_N_ELEMENTS (kinds)];

  for (guint i = 0; i < n_kinds; i++)
    {
      kinds[i].open (&flows[i].link, endpoint, peer);
      contenders[i] = (BenchContender){ kinds[i].name, run, &flows[i] };
    }
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *what = g_strdup_printf ("%s, pieces of %u KiB", direction, sizes[i]);

      for (guint j = 0; j < n_kinds; j++)
        flows[j].size = sizes[i] * 1024;
      bench_compare (bench, what, contenders, n_kinds);
    }
  for (guint i = 0; i < n_kinds; i++)
    bench_link_close (&flows[i].link);
}

int
main (int argc, char **argv)
{
  g_autoptr (Bench) bench = bench_new ("throughput", &argc, &argv);
  int stand_in = bench_start_stand_in (bench);
  BenchEndpoint endpoint;
  int peer;

  bench_endpoint_init_to_guest (&endpoint, bench);
  peer = bench_peer_start (&endpoint);

  bench->unit = "s/MiB";
  bench->n = bench->is_quick ? 4 : 64;
  compare (bench, &endpoint, BENCH_PEER_DRAIN, bench_flow_send, "sent");
  compare (bench, &endpoint, BENCH_PEER_FILL, bench_flow_receive, "received");

  bench_stop (peer);
  if (stand_in != 0)
    bench_stop (stand_in);
  return 0;
}
