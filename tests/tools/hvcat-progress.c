/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat --progress: what is on standard error, where that is a terminal and where it is not. */

#include "hvcat-fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* hvcat with a terminal for its messages. */
typedef struct
{
  GSubprocess *process;
  int terminal;
  GString *shown;
} Client;

static gboolean
client_start (Client *self, const char *uri)
{
  g_autofree char *path = tool_path ("hvcat");
  const char *const arguments[] = { path, "--progress", uri, NULL };
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GError) error = NULL;

  self->terminal = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (self->terminal < 0 || grantpt (self->terminal) != 0 || unlockpt (self->terminal) != 0)
    {
      g_test_skip ("there is no pseudo-terminal here: mount devpts");
      return FALSE;
    }
  g_subprocess_launcher_take_stderr_fd (
      launcher, open (ptsname (self->terminal), O_RDWR | O_NOCTTY | O_CLOEXEC));
  self->process = g_subprocess_launcher_spawnv (launcher, arguments, &error);
  g_assert_no_error (error);
  self->shown = g_string_new (NULL);
  return TRUE;
}

static void
client_wait_for (Client *self, const char *text)
{
  char buffer[256];
  gssize n;

  while (strstr (self->shown->str, text) == NULL)
    {
      n = read (self->terminal, buffer, sizeof buffer);
      if (n <= 0)
        g_error ("no '%s' on the terminal: %s", text, self->shown->str);
      g_string_append_len (self->shown, buffer, n);
    }
}

static void
client_end (Client *self, int status)
{
  g_autoptr (GError) error = NULL;

  g_subprocess_wait (self->process, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_subprocess_get_exit_status (self->process), ==, status);
  g_object_unref (self->process);
  g_string_free (self->shown, TRUE);
  close (self->terminal);
}

#define LINE "\r\033[K"

/* Also while nothing moves. */
static void
test_terminal (HvcatFixture *fixture, gconstpointer data)
{
  int listener = socket_listen (fixture->path, SOCK_STREAM, 1);
  Client client;
  int peer;

  if (!client_start (&client, fixture->uri))
    return;
  peer = raw_accept (listener);
  client_wait_for (&client, LINE "sent 0 bytes (0 bytes/s), received 0 bytes (0 bytes/s)");
  raw_write (peer, "hello");
  client_wait_for (&client, LINE "sent 0 bytes (0 bytes/s), received 5 bytes (");
  client_wait_for (&client, LINE "sent 0 bytes (0 bytes/s), received 5 bytes (0 bytes/s)");
  g_assert_null (strchr (client.shown->str, '\n'));

  g_output_stream_close (g_subprocess_get_stdin_pipe (client.process), NULL, NULL);
  close (peer);
  client_wait_for (&client, " s\r\n");
  client_end (&client, 0);
  close (listener);
}

/* What goes wrong is not written into the line. */
static void
test_failure (HvcatFixture *fixture, gconstpointer data)
{
  int listener = socket_listen (fixture->path, SOCK_STREAM, 1);
  Client client;
  int peer;

  if (!client_start (&client, fixture->uri))
    return;
  peer = raw_accept (listener);
  client_wait_for (&client, LINE "sent 0 bytes");
  close (peer);
  client_wait_for (&client, "\r\nhvcat: the peer has gone before standard input ended");
  client_wait_for (&client, " s\r\n");
  client_end (&client, 1);
  close (listener);
}

static void
test_pipe (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = random_bytes (3000000, 1);
  g_autoptr (ToolProcess) server = hvcat_fixture_listen (fixture, "--echo");
  g_autoptr (ToolProcess) client = tool_process_new ("hvcat", "--progress", fixture->uri, NULL);

  tool_process_feed (client, bytes);
  tool_process_assert_ends (client, 0, NULL);
  tool_process_assert_ends (server, 0, NULL);
  g_assert_true (g_regex_match_simple (
      "^sent 3\\.0 MB \\([0-9.]+ .?B/s\\), received 3\\.0 MB \\([0-9.]+ .?B/s\\) in [0-9.]+ s\n$",
      client->messages->str, 0, 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  hvcat_fixture_add ("/hvcat/progress/terminal", NULL, test_terminal);
  hvcat_fixture_add ("/hvcat/progress/failure", NULL, test_failure);
  hvcat_fixture_add ("/hvcat/progress/pipe", NULL, test_pipe);
  return g_test_run ();
}
