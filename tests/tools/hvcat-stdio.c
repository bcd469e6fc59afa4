/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Standard input and output that hvcat shares with others, who find them as they were, and that are
 * slow. */

#include "hvcat-fixture.h"

#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <poll.h>
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

/* Nobody reads what hvcat writes before all that it reads has gone the other way. The pipe has some
 * room when more is to be written than fits. */
static void
test_slow_reader (HvcatFixture *fixture, gconstpointer query)
{
  g_autofree char *uri = g_strconcat (fixture->uri, query, NULL);
  g_autoptr (GBytes) request = random_bytes (1024 * 1024, 1);
  g_autoptr (GBytes) head = g_bytes_new_from_bytes (request, 0, 1000);
  g_autoptr (GBytes) tail = g_bytes_new_from_bytes (request, 1000, 1024 * 1024 - 1000);
  g_autoptr (GBytes) answer = random_bytes (8 * 1024 * 1024, 2);
  g_autoptr (GOutputStream) received = g_memory_output_stream_new_resizable ();
  g_autoptr (GInputStream) output = NULL;
  g_autoptr (ToolProcess) server = NULL;
  g_autoptr (ToolProcess) client = NULL;
  g_autoptr (GBytes) actual = NULL;
  struct pollfd readable = { .events = POLLIN };
  int ends[2];

  if (!g_file_test ("/proc/self/fd", G_FILE_TEST_IS_DIR))
    {
      g_test_skip ("a pipe cannot be opened anew here: only Linux can, with /proc mounted");
      return;
    }
  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  server = start (-1, ends[1], "-lv", uri);
  tool_process_wait_for_message (server, "listening on ");
  client = tool_process_new ("hvcat", uri, NULL);
  tool_process_write (client, head);
  readable.fd = ends[0];
  g_assert_cmpint (poll (&readable, 1, -1), ==, 1);
  tool_process_feed (client, tail);
  tool_process_feed (server, answer);
  tool_process_wait_for_output (client, g_bytes_get_size (answer));

  output = g_unix_input_stream_new (ends[0], TRUE);
  g_output_stream_splice_async (received, output, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET,
                                G_PRIORITY_DEFAULT, NULL, NULL, NULL);
  tool_process_assert_ends (client, 0, NULL);
  tool_process_assert_ends (server, 0, NULL);
  tool_process_assert_output (client, answer);
  while (!g_output_stream_is_closed (received))
    g_main_context_iteration (NULL, TRUE);
  actual = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (received));
  g_assert_true (g_bytes_equal (actual, request));
}

/* The caller's pipe blocks as before, while hvcat writes to it and afterwards. */
static void
test_shared_pipe (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) server = hvcat_fixture_listen (fixture, NULL);
  g_autoptr (ToolProcess) client = NULL;
  g_autoptr (GBytes) hello = g_bytes_new_static ("hello", 5);
  char buffer[5];
  int ends[2];

  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  client = start (-1, duplicate (ends[1]), "-v", fixture->uri);
  tool_process_write (server, hello);
  g_assert_cmpint (read (ends[0], buffer, sizeof buffer), ==, sizeof buffer);
  g_assert_cmpint (fcntl (ends[1], F_GETFL) & O_NONBLOCK, ==, 0);
  tool_process_end_input (server);
  tool_process_end_input (client);
  tool_process_assert_ends (client, 0, NULL);
  g_assert_cmpint (fcntl (ends[1], F_GETFL) & O_NONBLOCK, ==, 0);
  close (ends[0]);
  close (ends[1]);
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
  hvcat_fixture_add ("/hvcat/stdio/pipe/slow-reader/plain", "", test_slow_reader);
  hvcat_fixture_add ("/hvcat/stdio/pipe/slow-reader/framed", "?framing=shutdown", test_slow_reader);
  hvcat_fixture_add ("/hvcat/stdio/pipe/shared", NULL, test_shared_pipe);
  return g_test_run ();
}
