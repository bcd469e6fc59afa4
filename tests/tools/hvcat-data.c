/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What hvcat carries arrives, byte for byte, whatever the size and whichever end stops first. */

#include "hvcat-fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define PARALLEL_CONNECTIONS 50

static const gsize sizes[] = { 0, 1, 65535, 65536, 65537, 8 * 1024 * 1024 + 1 };

static void
test_both_ways (HvcatFixture *fixture, gconstpointer data)
{
  gsize size = *(const gsize *) data;
  g_autoptr (GBytes) request = random_bytes (size, 1);
  g_autoptr (GBytes) answer = random_bytes (size, 2);
  g_autofree char *counts = g_strdup_printf (
      "sent %" G_GSIZE_FORMAT " bytes, received %" G_GSIZE_FORMAT " bytes", size, size);
  g_autoptr (ToolProcess) server = hvcat_fixture_listen (fixture, NULL);
  g_autoptr (ToolProcess) client = tool_process_new ("hvcat", "-v", fixture->uri, NULL);

  tool_process_feed (client, request);
  tool_process_feed (server, answer);
  tool_process_assert_ends (client, 0, counts);
  tool_process_assert_ends (server, 0, counts);
  tool_process_assert_output (server, request);
  tool_process_assert_output (client, answer);
  g_assert_nonnull (strstr (client->messages->str, "connected to unix:///"));
  g_assert_nonnull (strstr (server->messages->str, "connection from "));
  hvcat_fixture_assert_removed (fixture);
}

static void
test_quiet (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = random_bytes (1000, 3);
  g_autoptr (ToolProcess) server = tool_process_new ("hvcat", "-l", fixture->uri, NULL);
  g_autoptr (ToolProcess) client = tool_process_new ("hvcat", "--retry", fixture->uri, NULL);

  tool_process_feed (client, bytes);
  tool_process_end_input (server);
  tool_process_assert_ends (client, 0, NULL);
  tool_process_assert_ends (server, 0, NULL);
  tool_process_assert_output (server, bytes);
  g_assert_cmpstr (client->messages->str, ==, "");
  g_assert_cmpstr (server->messages->str, ==, "");
}

static void
test_files (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = random_bytes (1000003, 4);
  g_autoptr (GError) error = NULL;
  g_autofree char *source = g_build_filename (fixture->folder.path, "source", NULL);
  g_autofree char *target = g_build_filename (fixture->folder.path, "target", NULL);
  g_autofree char *path = tool_path ("hvcat");
  const char *const arguments[] = { path, fixture->uri, NULL };
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (ToolProcess) server = hvcat_fixture_listen (fixture, "--echo");
  g_autoptr (ToolProcess) client = NULL;
  g_autofree char *received = NULL;
  gsize size;

  g_file_set_contents (source, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes),
                       &error);
  g_assert_no_error (error);
  g_subprocess_launcher_set_stdin_file_path (launcher, source);
  g_subprocess_launcher_set_stdout_file_path (launcher, target);
  client = tool_process_start (launcher, arguments);
  tool_process_assert_ends (client, 0, NULL);
  tool_process_assert_ends (server, 0, NULL);

  g_file_get_contents (target, &received, &size, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (received, size, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  unlink (source);
  unlink (target);
}

/* One end says its last and still gets the answer, which the other one begins after that. */
static void
half_close (ToolProcess *first, ToolProcess *last)
{
  g_autoptr (GBytes) request = random_bytes (1000, 5);
  g_autoptr (GBytes) answer = random_bytes (2000, 6);

  tool_process_feed (first, request);
  tool_process_wait_for_output_end (last);
  tool_process_assert_output (last, request);
  g_assert_false (first->output_ended);

  tool_process_feed (last, answer);
  tool_process_assert_ends (first, 0, NULL);
  tool_process_assert_ends (last, 0, NULL);
  tool_process_assert_output (first, answer);
}

static void
test_half_close_by_client (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) server = hvcat_fixture_listen (fixture, NULL);
  g_autoptr (ToolProcess) client = tool_process_new ("hvcat", fixture->uri, NULL);

  half_close (client, server);
}

static void
test_half_close_by_server (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) server = hvcat_fixture_listen (fixture, NULL);
  g_autoptr (ToolProcess) client = tool_process_new ("hvcat", fixture->uri, NULL);

  half_close (server, client);
}

static void
test_echo_by_server (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = random_bytes (8 * 1024 * 1024 + 1, 7);
  g_autoptr (ToolProcess) server = hvcat_fixture_listen (fixture, "--echo");
  g_autoptr (ToolProcess) client = tool_process_new ("hvcat", fixture->uri, NULL);

  tool_process_feed (client, bytes);
  tool_process_assert_ends (client, 0, NULL);
  tool_process_assert_ends (server, 0, "sent 8388609 bytes, received 8388609 bytes");
  tool_process_assert_output (client, bytes);
  g_assert_cmpuint (server->output->len, ==, 0);
}

static void
test_echo_by_client (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = random_bytes (8 * 1024 * 1024 + 1, 8);
  g_autoptr (ToolProcess) server = hvcat_fixture_listen (fixture, NULL);
  g_autoptr (ToolProcess) client = tool_process_new ("hvcat", "--echo", fixture->uri, NULL);

  tool_process_feed (server, bytes);
  tool_process_assert_ends (server, 0, NULL);
  tool_process_assert_ends (client, 0, NULL);
  tool_process_assert_output (server, bytes);
}

static void
test_keep_open (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) all = g_bytes_new_static ("one two three ", 14);
  const char *const words[] = { "one ", "two ", "three " };
  g_autoptr (ToolProcess) server = hvcat_fixture_listen (fixture, "-k");

  tool_process_end_input (server);
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_autoptr (GBytes) word = g_bytes_new_static (words[i], strlen (words[i]));
      g_autoptr (ToolProcess) client = tool_process_new ("hvcat", fixture->uri, NULL);

      tool_process_feed (client, word);
      tool_process_assert_ends (client, 0, NULL);
    }
  tool_process_wait_for_output (server, g_bytes_get_size (all));
  g_subprocess_send_signal (server->process, SIGTERM);
  tool_process_assert_ends (server, 128 + SIGTERM, NULL);
  tool_process_assert_output (server, all);
  hvcat_fixture_assert_removed (fixture);
}

static void
assert_echoed (int fd, const char *text)
{
  g_autofree char *buffer = g_malloc0 (strlen (text) + 1);
  gsize size = 0;
  gssize count;

  g_assert_cmpint (shutdown (fd, SHUT_WR), ==, 0);
  while ((count = read (fd, buffer + size, strlen (text) + 1 - size)) > 0)
    size += (gsize) count;
  g_assert_cmpint (count, ==, 0);
  g_assert_cmpmem (buffer, size, text, strlen (text));
  g_assert_cmpint (close (fd), ==, 0);
}

/* All are connected before the first is served to its end, and the last comes first. */
static void
test_parallel_echo (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) server = tool_process_new ("hvcat", "-lkv", "--echo", fixture->uri, NULL);
  int fds[PARALLEL_CONNECTIONS];

  tool_process_wait_for_message (server, "listening on ");
  for (int i = 0; i < PARALLEL_CONNECTIONS; i++)
    {
      g_autofree char *text = g_strdup_printf ("connection %d", i);

      fds[i] = raw_connect (fixture->path);
      raw_write (fds[i], text);
    }
  for (int i = PARALLEL_CONNECTIONS - 1; i >= 0; i--)
    {
      g_autofree char *text = g_strdup_printf ("connection %d", i);

      assert_echoed (fds[i], text);
    }
  g_subprocess_send_signal (server->process, SIGINT);
  tool_process_assert_ends (server, 128 + SIGINT, NULL);
  hvcat_fixture_assert_removed (fixture);
}

/* A listener that made its input and output non-blocking for all who share them. */
static void
test_nonblocking_stdio (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = random_bytes (1000003, 9);
  g_autoptr (ToolProcess) server = hvcat_fixture_listen (fixture, NULL);
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autofree char *path = tool_path ("hvcat");
  const char *const arguments[] = { path, fixture->uri, NULL };
  g_autoptr (ToolProcess) client = NULL;
  int ends[2];

  g_assert_cmpint (pipe2 (ends, O_CLOEXEC), ==, 0);
  g_assert_cmpint (fcntl (ends[0], F_SETFL, O_NONBLOCK), ==, 0);
  g_subprocess_launcher_take_stdin_fd (launcher, ends[0]);
  client = tool_process_start (launcher, arguments);
  raw_write (ends[1], "before");
  tool_process_wait_for_output (server, 6);
  raw_write (ends[1], "after");
  close (ends[1]);
  tool_process_feed (server, bytes);
  tool_process_assert_ends (client, 0, NULL);
  tool_process_assert_ends (server, 0, NULL);
  g_assert_cmpstr (server->output->str, ==, "beforeafter");
  tool_process_assert_output (client, bytes);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *path = g_strdup_printf ("/hvcat/data/both-ways/%" G_GSIZE_FORMAT, sizes[i]);

      hvcat_fixture_add (path, &sizes[i], test_both_ways);
    }
  hvcat_fixture_add ("/hvcat/data/quiet", NULL, test_quiet);
  hvcat_fixture_add ("/hvcat/data/files", NULL, test_files);
  hvcat_fixture_add ("/hvcat/data/nonblocking-stdio", NULL, test_nonblocking_stdio);
  hvcat_fixture_add ("/hvcat/half-close/client", NULL, test_half_close_by_client);
  hvcat_fixture_add ("/hvcat/half-close/server", NULL, test_half_close_by_server);
  hvcat_fixture_add ("/hvcat/echo/server", NULL, test_echo_by_server);
  hvcat_fixture_add ("/hvcat/echo/client", NULL, test_echo_by_client);
  hvcat_fixture_add ("/hvcat/echo/parallel", NULL, test_parallel_echo);
  hvcat_fixture_add ("/hvcat/keep-open", NULL, test_keep_open);
  return g_test_run ();
}
