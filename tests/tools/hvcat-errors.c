/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What hvcat cannot do, it says: wrong options, URIs that mean nothing, and addresses that cannot
 * be reached or listened on. */

#include "hvcat-fixture.h"
#include "tool-nobody.h"

#include <glib/gstdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define GUID "00000050-facb-11e6-bd58-64006a7986d3"

typedef struct
{
  const char *path;
  const char *arguments[6];
  int status;
  const char *message;
} Case;

static const Case cases[] = {
  { "/hvcat/usage/no-uri", { NULL }, 2, "hvcat: no URI was given" },
  { "/hvcat/usage/two-uris", { "unix:///a", "unix:///b" }, 2, "only one URI is taken" },
  { "/hvcat/usage/unknown-option", { "--nonsense", "unix:///a" }, 2, "--nonsense" },
  { "/hvcat/usage/unknown-letter", { "-x", "unix:///a" }, 2, "-x" },
  { "/hvcat/usage/keep-open-alone", { "-k", "unix:///a" }, 2, "--listen" },
  { "/hvcat/usage/retry-listening", { "--retry", "-l", "unix:///a" }, 2, "--retry" },
  { "/hvcat/usage/to-alone", { "--to", "unix:///b", "unix:///a" }, 2, "--listen" },
  { "/hvcat/usage/to-and-echo", { "-l", "--echo", "--to", "unix:///b", "unix:///a" }, 2, "--to" },
  { "/hvcat/usage/quit-after/word", { "-q", "soon", "unix:///a" }, 2, "'soon'" },
  { "/hvcat/usage/timeout/word", { "-w", "soon", "unix:///a" }, 2, "'soon'" },
  { "/hvcat/usage/timeout/negative", { "-w", "-1", "unix:///a" }, 2, "'-1'" },
  { "/hvcat/usage/timeout/empty", { "--timeout=", "unix:///a" }, 2, "''" },
  { "/hvcat/usage/timeout/unit", { "-w", "10s", "unix:///a" }, 2, "'10s'" },
  { "/hvcat/usage/timeout/large", { "-w", "4294967296", "unix:///a" }, 2, "'4294967296'" },
  { "/hvcat/usage/timeout/missing", { "unix:///a", "-w" }, 2, "-w" },

  { "/hvcat/uri/empty", { "" }, 2, "''" },
  { "/hvcat/uri/word", { "nonsense" }, 2, "'nonsense'" },
  { "/hvcat/uri/no-scheme", { "://x" }, 2, "'://x'" },
  { "/hvcat/uri/no-path", { "unix://" }, 2, "'unix://'" },
  { "/hvcat/uri/host", { "unix://host/path" }, 2, "'unix://host/path'" },
  { "/hvcat/uri/unknown-query", { "unix:///a?b=c" }, 2, "'unix:///a?b=c'" },
  { "/hvcat/uri/control", { "unix:///a\nb" }, 2, "unix:///a" },
  { "/hvcat/uri/listen/word", { "-l", "nonsense" }, 2, "'nonsense'" },
  { "/hvcat/uri/to/word", { "-l", "--to", "nonsense", "unix:///a" }, 2, "'nonsense'" },
  { "/hvcat/uri/to/tcp-no-port",
    { "-l", "--to", "tcp://host", "unix:///a" },
    2,
    "tcp://HOST:PORT" },
  { "/hvcat/uri/to/tcp-any",
    { "-l", "--to", "tcp://:80", "unix:///a" },
    2,
    "'tcp://:80': the address is for listening only" },
  { "/hvcat/uri/to/listen-only",
    { "-l", "--to", "vsock://:any", "unix:///a" },
    2,
    "'vsock://:any': the address is for listening only" },
  { "/hvcat/uri/to/unknown-scheme", { "-l", "--to", "gopher://x/y", "unix:///a" }, 1, "gopher" },
  { "/hvcat/uri/tcp/any", { "tcp://:80" }, 2, "the address is for listening only" },
  { "/hvcat/uri/tcp/upper-case", { "TCP://host" }, 2, "tcp://HOST:PORT" },
  { "/hvcat/uri/tcp/no-port", { "tcp://host" }, 2, "tcp://HOST:PORT" },
  { "/hvcat/uri/tcp/path", { "tcp://host:80/path" }, 2, "tcp://HOST:PORT" },
  { "/hvcat/uri/tcp/large-port", { "tcp://host:65536" }, 2, "tcp://HOST:PORT" },
  { "/hvcat/uri/tcp/query", { "tcp://host:80?a=b" }, 2, "tcp://HOST:PORT" },
  { "/hvcat/uri/unknown-scheme", { "gopher://x/y" }, 1, "gopher" },
  { "/hvcat/uri/listen/unknown-scheme", { "-l", "gopher://x/y" }, 1, "gopher" },

  { "/hvcat/register/guid", { "--register-guid", GUID }, 1, "cannot register '" GUID "'" },
  { "/hvcat/register/alias", { "--register", GUID }, 1, "cannot register '" GUID "'" },
  { "/hvcat/register/malformed", { "--register-guid", "80" }, 2, "'80'" },
  { "/hvcat/register/missing", { "--register-guid" }, 2, "--register-guid" },
};

static void
test_case (gconstpointer data)
{
  const Case *test = data;
  g_autoptr (ToolProcess) process =
      tool_process_new ("hvcat", test->arguments[0], test->arguments[1], test->arguments[2],
                        test->arguments[3], test->arguments[4], NULL);

  tool_process_assert_ends (process, test->status, test->message);
  g_assert_true (g_str_has_prefix (process->messages->str, "hvcat: "));
  g_assert_cmpuint (process->output->len, ==, 0);
}

static void
test_version (void)
{
  g_autoptr (ToolProcess) process = tool_process_new ("hvcat", "--version", NULL);

  tool_process_assert_ends (process, 0, NULL);
  g_assert_true (g_str_has_prefix (process->output->str, "hvcat (libhvsock) "));
}

static void
test_nobody_listens (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) process = tool_process_new ("hvcat", fixture->uri, NULL);

  tool_process_assert_ends (process, 1, "No such file or directory");
  g_assert_nonnull (strstr (process->messages->str, fixture->uri));
}

static void
test_refused (HvcatFixture *fixture, gconstpointer data)
{
  int fd = raw_listen (fixture->path, -1);
  g_autoptr (ToolProcess) process = tool_process_new ("hvcat", fixture->uri, NULL);

  tool_process_assert_ends (process, 1, "Connection refused");
  g_assert_nonnull (strstr (process->messages->str, fixture->uri));
  close (fd);
}

static void
test_retry_in_vain (HvcatFixture *fixture, gconstpointer data)
{
  int fd = raw_listen (fixture->path, -1);
  gint64 start = g_get_monotonic_time ();
  g_autoptr (ToolProcess) process =
      tool_process_new ("hvcat", "--retry", "-w", "250", fixture->uri, NULL);

  tool_process_assert_ends (process, 1, fixture->uri);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 250 * G_TIME_SPAN_MILLISECOND);
  close (fd);
}

/* The one who waits is there first: it says nothing until somebody listens. */
static void
test_retry (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = random_bytes (1000, 1);
  g_autoptr (ToolProcess) client =
      tool_process_new ("hvcat", "--retry", "-w", "0", fixture->uri, NULL);
  g_autoptr (ToolProcess) probe = tool_process_new ("hvcat", fixture->uri, NULL);
  g_autoptr (ToolProcess) server = NULL;

  tool_process_assert_ends (probe, 1, NULL);
  server = hvcat_fixture_listen (fixture, "--echo");
  tool_process_feed (client, bytes);
  tool_process_assert_ends (client, 0, NULL);
  tool_process_assert_ends (server, 0, NULL);
  tool_process_assert_output (client, bytes);
}

static void
test_connect_timeout (HvcatFixture *fixture, gconstpointer data)
{
  int listener = raw_listen (fixture->path, 0);
  int waiting = raw_connect (fixture->path);
  g_autoptr (ToolProcess) process = tool_process_new ("hvcat", "-w", "100", fixture->uri, NULL);

  tool_process_assert_ends (process, 1, fixture->uri);
  close (waiting);
  close (listener);
}

static void
test_listen_timeout (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) process =
      tool_process_new ("hvcat", "-l", "-w", "100", fixture->uri, NULL);

  tool_process_assert_ends (process, 1, "within 100 ms");
  hvcat_fixture_assert_removed (fixture);
}

/* The deadline is for the first connection, not for how long it lasts. */
static void
test_listen_timeout_met (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) server =
      tool_process_new ("hvcat", "-lv", "-w", "20000", fixture->uri, NULL);
  g_autoptr (ToolProcess) client = NULL;

  tool_process_wait_for_message (server, "listening on ");
  client = tool_process_new ("hvcat", fixture->uri, NULL);
  tool_process_end_input (client);
  tool_process_end_input (server);
  tool_process_assert_ends (server, 0, NULL);
}

static void
test_no_folder (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *uri = g_strdup_printf ("unix://%s/none/socket", fixture->folder);
  g_autoptr (ToolProcess) client = tool_process_new ("hvcat", uri, NULL);
  g_autoptr (ToolProcess) server = tool_process_new ("hvcat", "-l", uri, NULL);

  tool_process_assert_ends (client, 1, "No such file or directory");
  tool_process_assert_ends (server, 1, "No such file or directory");
  g_assert_nonnull (strstr (server->messages->str, uri));
}

static void
test_in_use (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) first = hvcat_fixture_listen (fixture, "--echo");
  g_autoptr (ToolProcess) second = tool_process_new ("hvcat", "-l", fixture->uri, NULL);
  g_autoptr (GBytes) bytes = random_bytes (1000, 2);
  g_autoptr (ToolProcess) client = NULL;

  tool_process_assert_ends (second, 1, "Address already in use");
  client = tool_process_new ("hvcat", fixture->uri, NULL);
  tool_process_feed (client, bytes);
  tool_process_assert_ends (client, 0, NULL);
  tool_process_assert_ends (first, 0, NULL);
  tool_process_assert_output (client, bytes);
}

static void
test_not_a_socket (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ToolProcess) server = NULL;
  g_autofree char *contents = NULL;

  g_file_set_contents (fixture->path, "precious", -1, &error);
  g_assert_no_error (error);
  server = tool_process_new ("hvcat", "-l", fixture->uri, NULL);
  tool_process_assert_ends (server, 1, fixture->uri);
  g_file_get_contents (fixture->path, &contents, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (contents, ==, "precious");
}

static void
become_nobody_cb (gpointer data)
{
  if (!tool_nobody_become ())
    _exit (127);
}

static ToolProcess *
start_unprivileged (const char *option, const char *uri)
{
  g_autofree char *path = tool_path ("hvcat");
  const char *const arguments[] = { path, option, uri, NULL };
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);

  g_subprocess_launcher_set_child_setup (launcher, become_nobody_cb, NULL, NULL);
  return tool_process_start (launcher, arguments);
}

static void
test_no_permission (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) server = NULL;
  g_autoptr (ToolProcess) client = NULL;
  g_autoptr (ToolProcess) second = NULL;

  if (!tool_nobody_is_possible ())
    return;
  server = hvcat_fixture_listen (fixture, NULL);
  g_assert_cmpint (g_chmod (fixture->folder, geteuid () == 0 ? 0700 : 0), ==, 0);
  client = start_unprivileged ("-v", fixture->uri);
  second = start_unprivileged ("-l", fixture->uri);
  tool_process_assert_ends (client, 1, "Permission denied");
  tool_process_assert_ends (second, 1, "Permission denied");
  g_assert_cmpint (g_chmod (fixture->folder, 0700), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add_data_func (cases[i].path, &cases[i], test_case);
  g_test_add_func ("/hvcat/version", test_version);
  hvcat_fixture_add ("/hvcat/connect/nobody-listens", NULL, test_nobody_listens);
  hvcat_fixture_add ("/hvcat/connect/refused", NULL, test_refused);
  hvcat_fixture_add ("/hvcat/connect/timeout", NULL, test_connect_timeout);
  hvcat_fixture_add ("/hvcat/connect/retry", NULL, test_retry);
  hvcat_fixture_add ("/hvcat/connect/retry-in-vain", NULL, test_retry_in_vain);
  hvcat_fixture_add ("/hvcat/listen/timeout", NULL, test_listen_timeout);
  hvcat_fixture_add ("/hvcat/listen/timeout-met", NULL, test_listen_timeout_met);
  hvcat_fixture_add ("/hvcat/listen/in-use", NULL, test_in_use);
  hvcat_fixture_add ("/hvcat/listen/not-a-socket", NULL, test_not_a_socket);
  hvcat_fixture_add ("/hvcat/no-folder", NULL, test_no_folder);
  hvcat_fixture_add ("/hvcat/no-permission", NULL, test_no_permission);
  return g_test_run ();
}
