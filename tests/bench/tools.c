/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat and programs that do the same, with bulk data: from a file, from a pipe, and to /dev/null.
 * A turn is one run of the program, its start included. */

#include "tool-run.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MEBIBYTE (1024u * 1024u)
#define N_TOOLS  4

/* What is in @ stands for the endpoint. Each tool is told what spares it work: that the other
 * direction is not used. */
static const struct
{
  const char *name;
  const char *transport;
  const char *sender;
  const char *receiver;
} tools[] = {
  { "hvcat", "unix", HVCAT " @URI@", HVCAT " @URI@" },
  { "socat", "unix", "socat -u - UNIX-CONNECT:@PATH@", "socat -u UNIX-CONNECT:@PATH@ -" },
  { "socat -b 262144", "unix", "socat -b 262144 -u - UNIX-CONNECT:@PATH@",
    "socat -b 262144 -u UNIX-CONNECT:@PATH@ -" },
  { "ncat", "unix", "ncat -U --send-only @PATH@", "ncat -U --recv-only @PATH@" },

  { "hvcat", "vsock", HVCAT " @URI@", HVCAT " @URI@" },
  { "socat", "vsock", "socat -u - VSOCK-CONNECT:@CID@:@PORT@",
    "socat -u VSOCK-CONNECT:@CID@:@PORT@ -" },
  { "socat -b 262144", "vsock", "socat -b 262144 -u - VSOCK-CONNECT:@CID@:@PORT@",
    "socat -b 262144 -u VSOCK-CONNECT:@CID@:@PORT@ -" },
  { "ncat", "vsock", "ncat --vsock --send-only @CID@ @PORT@",
    "ncat --vsock --recv-only @CID@ @PORT@" },
};

static void
replace_port (GString *text, const BenchEndpoint *endpoint)
{
  const char *port = strrchr (endpoint->uri, ':') + 1;

  g_string_replace (text, "@CID@", "1", 0);
  g_string_replace (text, "@PORT@", port, 0);
}

static void
replace_path (GString *text, const BenchEndpoint *endpoint)
{
  g_string_replace (text, "@PATH@", endpoint->uri + strlen ("unix://"), 0);
}

/* %NULL where the program is not installed. */
static GStrv
make_command (Bench *bench, const char *template, const BenchEndpoint *endpoint)
{
  GStrv words = g_strsplit (template, " ", -1);
  char *program = g_find_program_in_path (words[0]);

  if (program == NULL)
    {
      g_strfreev (words);
      return NULL;
    }
  g_free (words[0]);
  words[0] = program;

  for (guint i = 1; words[i] != NULL; i++)
    {
      GString *word = g_string_new (words[i]);

      if (strcmp (bench->transport, "unix") == 0)
        replace_path (word, endpoint);
      else
        replace_port (word, endpoint);
      g_string_replace (word, "@URI@", endpoint->uri, 0);
      g_free (words[i]);
      words[i] = g_string_free (word, FALSE);
    }
  return words;
}

/* Written to, so that it has pages of its own: holes would all be one page, which stays in the
 * processor's cache. */
static int
make_file (guint n)
{
  g_autofree char *mebibyte = g_malloc (MEBIBYTE);
  int fd = memfd_create ("data", MFD_CLOEXEC);

  if (fd < 0)
    bench_fail ("memfd_create");
  memset (mebibyte, 'x', MEBIBYTE);
  for (guint i = 0; i < n; i++)
    {
      if (write (fd, mebibyte, MEBIBYTE) != MEBIBYTE)
        bench_fail ("write");
    }
  return fd;
}

static guint
init_runs (ToolRun *runs, const char **names, Bench *bench, const BenchEndpoint *endpoint)
{
  const int listener = bench_plain_listen (endpoint);
  const int file = make_file (bench->n);
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (tools); i++)
    {
      if (strcmp (tools[i].transport, bench->transport) != 0)
        continue;

      names[n] = tools[i].name;
      runs[n] = (ToolRun){
        .listener = listener,
        .file = file,
        .sender = make_command (bench, tools[i].sender, endpoint),
        .receiver = make_command (bench, tools[i].receiver, endpoint),
      };
      if (runs[n].sender != NULL)
        n++;
      else
        g_printerr ("%s is left out: it is not installed\n", tools[i].name);
    }
  return n;
}

static void
compare (Bench *bench,
         ToolRun *runs,
         const char **names,
         guint n_runs,
         const char *what,
         BenchRun run)
{
  BenchContender contenders[N_TOOLS];

  for (guint i = 0; i < n_runs; i++)
    contenders[i] = (BenchContender){ names[i], run, &runs[i], NULL, tool_run_end };
  bench_compare (bench, what, contenders, n_runs);
}

int
main (int argc, char **argv)
{
  g_autoptr (Bench) bench = bench_new ("tools", &argc, &argv);
  BenchEndpoint endpoint;
  ToolRun runs[N_TOOLS];
  const char *names[N_TOOLS];
  guint n_runs;

  bench->unit = "s/MiB";
  bench->n = bench->is_quick ? 64 : 1024;
  /* The guest is emulated: this is long enough there. */
  if (strcmp (bench->transport, "vsock") == 0)
    bench->n = bench->is_quick ? 8 : 32;
  bench_endpoint_init_to_guest (&endpoint, bench);
  n_runs = init_runs (runs, names, bench, &endpoint);
  if (n_runs == 0)
    g_error ("none of the programs speaks %s", bench->transport);

  compare (bench, runs, names, n_runs, "file, sent", tool_run_send_file);
  compare (bench, runs, names, n_runs, "pipe, sent", tool_run_send_pipe);
  compare (bench, runs, names, n_runs, "received", tool_run_receive);

  for (guint i = 0; i < n_runs; i++)
    {
      g_strfreev (runs[i].sender);
      g_strfreev (runs[i].receiver);
    }
  return 0;
}
