/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* How hvcat ends when something breaks: the peer, standard input or output, or a signal. It must
 * never hang, and never call a loss a success. */

#include "hvcat-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOST_PEER "hvcat: the peer has gone before standard input ended"

static ToolProcess *
start_connected (HvcatFixture *fixture, int *peer)
{
  int listener = socket_listen (fixture->path, SOCK_STREAM, 1);
  ToolProcess *process = tool_process_new ("hvcat", "-v", fixture->uri, NULL);

  tool_process_wait_for_message (process, "connected to ");
  *peer = raw_accept (listener);
  close (listener);
  return process;
}

static void
send_text (ToolProcess *process, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  tool_process_write (process, bytes);
}

/* Nobody types anything there. */
static void
test_peer_leaves_terminal (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *path = tool_path ("hvcat");
  const char *const arguments[] = { path, "-v", fixture->uri, NULL };
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (ToolProcess) client = NULL;
  int listener = socket_listen (fixture->path, SOCK_STREAM, 1);
  int terminal = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);
  int peer;

  if (terminal < 0 || grantpt (terminal) != 0 || unlockpt (terminal) != 0)
    {
      g_test_skip ("there is no pseudo-terminal here: mount devpts");
      return;
    }
  g_subprocess_launcher_take_stdin_fd (launcher,
                                       open (ptsname (terminal), O_RDWR | O_NOCTTY | O_CLOEXEC));
  client = tool_process_start (launcher, arguments);
  peer = raw_accept (listener);
  raw_write (peer, "bye");
  close (peer);
  tool_process_assert_ends (client, 0, "the peer has gone\n");
  g_assert_cmpstr (client->output->str, ==, "bye");
  close (terminal);
  close (listener);
}

/* Well within what hvcat allows, in microseconds. */
#define MOMENT (500 * G_TIME_SPAN_MILLISECOND)

/* Whoever writes to standard input may end a moment after the peer. If the machine was too busy for
 * a moment, that says nothing, and is done again. */
static void
test_peer_closes_first (HvcatFixture *fixture, gconstpointer data)
{
  gboolean was_in_time = FALSE;

  while (!was_in_time)
    {
      int peer;
      g_autoptr (ToolProcess) client = start_connected (fixture, &peer);
      const gint64 start = g_get_monotonic_time ();

      close (peer);
      tool_process_wait_for_output_end (client);
      tool_process_end_input (client);
      was_in_time = g_get_monotonic_time () - start < MOMENT;
      if (was_in_time)
        tool_process_assert_ends (client, 0, NULL);
      g_assert_no_errno (g_unlink (fixture->path));
    }
}

/* Standard input stays open and idle in the following tests. */
static void
test_peer_closes (HvcatFixture *fixture, gconstpointer data)
{
  int peer;
  g_autoptr (ToolProcess) client = start_connected (fixture, &peer);

  raw_write (peer, "bye");
  close (peer);
  tool_process_assert_ends (client, 1, LOST_PEER);
  g_assert_cmpstr (client->output->str, ==, "bye");
}

static void
test_peer_closes_late (HvcatFixture *fixture, gconstpointer data)
{
  int peer;
  g_autoptr (ToolProcess) client = start_connected (fixture, &peer);

  g_assert_cmpint (shutdown (peer, SHUT_WR), ==, 0);
  tool_process_wait_for_output_end (client);
  close (peer);
  tool_process_assert_ends (client, 1, LOST_PEER);
}

static void
test_killed (HvcatFixture *fixture, gconstpointer data)
{
  gboolean kill_server = GPOINTER_TO_INT (data);
  g_autoptr (ToolProcess) server = hvcat_fixture_listen (fixture, NULL);
  g_autoptr (ToolProcess) client = tool_process_new ("hvcat", "-v", fixture->uri, NULL);

  tool_process_wait_for_message (server, "connection from ");
  tool_process_wait_for_message (client, "connected to ");
  g_subprocess_send_signal (kill_server ? server->process : client->process, SIGKILL);
  tool_process_assert_ends (kill_server ? client : server, 1, LOST_PEER);
}

static void
test_unread_data (HvcatFixture *fixture, gconstpointer data)
{
  int peer;
  g_autoptr (ToolProcess) client = start_connected (fixture, &peer);
  struct pollfd readable = { .fd = peer, .events = POLLIN };

  send_text (client, "lost");
  g_assert_cmpint (poll (&readable, 1, -1), ==, 1);
  close (peer);
  tool_process_assert_ends (client, 1, "hvcat: cannot read from 'unix:///");
}

/* A peer that answers before it has read all, and reads no more. */
static void
test_early_answer (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = random_bytes (8 * 1024 * 1024, 1);
  int peer;
  g_autoptr (ToolProcess) client = start_connected (fixture, &peer);
  struct pollfd readable = { .fd = peer, .events = POLLIN };

  send_text (client, "hello");
  g_assert_cmpint (poll (&readable, 1, -1), ==, 1);
  tool_process_feed (client, bytes);
  g_assert_cmpint (shutdown (peer, SHUT_RD), ==, 0);
  tool_process_wait_for_message (client, "hvcat: cannot write to 'unix:///");
  raw_write (peer, "too large");
  close (peer);
  tool_process_assert_ends (client, 1, NULL);
  g_assert_cmpstr (client->output->str, ==, "too large");
}

static ToolProcess *
start_with_output (HvcatFixture *fixture, const char *output)
{
  g_autofree char *path = tool_path ("hvcat");
  const char *const arguments[] = { path, fixture->uri, NULL };
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);

  g_subprocess_launcher_set_stdout_file_path (launcher, output);
  return tool_process_start (launcher, arguments);
}

static void
test_full_disk (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = random_bytes (1000000, 2);
  g_autoptr (ToolProcess) server = hvcat_fixture_listen (fixture, NULL);
  g_autoptr (ToolProcess) client = NULL;

  if (!g_file_test ("/dev/full", G_FILE_TEST_EXISTS))
    {
      g_test_skip ("there is no /dev/full here");
      return;
    }
  client = start_with_output (fixture, "/dev/full");
  tool_process_feed (server, bytes);
  tool_process_assert_ends (client, 1,
                            "hvcat: cannot write to standard output: No space left on device");
  g_assert_cmpint (tool_process_wait (server), ==, 1);
}

static void
test_broken_pipe (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) server = hvcat_fixture_listen (fixture, NULL);
  g_autofree char *path = tool_path ("hvcat");
  const char *const arguments[] = { path, fixture->uri, NULL };
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (ToolProcess) client = NULL;
  int ends[2];

  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  g_subprocess_launcher_take_stdout_fd (launcher, ends[1]);
  close (ends[0]);
  client = tool_process_start (launcher, arguments);
  send_text (server, "nobody reads this");
  tool_process_assert_ends (client, 1, "hvcat: cannot write to standard output: Broken pipe");
  tool_process_wait (server);
}

static ToolProcess *
start_by_shell (HvcatFixture *fixture, const char *redirection)
{
  g_autofree char *path = tool_path ("hvcat");
  g_autofree char *script = g_strconcat ("exec \"$@\" ", redirection, NULL);
  const char *const arguments[] = { "sh", "-c", script, "sh", path, fixture->uri, NULL };
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                 G_SUBPROCESS_FLAGS_STDERR_PIPE);

  return tool_process_start (launcher, arguments);
}

static void
test_closed_input (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) server = hvcat_fixture_listen (fixture, NULL);
  g_autoptr (ToolProcess) client = start_by_shell (fixture, "<&-");

  tool_process_wait_for_output_end (server);
  send_text (server, "hello");
  tool_process_end_input (server);
  tool_process_assert_ends (client, 0, NULL);
  tool_process_assert_ends (server, 0, NULL);
  g_assert_cmpstr (client->output->str, ==, "hello");
  g_assert_cmpuint (server->output->len, ==, 0);
}

static void
test_closed_output (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) server = hvcat_fixture_listen (fixture, NULL);
  g_autoptr (ToolProcess) client = start_by_shell (fixture, ">&-");

  send_text (server, "nobody reads this");
  tool_process_assert_ends (client, 1, "cannot write to standard output: Bad file descriptor");
}

static void
test_unreadable_input (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) server = hvcat_fixture_listen (fixture, NULL);
  g_autoptr (ToolProcess) client = start_by_shell (fixture, "</");

  tool_process_assert_ends (client, 1, "hvcat: cannot read standard input: Is a directory");
  tool_process_end_input (server);
  tool_process_wait (server);
}

static void
test_signal (HvcatFixture *fixture, gconstpointer data)
{
  int number = GPOINTER_TO_INT (data);
  g_autoptr (ToolProcess) server = hvcat_fixture_listen (fixture, NULL);

  g_assert_true (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
  g_subprocess_send_signal (server->process, number);
  tool_process_assert_ends (server, 128 + number, NULL);
  hvcat_fixture_assert_removed (fixture);
}

static void
test_signal_while_connected (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) server = hvcat_fixture_listen (fixture, "-k");
  g_autoptr (ToolProcess) client = tool_process_new ("hvcat", "-v", fixture->uri, NULL);

  tool_process_wait_for_message (server, "connection from ");
  g_subprocess_send_signal (server->process, SIGTERM);
  tool_process_assert_ends (server, 128 + SIGTERM, NULL);
  tool_process_assert_ends (client, 1, LOST_PEER);
  hvcat_fixture_assert_removed (fixture);
}

static void
test_ignored_signal (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *path = tool_path ("hvcat");
  const char *const arguments[] = { "sh",         "-c", "trap '' INT; exec \"$@\"",
                                    "sh",         path, "-lv",
                                    fixture->uri, NULL };
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                 G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (ToolProcess) server = tool_process_start (launcher, arguments);
  g_autoptr (ToolProcess) client = NULL;

  tool_process_wait_for_message (server, "listening on ");
  g_subprocess_send_signal (server->process, SIGINT);
  client = tool_process_new ("hvcat", fixture->uri, NULL);
  tool_process_end_input (client);
  tool_process_end_input (server);
  tool_process_assert_ends (server, 0, NULL);
}

/* What one peer does must not end the service for the others. */
static void
test_keep_open_after_failure (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) server = hvcat_fixture_listen (fixture, "-k");
  g_autoptr (ToolProcess) client = NULL;
  struct pollfd readable = { .events = POLLIN };

  readable.fd = raw_connect (fixture->path);
  send_text (server, "lost");
  g_assert_cmpint (poll (&readable, 1, -1), ==, 1);
  close (readable.fd);
  tool_process_wait_for_message (server, "hvcat: cannot read from ");

  client = tool_process_new ("hvcat", fixture->uri, NULL);
  send_text (client, "next");
  tool_process_wait_for_output (server, 4);
  g_assert_cmpstr (server->output->str, ==, "next");
}

/* What a pipe and hvcat hold at the most. */
#define MOST_HELD (64 * 1024 + 256 * 1024)

/* Sends as much as goes without waiting, which is more than that. */
static gsize
send_much (int fd)
{
  static const char zeros[65536];
  const int buffer_size = 1024 * 1024;
  gsize sent = 0;
  gssize n;

  g_assert_no_errno (setsockopt (fd, SOL_SOCKET, SO_SNDBUF, &buffer_size, sizeof buffer_size));
  while ((n = send (fd, zeros, sizeof zeros, MSG_DONTWAIT | MSG_NOSIGNAL)) > 0)
    sent += (gsize) n;
  g_assert_cmpint (errno, ==, EAGAIN);
  g_assert_cmpuint (sent, >, MOST_HELD);
  return sent;
}

/* The peer has said more, but nobody takes it for longer than the silence that would end it. All of
 * it is on its way before a silence counts, which is from the end of standard input. */
static void
test_quit_after_slow_output (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *path = tool_path ("hvcat");
  const char *arguments[] = { path, "-q", "50", fixture->uri, NULL };
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (ToolProcess) client = NULL;
  int listener = socket_listen (fixture->path, SOCK_STREAM, 1);
  struct pollfd peer = { 0 };
  char buffer[65536];
  gsize sent, received = 0;
  int output[2];
  gssize n;

  g_assert_true (g_unix_open_pipe (output, FD_CLOEXEC, NULL));
  g_subprocess_launcher_take_stdout_fd (launcher, output[1]);
  client = tool_process_start (launcher, arguments);
  g_clear_object (&launcher);
  peer.fd = raw_accept (listener);
  sent = send_much (peer.fd);
  tool_process_end_input (client);
  raw_expect_end (peer.fd);
  g_assert_cmpint (poll (&peer, 1, 500), ==, 0);

  while ((n = read (output[0], buffer, sizeof buffer)) > 0)
    received += (gsize) n;
  g_assert_cmpuint (received, ==, sent);
  tool_process_assert_ends (client, 0, NULL);
  close (output[0]);
  close (peer.fd);
  close (listener);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  signal (SIGPIPE, SIG_IGN);

  hvcat_fixture_add ("/hvcat/peer/leaves-terminal", NULL, test_peer_leaves_terminal);
  hvcat_fixture_add ("/hvcat/peer/closes-first", NULL, test_peer_closes_first);
  hvcat_fixture_add ("/hvcat/peer/closes", NULL, test_peer_closes);
  hvcat_fixture_add ("/hvcat/peer/closes-late", NULL, test_peer_closes_late);
  hvcat_fixture_add ("/hvcat/peer/server-killed", GINT_TO_POINTER (TRUE), test_killed);
  hvcat_fixture_add ("/hvcat/peer/client-killed", GINT_TO_POINTER (FALSE), test_killed);
  hvcat_fixture_add ("/hvcat/peer/unread-data", NULL, test_unread_data);
  hvcat_fixture_add ("/hvcat/peer/early-answer", NULL, test_early_answer);
  hvcat_fixture_add ("/hvcat/peer/keep-open-after-failure", NULL, test_keep_open_after_failure);
  hvcat_fixture_add ("/hvcat/stdio/full-disk", NULL, test_full_disk);
  hvcat_fixture_add ("/hvcat/stdio/broken-pipe", NULL, test_broken_pipe);
  hvcat_fixture_add ("/hvcat/stdio/closed-input", NULL, test_closed_input);
  hvcat_fixture_add ("/hvcat/stdio/closed-output", NULL, test_closed_output);
  hvcat_fixture_add ("/hvcat/stdio/quit-after-slow-output", NULL, test_quit_after_slow_output);
  hvcat_fixture_add ("/hvcat/stdio/unreadable-input", NULL, test_unreadable_input);
  hvcat_fixture_add ("/hvcat/signal/hup", GINT_TO_POINTER (SIGHUP), test_signal);
  hvcat_fixture_add ("/hvcat/signal/int", GINT_TO_POINTER (SIGINT), test_signal);
  hvcat_fixture_add ("/hvcat/signal/term", GINT_TO_POINTER (SIGTERM), test_signal);
  hvcat_fixture_add ("/hvcat/signal/connected", NULL, test_signal_while_connected);
  hvcat_fixture_add ("/hvcat/signal/ignored", NULL, test_ignored_signal);
  return g_test_run ();
}
