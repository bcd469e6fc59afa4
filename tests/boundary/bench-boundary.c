/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the library costs where a hypervisor is on the way: its streams at the host's end against
 * plain C there, with the same plain C in the guest. */

#include "boundary.h"

#include "../bench/bench-flow.h"
#include "../bench/bench-peer.h"

#include <stdlib.h>

/* What Meson takes for "skipped". */
#define EXIT_SKIPPED 77

static void
open_plain (BenchLink *self, const BenchEndpoint *endpoint, char peer)
{
  *self = (BenchLink){ .fd = boundary_backend.connect_plainly (WIRE_AGENT_PORT) };
  if (self->fd < 0)
    bench_fail ("connect");
  bench_link_send (self, &peer, 1);
}

static void
compare (Bench *bench,
         const BenchEndpoint *endpoint,
         char peer,
         BenchRun run,
         const char *what,
         gsize size)
{
  BenchFlow plain = { .size = size };
  BenchFlow hvsock = { .size = size };
  const BenchContender contenders[] = {
    { "plain", run, &plain },
    { "hvsock", run, &hvsock },
  };

  open_plain (&plain.link, endpoint, peer);
  bench_link_open_hvsock (&hvsock.link, endpoint, peer);
  bench_compare (bench, what, contenders, G_N_ELEMENTS (contenders));
  bench_link_close (&plain.link);
  bench_link_close (&hvsock.link);
}

static void
compare_all (Bench *bench, const BenchEndpoint *endpoint)
{
  bench->turn = 0.5; /* the guest is emulated on most machines */
  compare (bench, endpoint, BENCH_PEER_ECHO, bench_flow_echo, "64 B", 64);

  bench->unit = "s/MiB";
  bench->n = bench->is_quick ? 2 : 8;
  compare (bench, endpoint, BENCH_PEER_DRAIN, bench_flow_send, "sent, pieces of 4 KiB", 4096);
  compare (bench, endpoint, BENCH_PEER_DRAIN, bench_flow_send, "sent, pieces of 64 KiB", 65536);
  compare (bench, endpoint, BENCH_PEER_FILL, bench_flow_receive, "received, pieces of 4 KiB", 4096);
  compare (bench, endpoint, BENCH_PEER_FILL, bench_flow_receive, "received, pieces of 64 KiB",
           65536);
}

int
main (int argc, char **argv)
{
  const char *obstacle = boundary_backend.get_obstacle ();
  g_autofree char *uri = NULL;
  BenchEndpoint endpoint = { 0 };

  if (obstacle != NULL)
    {
      g_printerr ("%s\n", obstacle);
      return EXIT_SKIPPED;
    }

  /* Before this process is bound to a processor, to which the guest would be bound then. */
  boundary_guest_need ();
  uri = boundary_backend.get_connect_uri (WIRE_AGENT_PORT);
  g_strlcpy (endpoint.uri, uri, sizeof endpoint.uri);
  {
    g_autoptr (Bench) bench = bench_new ("boundary", &argc, &argv);

    g_free (bench->transport);
    bench->transport = g_strdup (boundary_backend.name);
    compare_all (bench, &endpoint);
  }
  boundary_guest_stop ();
  return EXIT_SUCCESS;
}
