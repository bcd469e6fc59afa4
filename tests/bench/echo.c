/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Servers under load: messages of 64 bytes that come back, over one, a hundred and ten thousand
 * connections which all have one under way; and connections that send one message only. */

#include "echo-load.h"
#include "echo-servers.h"

#include <string.h>
#include <unistd.h>

typedef struct
{
  BenchEndpoint endpoint;
  int pid;
  EchoLoad *load;
} Server;

static const struct
{
  const char *name;
  void (*serve) (const BenchEndpoint *endpoint, int ready);
} kinds[BENCH_N_ENDPOINTS] = {
  { "plain", echo_server_plain },
  { "hvsock", echo_server_hvsock },
  { "hvsock-splice", echo_server_hvsock_splice },
  { "gio", echo_server_gio },
};

static void
server_start (Server *self, Bench *bench, guint number)
{
  int ready[2];
  char byte;

  bench_endpoint_init_from_guest (&self->endpoint, bench, number);
  if (pipe (ready) != 0)
    bench_fail ("pipe");
  self->pid = bench_fork (BENCH_CPU);
  if (self->pid == 0)
    kinds[number].serve (&self->endpoint, ready[1]);
  close (ready[1]);
  if (read (ready[0], &byte, 1) != 1)
    bench_fail (kinds[number].name);
  close (ready[0]);
  self->load = echo_load_start (&self->endpoint);
}

static void
server_stop (Server *self)
{
  echo_load_stop (self->load);
  bench_stop (self->pid);
}

static void
compare (Bench *bench, Server *servers, guint n_servers, const char *what, BenchRun run)
{
  BenchContender contenders[BENCH_N_ENDPOINTS];

  for (guint i = 0; i < n_servers; i++)
    contenders[i] = (BenchContender){ kinds[i].name, run, servers[i].load };
  bench_compare (bench, what, contenders, n_servers);
}

static void
compare_busy (Bench *bench, Server *servers, guint n_servers, guint n_connections)
{
  g_autofree char *what = g_strdup_printf ("%u busy", n_connections);

  /* Long beside the first and the last of so many. */
  if (n_connections > 100)
    bench->turn = 0.5;
  for (guint i = 0; i < n_servers; i++)
    echo_load_open (servers[i].load, n_connections);
  compare (bench, servers, n_servers, what, echo_load_send);
}

int
main (int argc, char **argv)
{
  g_autoptr (Bench) bench = bench_new ("echo", &argc, &argv);
  const gboolean is_hyperkit = strcmp (bench->transport, "hyperkit") == 0;
  const guint n_servers = bench_has_gio (bench) ? 4 : 3;
  Server servers[BENCH_N_ENDPOINTS];
  int stand_in = bench_start_stand_in (bench);

  for (guint i = 0; i < n_servers; i++)
    server_start (&servers[i], bench, i);

  compare (bench, servers, n_servers, "visits", echo_load_visit);
  compare_busy (bench, servers, n_servers, 1);
  compare_busy (bench, servers, n_servers, 100);
  /* The stand-in has two threads for each connection: it is what would be measured. */
  if (!is_hyperkit)
    compare_busy (bench, servers, n_servers, bench->is_quick ? 1000 : 10000);

  for (guint i = 0; i < n_servers; i++)
    server_stop (&servers[i]);
  if (stand_in != 0)
    bench_stop (stand_in);
  return 0;
}
