/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Standard input and output that hvcat shares with others, who find them as they were, and that are
 * slow. */

#include "hvcat-fixture.h"

#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

/* A pair of sockets: what hvcat has is the caller's as well. */
typedef struct
{
  int other; /* the end that nobody shares */
  int shared;
} Sockets;

static Sockets
make_sockets (void)
{
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  return (Sockets){ fds[0], fds[1] };
}

static void
close_sockets (const Sockets *self)
{
  close (self->other);
  close (self->shared);
}

static int
duplicate (int fd)
{
  int copy = fcntl (fd, F_DUPFD_CLOEXEC, 3);

  g_assert_cmpint (copy, >=, 0);
  return copy;
}

static void
assert_blocking (const Sockets *self)
{
  g_assert_cmpint (fcntl (self->shared, F_GETFL) & O_NONBLOCK, ==, 0);
}

/* Takes over OUTPUT. Standard input is a pipe unless INPUT, which is taken over as well, is given.
 */
static ToolProcess *
start (int input, int output, const char *option, const char *uri)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDERR_PIPE | (input < 0 ? G_SUBPROCESS_FLAGS_STDIN_PIPE : 0));
  g_autofree char *path = tool_path ("hvcat");
  const char *const arguments[] = { path, option, uri, NULL };

  if (input >= 0)
    g_subprocess_launcher_take_stdin_fd (launcher, input);
  g_subprocess_launcher_take_stdout_fd (launcher, output);
  return tool_process_start (launcher, arguments);
}

static void
feed_text (ToolProcess *process, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));

  tool_process_feed (process, bytes);
}

static void
test_end (HvcatFixture *fixture, gconstpointer data)
{
  const Sockets sockets = make_sockets ();
  g_autoptr (ToolProcess) server = hvcat_fixture_listen (fixture, NULL);
  g_autoptr (ToolProcess) client = start (-1, duplicate (sockets.shared), "-v", fixture->uri);

  feed_text (server, "hello");
  tool_process_end_input (client);
  tool_process_assert_ends (client, 0, NULL);
  tool_process_assert_ends (server, 0, NULL);
  raw_expect (sockets.other, "hello");
  assert_blocking (&sockets);
  close_sockets (&sockets);
}

/* Nobody else has the socket: its reader sees the end of one direction before the other ends. */
static void
test_half_close (HvcatFixture *fixture, gconstpointer data)
{
  const Sockets sockets = make_sockets ();
  g_autoptr (ToolProcess) server = hvcat_fixture_listen (fixture, NULL);
  g_autoptr (ToolProcess) client = start (-1, sockets.shared, "-v", fixture->uri);

  tool_process_wait_for_message (client, "connected to ");
  tool_process_end_input (server);
  raw_expect_end (sockets.other);
  feed_text (client, "hello");
  tool_process_assert_ends (client, 0, NULL);
  tool_process_assert_ends (server, 0, NULL);
  g_assert_cmpstr (server->output->str, ==, "hello");
  close (sockets.other);
}

static void
test_input_as_well (HvcatFixture *fixture, gconstpointer data)
{
  const Sockets sockets = make_sockets ();
  g_autoptr (ToolProcess) server = hvcat_fixture_listen (fixture, NULL);
  g_autoptr (ToolProcess) client =
      start (duplicate (sockets.shared), duplicate (sockets.shared), "-v", fixture->uri);

  tool_process_wait_for_message (client, "connected to ");
  feed_text (server, "hello");
  raw_expect (sockets.other, "hello");
  raw_write (sockets.other, "bye");
  g_assert_cmpint (shutdown (sockets.other, SHUT_WR), ==, 0);
  tool_process_assert_ends (client, 0, NULL);
  tool_process_assert_ends (server, 0, NULL);
  g_assert_cmpstr (server->output->str, ==, "bye");
  assert_blocking (&sockets);
  close_sockets (&sockets);
}

/* For the caller of -lk there is no other end. The socket file goes as well. */
static void
test_signal_to_server (HvcatFixture *fixture, gconstpointer data)
{
  const Sockets sockets = make_sockets ();
  g_autoptr (ToolProcess) server = start (-1, duplicate (sockets.shared), "-lkv", fixture->uri);
  g_autoptr (ToolProcess) client = NULL;

  tool_process_wait_for_message (server, "listening on ");
  client = tool_process_new ("hvcat", fixture->uri, NULL);
  feed_text (client, "hello");
  raw_expect (sockets.other, "hello");
  g_subprocess_send_signal (server->process, SIGTERM);
  tool_process_assert_ends (server, 128 + SIGTERM, NULL);
  assert_blocking (&sockets);
  hvcat_fixture_assert_removed (fixture);
  close_sockets (&sockets);
}

static void
test_signal_to_client (HvcatFixture *fixture, gconstpointer data)
{
  const Sockets sockets = make_sockets ();
  g_autoptr (ToolProcess) server = hvcat_fixture_listen (fixture, NULL);
  g_autoptr (ToolProcess) client = start (-1, duplicate (sockets.shared), "-v", fixture->uri);
  g_autoptr (GBytes) hello = g_bytes_new_static ("hello", 5);

  tool_process_write (server, hello);
  raw_expect (sockets.other, "hello");
  g_subprocess_send_signal (client->process, SIGINT);
  tool_process_assert_ends (client, 128 + SIGINT, NULL);
  assert_blocking (&sockets);
  close_sockets (&sockets);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  hvcat_fixture_add ("/hvcat/stdio/socket/end", NULL, test_end);
  hvcat_fixture_add ("/hvcat/stdio/socket/half-close", NULL, test_half_close);
  hvcat_fixture_add ("/hvcat/stdio/socket/input-as-well", NULL, test_input_as_well);
  hvcat_fixture_add ("/hvcat/stdio/socket/signal-to-server", NULL, test_signal_to_server);
  hvcat_fixture_add ("/hvcat/stdio/socket/signal-to-client", NULL, test_signal_to_client);
  return g_test_run ();
}
