/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What hvcat cannot do, it says: URIs that mean nothing to a plugin, and addresses that cannot be
 * reached or listened on. */

#include "hvcat-fixture.h"
#include "tool-case.h"
#include "tool-nobody.h"

#include <glib/gstdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define GUID "00000050-facb-11e6-bd58-64006a7986d3"

static const ToolCase cases[] = {
  /* GLib loses an argument that is empty when it starts a process on Windows. */
  { "/hvcat/uri/empty", "hvcat", { "" }, 2, "''" },
  { "/hvcat/uri/no-path", "hvcat", { "unix://" }, 2, "'unix://'" },
  { "/hvcat/uri/host", "hvcat", { "unix://host/path" }, 2, "'unix://host/path'" },
  { "/hvcat/uri/unknown-query", "hvcat", { "unix:///a?b=c" }, 2, "'unix:///a?b=c'" },
  { "/hvcat/uri/framing/unknown",
    "hvcat",
    { "--framing=x", "unix:///a" },
    2,
    "'unix:///a?framing=x'" },
  { "/hvcat/uri/framing/twice",
    "hvcat",
    { "--framing=shutdown", "unix:///a?framing=shutdown" },
    2,
    "'unix:///a?framing=shutdown&framing=shutdown'" },
  { "/hvcat/uri/buffer-size",
    "hvcat",
    { "--buffer-size=1", "unix:///a" },
    2,
    "'unix:///a?buffer-size=1'" },
  { "/hvcat/uri/control", "hvcat", { "unix:///a\nb" }, 2, "unix:///a" },
  { "/hvcat/uri/to/listen-only",
    "hvcat",
    { "-l", "--to", "vsock://:any", "unix:///a" },
    2,
    "'vsock://:any': the address is for listening only" },

  { "/hvcat/register/guid", "hvcat", { "--register-guid", GUID }, 1, "cannot register '" GUID "'" },
  { "/hvcat/register/alias", "hvcat", { "--register", GUID }, 1, "cannot register '" GUID "'" },
  { "/hvcat/register/uri",
    "hvcat",
    { "--register-guid", "vsock://:80" },
    1,
    "cannot register '" GUID "'" },
  { "/hvcat/register/name",
    "hvcat",
    { "--register-guid", GUID, "name" },
    1,
    "cannot register '" GUID "'" },
};

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
  int fd = socket_bind (fixture->path, SOCK_STREAM);
  g_autoptr (ToolProcess) process = tool_process_new ("hvcat", fixture->uri, NULL);

  tool_process_assert_ends (process, 1, "Connection refused");
  g_assert_nonnull (strstr (process->messages->str, fixture->uri));
  close (fd);
}

static void
test_retry_in_vain (HvcatFixture *fixture, gconstpointer data)
{
  int fd = socket_bind (fixture->path, SOCK_STREAM);
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
  int listener = socket_listen (fixture->path, SOCK_STREAM, 0);
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
  g_autofree char *uri = g_strdup_printf ("unix://%s/none/socket", fixture->folder.path);
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
  g_assert_cmpint (g_chmod (fixture->folder.path, geteuid () == 0 ? 0700 : 0), ==, 0);
  client = start_unprivileged ("-v", fixture->uri);
  second = start_unprivileged ("-l", fixture->uri);
  tool_process_assert_ends (client, 1, "Permission denied");
  tool_process_assert_ends (second, 1, "Permission denied");
  g_assert_cmpint (g_chmod (fixture->folder.path, 0700), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  tool_cases_add (cases, G_N_ELEMENTS (cases));
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
