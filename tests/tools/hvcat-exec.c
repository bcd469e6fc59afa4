/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat --exec: a command at the end of a connection. Whatever the command does or leaves, and
 * whatever the peer does meanwhile, it must neither hang nor hold up others. */

#include "hvcat-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Returns when hvcat listens. OPTION may be NULL. */
static ToolProcess *
start_server (HvcatFixture *fixture, const char *command, const char *option)
{
  ToolProcess *process =
      tool_process_new ("hvcat", "-lv", "--exec", command, fixture->uri, option, NULL);

  tool_process_wait_for_message (process, "listening on ");
  return process;
}

/* Up to the end. */
static char *
read_all (int fd)
{
  g_autoptr (GString) text = g_string_new (NULL);
  char buffer[4096];
  gssize n;

  while ((n = read (fd, buffer, sizeof buffer)) > 0)
    g_string_append_len (text, buffer, n);
  g_assert_cmpint (n, ==, 0);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
test_accepted (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) server = start_server (fixture, "tr a-z A-Z", NULL);
  int client = raw_connect (fixture->path);
  g_autofree char *answer = NULL;

  raw_write (client, "hello");
  g_assert_cmpint (shutdown (client, SHUT_WR), ==, 0);
  answer = read_all (client);
  g_assert_cmpstr (answer, ==, "HELLO");
  close (client);
  tool_process_assert_ends (server, 0, "the command ended with status 0\n");
  g_assert_nonnull (strstr (server->messages->str, "sent 5 bytes, received 5 bytes\n"));
  hvcat_fixture_assert_removed (fixture);
}

static void
test_made (HvcatFixture *fixture, gconstpointer data)
{
  int listener = socket_listen (fixture->path, SOCK_STREAM, 1);
  g_autoptr (ToolProcess) client =
      tool_process_new ("hvcat", "-v", "--exec", "cat; echo over >&2", fixture->uri, NULL);
  int peer = raw_accept (listener);
  g_autofree char *answer = NULL;

  raw_write (peer, "hello");
  g_assert_cmpint (shutdown (peer, SHUT_WR), ==, 0);
  answer = read_all (peer);
  g_assert_cmpstr (answer, ==, "hello");
  tool_process_assert_ends (client, 0, "over\n");
  close (peer);
  close (listener);
}

/* By a transport that has no descriptor to give to the command as well. */
static void
test_much (HvcatFixture *fixture, gconstpointer option)
{
  g_autofree char *uri = g_strconcat (fixture->uri, option, NULL);
  g_autoptr (GBytes) bytes = random_bytes (3000001, 1);
  g_autoptr (ToolProcess) server = tool_process_new ("hvcat", "-lv", "--exec", "cat", uri, NULL);
  g_autoptr (ToolProcess) client = NULL;

  tool_process_wait_for_message (server, "listening on ");
  client = tool_process_new ("hvcat", uri, NULL);
  tool_process_feed (client, bytes);
  tool_process_assert_ends (client, 0, NULL);
  tool_process_assert_ends (server, 0, NULL);
  tool_process_assert_output (client, bytes);
}

static ToolProcess *
start_with_variables (const char *option, const char *command, const char *uri)
{
  g_autofree char *path = tool_path ("hvcat");
  const char *const arguments[] = { path, option, "--exec", command, uri, NULL };
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_PIPE);

  g_subprocess_launcher_setenv (launcher, "HVSOCK_REMOTE_ADDRESS", "forged", TRUE);
  g_subprocess_launcher_setenv (launcher, "LISTEN_FDS", "1", TRUE);
  g_subprocess_launcher_setenv (launcher, "LISTEN_PID", "1", TRUE);
  g_subprocess_launcher_setenv (launcher, "NOTIFY_SOCKET", "/nowhere", TRUE);
  return tool_process_start (launcher, arguments);
}

/* A command is bytes, whatever the locale takes them for. */
static void
test_locale (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *path = tool_path ("hvcat");
  const char *const arguments[] = { path, "-lv", "--exec", "echo \303\251", fixture->uri, NULL };
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (ToolProcess) server = NULL;
  g_autofree char *answer = NULL;
  int client;

  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C", TRUE);
  server = tool_process_start (launcher, arguments);
  tool_process_wait_for_message (server, "listening on ");
  client = raw_connect (fixture->path);
  answer = read_all (client);
  g_assert_cmpstr (answer, ==, "\303\251\n");
  close (client);
  tool_process_assert_ends (server, 0, NULL);
}

#define TELL_VARIABLES                                                                             \
  "echo \"${HVSOCK_LOCAL_ADDRESS-none} ${HVSOCK_REMOTE_ADDRESS-none}"                              \
  "$LISTEN_FDS$LISTEN_PID$NOTIFY_SOCKET\""

static void
test_variables_of_accepted (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *expected = g_strdup_printf ("%s none\n", fixture->uri);
  g_autoptr (ToolProcess) server = start_with_variables ("-lv", TELL_VARIABLES, fixture->uri);
  g_autofree char *answer = NULL;
  int client;

  tool_process_wait_for_message (server, "listening on ");
  client = raw_connect (fixture->path);
  answer = read_all (client);
  g_assert_cmpstr (answer, ==, expected);
  close (client);
  tool_process_assert_ends (server, 0, NULL);
}

static void
test_variables_of_made (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *expected = g_strdup_printf ("none %s\n", fixture->uri);
  int listener = socket_listen (fixture->path, SOCK_STREAM, 1);
  g_autoptr (ToolProcess) client = start_with_variables ("-v", TELL_VARIABLES, fixture->uri);
  int peer = raw_accept (listener);
  g_autofree char *answer = read_all (peer);

  g_assert_cmpstr (answer, ==, expected);
  close (peer);
  close (listener);
  tool_process_assert_ends (client, 0, NULL);
}

typedef struct
{
  const char *path;
  const char *command;
  const char *message;
} StatusCase;

static const StatusCase status_cases[] = {
  { "/hvcat/exec/status", "exit 3", "hvcat: the command ended with status 3\n" },
  { "/hvcat/exec/signal", "kill -9 $$", "hvcat: the command was ended by signal 9\n" },
  { "/hvcat/exec/missing", "/nonexistent/program", "hvcat: the command ended with status 127\n" },
};

/* The peer has neither said all nor closed. */
static void
test_status (HvcatFixture *fixture, gconstpointer data)
{
  const StatusCase *test = data;
  g_autoptr (ToolProcess) server = start_server (fixture, test->command, NULL);
  int client = raw_connect (fixture->path);
  g_autofree char *answer = read_all (client);

  g_assert_cmpstr (answer, ==, "");
  tool_process_assert_ends (server, 1, test->message);
  close (client);
}

/* Nobody is left to read what the peer may still send, so it does not keep the connection. */
static void
test_ends_first (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) server = start_server (fixture, "echo hello", NULL);
  int client = raw_connect (fixture->path);
  g_autofree char *answer = read_all (client);

  g_assert_cmpstr (answer, ==, "hello\n");
  tool_process_assert_ends (server, 0, NULL);
  close (client);
}

/* What commands wait for: a line from a FIFO each. */
typedef struct
{
  char *path;
  int fd;
} Gate;

/* A reader that comes late finds what was written. */
static void
gate_init (Gate *self, HvcatFixture *fixture)
{
  self->path = g_build_filename (fixture->folder.path, "gate", NULL);
  g_assert_cmpint (mkfifo (self->path, 0600), ==, 0);
  self->fd = open (self->path, O_RDWR | O_CLOEXEC);
  g_assert_cmpint (self->fd, >=, 0);
}

static void
gate_open (Gate *self)
{
  raw_write (self->fd, "\n");
}

static void
gate_clear (Gate *self)
{
  g_unlink (self->path);
  g_free (self->path);
  close (self->fd);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Gate, gate_clear)

/* More than pipes and sockets hold. */
static void
fill (int fd)
{
  static const char zeros[65536];
  gssize n;

  while ((n = send (fd, zeros, sizeof zeros, MSG_DONTWAIT | MSG_NOSIGNAL)) > 0)
    ;
  g_assert_cmpint (n, ==, -1);
  g_assert_cmpint (errno, ==, EAGAIN);
}

/* What one command does not read holds up nobody else. */
static void
test_does_not_read (HvcatFixture *fixture, gconstpointer data)
{
  g_auto (Gate) gate = { 0 };
  g_autofree char *command = NULL;
  g_autoptr (ToolProcess) server = NULL;
  int first, second;

  gate_init (&gate, fixture);
  command = g_strdup_printf ("echo started; read line <'%s'", gate.path);
  server = start_server (fixture, command, "-k");
  first = raw_connect (fixture->path);
  raw_expect (first, "started\n");
  fill (first);
  second = raw_connect (fixture->path);
  raw_expect (second, "started\n");

  gate_open (&gate);
  gate_open (&gate);
  raw_expect_end (second);
  close (first);
  close (second);
  g_subprocess_send_signal (server->process, SIGTERM);
  tool_process_wait (server);
}

/* What the command has started goes on, and so does the connection. */
static void
test_leaves_program (HvcatFixture *fixture, gconstpointer data)
{
  g_auto (Gate) gate = { 0 };
  g_autofree char *command = NULL;
  g_autoptr (ToolProcess) server = NULL;
  g_autofree char *rest = NULL;
  int client;

  gate_init (&gate, fixture);
  command = g_strdup_printf ("(read line <'%s'; echo late) & echo early", gate.path);
  server = start_server (fixture, command, NULL);
  client = raw_connect (fixture->path);

  raw_expect (client, "early\n");
  tool_process_wait_for_message (server, "the command ended with status 0\n");
  gate_open (&gate);
  rest = read_all (client);
  g_assert_cmpstr (rest, ==, "late\n");
  tool_process_assert_ends (server, 0, NULL);
  close (client);
}

/* The connection is over, the command is not. */
static void
test_outlives_connection (HvcatFixture *fixture, gconstpointer data)
{
  g_auto (Gate) gate = { 0 };
  g_autofree char *command = NULL;
  g_autoptr (ToolProcess) server = NULL;
  g_autofree char *answer = NULL;
  int client;

  gate_init (&gate, fixture);
  command = g_strdup_printf ("exec >&-; read all; read line <'%s'", gate.path);
  server = start_server (fixture, command, NULL);
  client = raw_connect (fixture->path);
  answer = read_all (client);
  close (client);
  tool_process_wait_for_message (server, "sent 0 bytes, received 0 bytes\n");
  g_assert_null (strstr (server->messages->str, "the command"));
  gate_open (&gate);
  tool_process_assert_ends (server, 0, "the command ended with status 0\n");
}

/* Its input ends. */
static void
test_peer_leaves (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) server =
      start_server (fixture, "echo started; cat; echo alone >&2", NULL);
  int client = raw_connect (fixture->path);

  raw_expect (client, "started\n");
  close (client);
  tool_process_assert_ends (server, 0, "alone\n");
}

/* A command that writes all the time learns of it as it would from a pipe. */
static void
test_peer_leaves_writer (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) server = start_server (fixture, "exec yes", NULL);
  int client = raw_connect (fixture->path);

  raw_expect (client, "y\ny\n");
  close (client);
  tool_process_assert_ends (server, 1, "hvcat: the command was ended by signal 13\n");
}

/* hvcat ignores that signal, its command does not. */
static void
test_broken_pipe (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) server =
      start_server (fixture, "(yes; echo \"status $?\" >&2) | head -n 1", NULL);
  int client = raw_connect (fixture->path);
  g_autofree char *answer = read_all (client);

  g_assert_cmpstr (answer, ==, "y\n");
  tool_process_assert_ends (server, 0, "status 141\n");
  close (client);
}

/* What one command does must not end the service for the others. */
static void
test_keep_open (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) server = start_server (fixture, "read n; echo $n; exit $n", "-k");

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u\n", i);
      g_autofree char *message = g_strdup_printf ("the command ended with status %u\n", i);
      g_autofree char *answer = NULL;
      int client = raw_connect (fixture->path);

      raw_write (client, number);
      answer = read_all (client);
      g_assert_cmpstr (answer, ==, number);
      close (client);
      tool_process_wait_for_message (server, message);
    }
  g_subprocess_send_signal (server->process, SIGTERM);
  tool_process_assert_ends (server, 128 + SIGTERM, NULL);
  hvcat_fixture_assert_removed (fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  hvcat_fixture_add ("/hvcat/exec/accepted", NULL, test_accepted);
  hvcat_fixture_add ("/hvcat/exec/made", NULL, test_made);
  hvcat_fixture_add ("/hvcat/exec/much", "", test_much);
  hvcat_fixture_add ("/hvcat/exec/framed", "?framing=shutdown", test_much);
  hvcat_fixture_add ("/hvcat/exec/locale", NULL, test_locale);
  hvcat_fixture_add ("/hvcat/exec/variables/accepted", NULL, test_variables_of_accepted);
  hvcat_fixture_add ("/hvcat/exec/variables/made", NULL, test_variables_of_made);
  for (gsize i = 0; i < G_N_ELEMENTS (status_cases); i++)
    hvcat_fixture_add (status_cases[i].path, &status_cases[i], test_status);
  hvcat_fixture_add ("/hvcat/exec/ends-first", NULL, test_ends_first);
  hvcat_fixture_add ("/hvcat/exec/does-not-read", NULL, test_does_not_read);
  hvcat_fixture_add ("/hvcat/exec/leaves-program", NULL, test_leaves_program);
  hvcat_fixture_add ("/hvcat/exec/outlives-connection", NULL, test_outlives_connection);
  hvcat_fixture_add ("/hvcat/exec/peer-leaves", NULL, test_peer_leaves);
  hvcat_fixture_add ("/hvcat/exec/peer-leaves-writer", NULL, test_peer_leaves_writer);
  hvcat_fixture_add ("/hvcat/exec/broken-pipe", NULL, test_broken_pipe);
  hvcat_fixture_add ("/hvcat/exec/keep-open", NULL, test_keep_open);
  return g_test_run ();
}
