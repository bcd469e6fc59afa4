/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat from end to end over any two URIs, with what every platform has: pipes and files.
 *   hvcat-streams NAME LISTEN-URI [CONNECT-URI]
 * Without the second URI that which the listener tells is connected to. */

#include "folder.h"
#include "tool-process.h"

#include <fcntl.h>
#include <glib/gstdio.h>

#ifndef O_BINARY
#  define O_BINARY 0
#endif

#define SIZE (4 * 1024 * 1024)

static const char *listen_uri;
static const char *connect_uri;

/* All bytes that text mode would change are in it at places that no buffer's size divides. */
static GBytes *
make_data (guint32 seed)
{
  static const char fragile[] = "\r\n\n\r\032\r\032\n\377\376\0\357\273\277";
  g_autoptr (GBytes) random = random_bytes (SIZE, seed);
  gsize size;
  char *data = g_bytes_unref_to_data (g_steal_pointer (&random), &size);

  for (gsize i = 0; i + sizeof fragile < size; i += 65521)
    memcpy (data + i, fragile, sizeof fragile);
  for (gsize i = 0; i < 256; i++)
    data[size - 256 + i] = (char) i;
  return g_bytes_new_take (data, size);
}

/* Returns when it listens, and where to connect to. */
static ToolProcess *
start_listening (char **uri, const char *options, const char *more, const char *argument)
{
  ToolProcess *server = tool_process_new ("hvcat", options, listen_uri, more, argument, NULL);
  const char *address;

  tool_process_wait_for_message (server, "listening on ");
  tool_process_wait_for_message (server, "\n");
  address = strstr (server->messages->str, "listening on ") + strlen ("listening on ");
  *uri =
      connect_uri != NULL ? g_strdup (connect_uri) : g_strndup (address, strcspn (address, "\r\n"));
  return server;
}

/* Whoever chooses no time-out takes a short silence for a refusal, where the system does not tell
 * of one. */
static ToolProcess *
start_client (const char *uri, const char *more, const char *argument)
{
  return tool_process_new ("hvcat", "-w", "60000", uri, more, argument, NULL);
}

static void
test_pipes (void)
{
  g_autoptr (GBytes) there = make_data (1);
  g_autoptr (GBytes) back = make_data (2);
  g_autofree char *uri = NULL;
  g_autoptr (ToolProcess) server = start_listening (&uri, "-lv", NULL, NULL);
  g_autoptr (ToolProcess) client = start_client (uri, NULL, NULL);

  tool_process_feed (client, there);
  tool_process_feed (server, back);
  tool_process_assert_ends (client, 0, NULL);
  tool_process_assert_ends (server, 0, NULL);
  tool_process_assert_output (server, there);
  tool_process_assert_output (client, back);
}

/* The half-close of the client is told while the server still has to send. */
static void
test_half_close (void)
{
  g_autoptr (GBytes) question = g_bytes_new_static ("question", 8);
  g_autoptr (GBytes) answer = g_bytes_new_static ("answer", 6);
  g_autofree char *uri = NULL;
  g_autoptr (ToolProcess) server = start_listening (&uri, "-lv", NULL, NULL);
  g_autoptr (ToolProcess) client = start_client (uri, NULL, NULL);

  tool_process_feed (client, question);
  tool_process_wait_for_output_end (server);
  tool_process_feed (server, answer);
  tool_process_assert_ends (client, 0, NULL);
  tool_process_assert_ends (server, 0, NULL);
  tool_process_assert_output (server, question);
  tool_process_assert_output (client, answer);
}

static void
exited_cb (GPid pid, int wait_status, gpointer user_data)
{
  int *status = user_data;

  g_assert_true (g_spawn_check_wait_status (wait_status, NULL));
  *status = 0;
  g_spawn_close_pid (pid);
}

/* GSubprocess redirects to files on Unix only. */
static void
start_with_files (const char *const *arguments, const char *input, const char *output, int *status)
{
  int in = g_open (input, O_RDONLY | O_BINARY, 0);
  int out = g_open (output, O_WRONLY | O_CREAT | O_TRUNC | O_BINARY, 0600);
  g_autoptr (GError) error = NULL;
  GPid pid;

  g_assert_cmpint (in, >=, 0);
  g_assert_cmpint (out, >=, 0);
  g_spawn_async_with_fds (NULL, (char **) arguments, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                          &pid, in, out, -1, &error);
  g_assert_no_error (error);
  *status = -1;
  g_child_watch_add (pid, exited_cb, status);
  g_close (in, &error);
  g_close (out, &error);
  g_assert_no_error (error);
}

/* An output that is a file ends with the server's own direction as well. */
static void
test_files (void)
{
  g_autoptr (GBytes) data = make_data (3);
  g_autoptr (GError) error = NULL;
  g_auto (Folder) folder = { 0 };
  g_autofree char *input = NULL;
  g_autofree char *output = NULL;
  g_autofree char *path = tool_path ("hvcat");
  g_autofree char *uri = NULL;
  g_autofree char *contents = NULL;
  g_autoptr (ToolProcess) server = start_listening (&uri, "-lv", "--echo", NULL);
  const char *const arguments[] = { path, "-w", "60000", uri, NULL };
  gsize size;
  int status;

  folder_init (&folder);
  input = g_build_filename (folder.path, "input", NULL);
  output = g_build_filename (folder.path, "output", NULL);
  g_file_set_contents (input, g_bytes_get_data (data, NULL), SIZE, &error);
  g_assert_no_error (error);
  start_with_files (arguments, input, output, &status);
  while (status != 0)
    g_main_context_iteration (NULL, TRUE);
  tool_process_assert_ends (server, 0, NULL);

  g_file_get_contents (output, &contents, &size, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (contents, size, g_bytes_get_data (data, NULL), SIZE);
}

static void
test_keep_open (void)
{
  g_autofree char *uri = NULL;
  g_autoptr (ToolProcess) server G_GNUC_UNUSED = start_listening (&uri, "-lkv", "--echo", NULL);
  ToolProcess *clients[3];

  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    clients[i] = start_client (uri, NULL, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      g_autoptr (GBytes) data = random_bytes (100000, (guint32) i);

      tool_process_feed (clients[i], data);
      tool_process_assert_ends (clients[i], 0, NULL);
      tool_process_assert_output (clients[i], data);
      tool_process_free (clients[i]);
    }
}

static void
test_one_after_the_other (void)
{
  g_autoptr (GBytes) first = g_bytes_new_static ("first", 5);
  g_autoptr (GBytes) second = g_bytes_new_static ("second", 6);
  g_autofree char *uri = NULL;
  g_autoptr (ToolProcess) server = start_listening (&uri, "-lkv", NULL, NULL);
  g_autoptr (ToolProcess) client = start_client (uri, NULL, NULL);
  g_autoptr (ToolProcess) next = NULL;

  tool_process_end_input (server);
  tool_process_feed (client, first);
  tool_process_assert_ends (client, 0, NULL);
  next = start_client (uri, NULL, NULL);
  tool_process_feed (next, second);
  tool_process_assert_ends (next, 0, NULL);
  tool_process_wait_for_output (server, 11);
  g_assert_cmpstr (server->output->str, ==, "firstsecond");
}

static void
test_forward (void)
{
  g_autoptr (GBytes) data = make_data (4);
  g_autoptr (ToolProcess) target =
      tool_process_new ("hvcat", "-lv", "--echo", "tcp://127.0.0.1:0", NULL);
  g_autofree char *target_uri = NULL;
  g_autofree char *uri = NULL;
  g_autoptr (ToolProcess) server = NULL;
  g_autoptr (ToolProcess) client = NULL;

  tool_process_wait_for_message (target, "\n");
  target_uri = g_strdup (target->messages->str + strlen ("listening on "));
  g_strchomp (target_uri);
  server = start_listening (&uri, "-lv", "--to", target_uri);
  client = start_client (uri, NULL, NULL);
  tool_process_feed (client, data);
  tool_process_assert_ends (client, 0, NULL);
  tool_process_assert_ends (server, 0, "forwarded");
  tool_process_assert_ends (target, 0, NULL);
  tool_process_assert_output (client, data);
}

/* The server has all, and says nothing. It takes whoever comes next, so that it does not mind when
 * its input ends. */
static void
test_quit_after (void)
{
  g_autoptr (GBytes) data = g_bytes_new_static ("data", 4);
  g_autofree char *uri = NULL;
  g_autoptr (ToolProcess) server = start_listening (&uri, "-lkv", NULL, NULL);
  g_autoptr (ToolProcess) client = start_client (uri, "-q", "200");

  tool_process_feed (client, data);
  tool_process_assert_ends (client, 0, NULL);
  tool_process_wait_for_output (server, g_bytes_get_size (data));
  tool_process_assert_output (server, data);
}

static void
test_listen_timeout (void)
{
  g_autofree char *uri = NULL;
  g_autoptr (ToolProcess) server = start_listening (&uri, "-lv", "-w", "100");

  tool_process_assert_ends (server, 1, "within 100 ms");
}

static void
test_retry (void)
{
  g_autofree char *uri = NULL;
  g_autoptr (ToolProcess) first = start_listening (&uri, "-lv", "-w", "100");
  g_autoptr (GBytes) data = g_bytes_new_static ("data", 4);
  g_autoptr (ToolProcess) client = NULL;
  g_autoptr (ToolProcess) server = NULL;

  tool_process_assert_ends (first, 1, "within 100 ms");
  client = start_client (uri, "--retry", NULL);
  tool_process_feed (client, data);
  server = tool_process_new ("hvcat", "-l", "--echo", uri, NULL);
  tool_process_assert_ends (client, 0, NULL);
  tool_process_assert_ends (server, 0, NULL);
  tool_process_assert_output (client, data);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    GTestFunc test;
  } tests[] = {
    { "pipes", test_pipes },
    { "half-close", test_half_close },
    { "files", test_files },
    { "keep-open", test_keep_open },
    { "one-after-the-other", test_one_after_the_other },
    { "forward", test_forward },
    { "quit-after", test_quit_after },
    { "listen-timeout", test_listen_timeout },
    { "retry", test_retry },
  };

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_assert_cmpint (argc, >=, 3);
  listen_uri = argv[2];
  connect_uri = argc > 3 ? argv[3] : NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strdup_printf ("/hvcat/%s/%s", argv[1], tests[i].name);

      g_test_add_func (path, tests[i].test);
    }
  return g_test_run ();
}
