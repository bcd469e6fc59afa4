/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvsock-stress against itself, through the stand-ins for hypervisors' devices too, and against an
 * echo that does it wrong. */

#include "hvcat-fixture.h"
#include "stress-echo.h"
#include "tool-case.h"
#include "vm-device.h"

#include <glib/gstdio.h>
#include <signal.h>

static const struct
{
  const char *name;
  const VmDeviceKind *kind; /* NULL where there is no device between */
  const char *uri;          /* what the socket's path, or its folder's, follows */
} transports[] = {
  { "unix", NULL, "unix://" },
  { "framed", NULL, "unix://" },
  { "hyperkit", &vm_hyperkit, "hyperkit://:80" },
  { "firecracker", &vm_firecracker, "vsock-mux://:52" },
};

/* Prints what a Python expression makes of the JSON. */
static char *
query (const ToolProcess *process, const char *expression)
{
  g_autofree char *program =
      g_strdup_printf ("import json, sys\nreport = json.load(sys.stdin)\nprint(%s)", expression);
  const char *const arguments[] = { g_getenv ("PYTHON"), "-c", program, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) python = g_subprocess_newv (
      arguments, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  char *answer = NULL;

  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (python, process->output->str, NULL, &answer, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_successful (python));
  return g_strchomp (answer);
}

static void
assert_query (const ToolProcess *process, const char *expression, const char *expected)
{
  g_autofree char *answer = query (process, expression);

  if (!g_str_equal (answer, expected))
    g_test_message ("%s", process->output->str);
  g_assert_cmpstr (answer, ==, expected);
}

static ToolProcess *
start_server (const char *uri)
{
  ToolProcess *server = tool_process_new ("hvsock-stress", "-v", "--json", "-s", uri, NULL);

  tool_process_wait_for_message (server, "listening on ");
  return server;
}

static void
end_server (ToolProcess *server)
{
  g_subprocess_send_signal (server->process, SIGTERM);
  tool_process_assert_ends (server, 128 + SIGTERM, NULL);
}

/* Pipes aside, of which the library keeps some. */
static guint
count_descriptors (const ToolProcess *process)
{
  g_autofree char *path =
      g_strdup_printf ("/proc/%s/fd", g_subprocess_get_identifier (process->process));
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) folder = g_dir_open (path, 0, &error);
  const char *name;
  guint n = 0;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *entry = g_build_filename (path, name, NULL);
      g_autofree char *target = g_file_read_link (entry, NULL);

      n += target != NULL && !g_str_has_prefix (target, "pipe:");
    }
  return n;
}

/* The server tells of it within a second. */
static guint
count_idle_descriptors (ToolProcess *server)
{
  g_string_truncate (server->messages, 0);
  tool_process_wait_for_message (server, "  0 now");
  return count_descriptors (server);
}

/* The server counts a connection out a moment before all of it is closed. */
static guint
settle_idle_descriptors (ToolProcess *server)
{
  guint before, n = count_idle_descriptors (server);

  do
    {
      before = n;
      n = count_idle_descriptors (server);
    }
  while (n != before);
  return n;
}

/* With this seed the first 64 connections end in all the ways that there are. */
static void
run_client (const char *uri, const char *option, const char *half_closed)
{
  g_autoptr (ToolProcess) client =
      tool_process_new ("hvsock-stress", "--json", "-p", "64", "--seed=1", option, "-c", uri, NULL);

  tool_process_assert_ends (client, 0, NULL);
  g_assert_cmpstr (client->messages->str, ==, "");
  assert_query (client, "report['failure']", "None");
  assert_query (client, "report['connections']['half-closed'] > 0", half_closed);
  assert_query (client, "report['connections']['whole'] > 0", "True");
  assert_query (client, "report['connections']['cancelled'] > 0", "True");
  assert_query (client, "report['connections']['cut-off'] > 0", "True");
  assert_query (client, "report['sent'] >= report['received'] > 0", "True");
  assert_query (client, "0 < report['exchange']['p50'] <= report['exchange']['max']", "True");
  assert_query (client, "report['connect']['p90'] <= report['connect']['p99']", "True");
}

/* The first run leaves to the server what it keeps for any number of connections. */
static void
test_parallel (HvcatFixture *fixture, gconstpointer data)
{
  const guint i = GPOINTER_TO_UINT (data);
  const VmDeviceKind *kind = transports[i].kind;
  const char *location = kind == &vm_hyperkit ? fixture->folder.path : fixture->path;
  const gboolean is_framed = g_str_equal (transports[i].name, "framed");
  g_autofree char *uri =
      g_strconcat (transports[i].uri, location, is_framed ? "?framing=shutdown" : NULL, NULL);
  const char *half_closed = g_str_has_prefix (uri, "vsock-mux:") ? "False" : "True";
  g_autoptr (GError) error = NULL;
  g_autoptr (VmDevice) device =
      kind == NULL ? NULL : vm_device_new (kind, location, 3, NULL, NULL, &error);
  g_autoptr (ToolProcess) server = NULL;
  guint n_descriptors;

  g_assert_no_error (error);
  g_assert_true ((device == NULL) == (kind == NULL));
  server = start_server (uri);
  run_client (uri, "--connections=256", half_closed);
  n_descriptors = settle_idle_descriptors (server);
  run_client (uri, "--seconds=2", half_closed);
  while (count_idle_descriptors (server) != n_descriptors)
    g_test_message ("%u descriptors, not %u yet", count_descriptors (server), n_descriptors);
  end_server (server);
  assert_query (server, "report['accepted'] > 256 and report['echoed'] > 0", "True");
  assert_query (server, "report['uri']", uri);
}

static GPtrArray *
listen_to (HvcatFixture *fixture, const char *seed)
{
  StressEcho *echo = stress_echo_new (fixture->path, STRESS_ECHO_RIGHT);
  g_autoptr (ToolProcess) client =
      tool_process_new ("hvsock-stress", "-i", "50", "-l", "20000", seed, "-c", fixture->uri, NULL);

  tool_process_assert_ends (client, 0, NULL);
  g_assert_no_errno (g_unlink (fixture->path));
  return stress_echo_end (echo);
}

/* Of the connections that are cut, only the beginning is sure to be sent. */
static void
test_seed (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) first = listen_to (fixture, "--seed=1");
  g_autoptr (GPtrArray) again = listen_to (fixture, "--seed=1");
  g_autoptr (GPtrArray) other = listen_to (fixture, "--seed=2");
  guint n_same = 0, n_same_as_other = 0;

  g_assert_cmpuint (first->len, ==, 50);
  g_assert_cmpuint (again->len, ==, 50);
  g_assert_cmpuint (other->len, ==, 50);
  for (guint i = 0; i < first->len; i++)
    {
      const GByteArray *heard[] = { first->pdata[i], again->pdata[i], other->pdata[i] };
      const guint shared = MIN (heard[0]->len, heard[1]->len);

      g_assert_cmpmem (heard[0]->data, shared, heard[1]->data, shared);
      n_same += heard[0]->len == heard[1]->len;
      n_same_as_other += heard[0]->len == heard[2]->len;
    }
  g_assert_cmpuint (n_same, >=, 25);
  g_assert_cmpuint (n_same_as_other, <=, 5);
}

static const struct
{
  const char *name;
  StressEchoFault fault;
  const char *message;
} faults[] = {
  { "flipped", STRESS_ECHO_FLIPS, ": byte 1000 of " },
  { "added", STRESS_ECHO_ADDS, ": more came from '" },
  { "ended", STRESS_ECHO_ENDS, " ended it after 1000 of " },
};

static char *
fail (HvcatFixture *fixture, StressEchoFault fault)
{
  StressEcho *echo = stress_echo_new (fixture->path, fault);
  g_autoptr (ToolProcess) client = tool_process_new ("hvsock-stress", "--json", "-l", "100000",
                                                     "--seed=7", "-c", fixture->uri, NULL);

  tool_process_assert_ends (client, 1, ": repeat it with --seed 7\n");
  g_assert_no_errno (g_unlink (fixture->path));
  g_ptr_array_unref (stress_echo_end (echo));
  return query (client, "report['failure']");
}

static void
test_fault (HvcatFixture *fixture, gconstpointer data)
{
  const guint i = GPOINTER_TO_UINT (data);
  g_autofree char *failure = fail (fixture, faults[i].fault);
  g_autofree char *again = fail (fixture, faults[i].fault);

  g_assert_nonnull (strstr (failure, faults[i].message));
  g_assert_true (g_str_has_prefix (failure, "connection "));
  g_assert_cmpstr (again, ==, failure);
}

/* The others are stopped then. */
static void
test_fault_in_parallel (HvcatFixture *fixture, gconstpointer data)
{
  StressEcho *echo = stress_echo_new (fixture->path, STRESS_ECHO_FLIPS);
  g_autoptr (ToolProcess) client =
      tool_process_new ("hvsock-stress", "-p", "8", "--seconds=60", "-c", fixture->uri, NULL);

  tool_process_assert_ends (client, 1, ": byte 1000 of ");
  g_assert_nonnull (strstr (client->output->str, "\nseed "));
  g_assert_no_errno (g_unlink (fixture->path));
  g_ptr_array_unref (stress_echo_end (echo));
}

static void
test_interrupt (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) server = start_server (fixture->uri);
  g_autoptr (ToolProcess) client =
      tool_process_new ("hvsock-stress", "-v", "-p", "8", "--seconds=60", "-c", fixture->uri, NULL);

  tool_process_wait_for_message (client, " MB/s  connect ");
  g_subprocess_send_signal (client->process, SIGINT);
  tool_process_assert_ends (client, 128 + SIGINT, NULL);
  g_assert_true (g_str_has_prefix (client->output->str, "connections "));
  end_server (server);
}

/* What is opened on the way does not become standard output. */
static void
test_closed_output (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *path = tool_path ("hvsock-stress");
  const char *const arguments[] = { "sh", "-c", "exec \"$@\" >&-", "sh", path, "-i",
                                    "1",  "-c", fixture->uri,      NULL };
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                 G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (ToolProcess) server = start_server (fixture->uri);
  g_autoptr (ToolProcess) client = tool_process_start (launcher, arguments);

  tool_process_assert_ends (client, 1, "cannot write to standard output: Bad file descriptor");
  end_server (server);
}

static void
test_server_time (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) server =
      tool_process_new ("hvsock-stress", "--seconds=1", "-s", fixture->uri, NULL);

  tool_process_assert_ends (server, 0, NULL);
  g_assert_cmpstr (server->messages->str, ==, "");
  g_assert_true (g_str_has_prefix (server->output->str, "connections 0 in "));
  hvcat_fixture_assert_removed (fixture);
}

static const struct
{
  const char *option;
  const char *uri;
  const char *completed;
} ports[] = {
  { "-c", "vsock://3?a=b", "'vsock://3:22099?a=b'" },
  { "-s", "VSOCK://?a=b", "'VSOCK://:22099?a=b'" },
  { "-c", "vsock://3:4?a=b", "'vsock://3:4?a=b'" },
};

/* With an unknown parameter, nobody can be reached. */
static void
test_default_port (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ports); i++)
    {
      g_autoptr (ToolProcess) process =
          tool_process_new ("hvsock-stress", ports[i].option, ports[i].uri, NULL);

      g_assert_cmpint (tool_process_wait (process), !=, 0);
      g_assert_nonnull (strstr (process->messages->str, ports[i].completed));
    }
}

static const ToolCase cases[] = {
  { "/hvsock-stress/refused",
    "hvsock-stress",
    { "-c", "unix:///nonexistent/socket" },
    1,
    "cannot connect to 'unix:///nonexistent/socket'" },
  { "/hvsock-stress/cannot-listen",
    "hvsock-stress",
    { "-s", "unix:///nonexistent/socket" },
    1,
    "cannot listen on 'unix:///nonexistent/socket'" },
};

static void
add (const char *group, const char *name, guint i, HvcatTest test)
{
  g_autofree char *path = g_strdup_printf ("/hvsock-stress/%s/%s", group, name);

  hvcat_fixture_add (path, GUINT_TO_POINTER (i), test);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (transports); i++)
    add ("parallel", transports[i].name, i, test_parallel);
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    add ("fault", faults[i].name, i, test_fault);
  hvcat_fixture_add ("/hvsock-stress/fault/in-parallel", NULL, test_fault_in_parallel);
  hvcat_fixture_add ("/hvsock-stress/seed", NULL, test_seed);
  hvcat_fixture_add ("/hvsock-stress/interrupt", NULL, test_interrupt);
  hvcat_fixture_add ("/hvsock-stress/closed-output", NULL, test_closed_output);
  hvcat_fixture_add ("/hvsock-stress/server/time", NULL, test_server_time);
  g_test_add_func ("/hvsock-stress/default-port", test_default_port);
  tool_cases_add (cases, G_N_ELEMENTS (cases));
  return g_test_run ();
}
