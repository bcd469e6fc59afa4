/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat --to: what connects to one place is connected to another, of TCP as well. */

#include "hvcat-fixture.h"

#include <glib/gstdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* Returns when the forwarder listens on @uri, whose actual form goes to *@actual. */
static ToolProcess *
start_forwarder (const char *uri, const char *target, const char *option, char **actual)
{
  static const char mark[] = "listening on ";
  ToolProcess *process = tool_process_new ("hvcat", "-lv", "--to", target, uri, option, NULL);
  const char *message;

  tool_process_wait_for_message (process, mark);
  tool_process_wait_for_message (process, "\n");
  message = strstr (process->messages->str, mark) + strlen (mark);
  if (actual != NULL)
    *actual = g_strndup (message, strcspn (message, "\n"));
  return process;
}

static char *
make_target_path (HvcatFixture *fixture)
{
  return g_build_filename (fixture->folder.path, "target", NULL);
}

/* Each half-close is passed on while the other direction goes on. */
static void
test_half_close (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_target_path (fixture);
  g_autofree char *target = g_strconcat ("unix://", path, NULL);
  int listener = socket_listen (path, SOCK_STREAM, 1);
  g_autoptr (ToolProcess) forwarder = start_forwarder (fixture->uri, target, NULL, NULL);
  int client = raw_connect (fixture->path);
  int server = raw_accept (listener);

  raw_write (client, "question");
  shutdown (client, SHUT_WR);
  raw_expect (server, "question");
  raw_expect_end (server);
  raw_write (server, "answer");
  shutdown (server, SHUT_WR);
  raw_expect (client, "answer");
  raw_expect_end (client);
  tool_process_assert_ends (forwarder, 0, "forwarded 8 bytes, and 6 bytes back\n");
  close (client);
  close (server);
  close (listener);
  g_unlink (path);
}

static void
test_several_at_once (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_target_path (fixture);
  g_autofree char *target = g_strconcat ("unix://", path, NULL);
  int listener = socket_listen (path, SOCK_STREAM, 8);
  g_autoptr (ToolProcess) forwarder = start_forwarder (fixture->uri, target, "-k", NULL);
  int clients[5], servers[5];

  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      clients[i] = raw_connect (fixture->path);
      servers[i] = raw_accept (listener);
    }
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      raw_write (clients[i], "there");
      raw_expect (servers[i], "there");
      raw_write (servers[i], "back");
      raw_expect (clients[i], "back");
    }
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      close (clients[i]);
      raw_expect_end (servers[i]);
      close (servers[i]);
    }
  close (listener);
  g_unlink (path);

  g_subprocess_send_signal (forwarder->process, SIGTERM);
  tool_process_wait (forwarder);
  hvcat_fixture_assert_removed (fixture);
}

/* From a Unix socket to TCP, and by another forwarder back to a Unix socket. */
static void
test_tcp (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_target_path (fixture);
  g_autofree char *target = g_strconcat ("unix://", path, NULL);
  g_autofree char *tcp = NULL;
  g_autoptr (GBytes) request = random_bytes (3000001, 1);
  g_autoptr (GBytes) answer = random_bytes (2000003, 2);
  g_autoptr (ToolProcess) server = tool_process_new ("hvcat", "-lv", target, NULL);
  g_autoptr (ToolProcess) inner = start_forwarder ("tcp://127.0.0.1:0", target, NULL, &tcp);
  g_autoptr (ToolProcess) outer = start_forwarder (fixture->uri, tcp, NULL, NULL);
  g_autoptr (ToolProcess) client = NULL;

  g_assert_true (g_str_has_prefix (tcp, "tcp://127.0.0.1:"));
  tool_process_wait_for_message (server, "listening on ");
  client = tool_process_new ("hvcat", fixture->uri, NULL);
  tool_process_feed (client, request);
  tool_process_feed (server, answer);
  tool_process_assert_ends (client, 0, NULL);
  tool_process_assert_ends (outer, 0, NULL);
  tool_process_assert_ends (inner, 0, NULL);
  tool_process_assert_ends (server, 0, NULL);
  tool_process_assert_output (server, request);
  tool_process_assert_output (client, answer);
}

static void
test_tcp_direct (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *tcp = NULL;
  g_autofree char *refused = NULL;
  g_autoptr (ToolProcess) forwarder =
      start_forwarder ("tcp://127.0.0.1:0", fixture->uri, NULL, &tcp);
  int listener = socket_listen (fixture->path, SOCK_STREAM, 1);
  g_autoptr (ToolProcess) client = tool_process_new ("hvcat", tcp, NULL);
  g_autoptr (GBytes) bytes = g_bytes_new_static ("over TCP", 8);
  g_autoptr (ToolProcess) late = NULL;
  int server = raw_accept (listener);

  tool_process_write (client, bytes);
  tool_process_end_input (client);
  raw_expect (server, "over TCP");
  raw_expect_end (server);
  close (server);
  close (listener);
  tool_process_assert_ends (client, 0, NULL);
  tool_process_assert_ends (forwarder, 0, NULL);

  /* The one connection that it took is over. */
  late = tool_process_new ("hvcat", tcp, NULL);
  refused = g_strdup_printf ("hvcat: cannot connect to '%s': ", tcp);
  tool_process_assert_ends (late, 1, refused);
}

/* It is told, the peer is hung up on, and the next one is taken. */
static void
test_target_missing (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_target_path (fixture);
  g_autofree char *target = g_strconcat ("unix://", path, NULL);
  g_autoptr (ToolProcess) forwarder = start_forwarder (fixture->uri, target, "-k", NULL);
  int client = raw_connect (fixture->path);
  int listener, server;

  raw_expect_end (client);
  close (client);
  tool_process_wait_for_message (forwarder, "hvcat: cannot connect to 'unix://");

  listener = socket_listen (path, SOCK_STREAM, 1);
  client = raw_connect (fixture->path);
  server = raw_accept (listener);
  raw_write (client, "now");
  raw_expect (server, "now");
  close (client);
  close (server);
  close (listener);
  g_unlink (path);
  g_subprocess_send_signal (forwarder->process, SIGTERM);
  tool_process_wait (forwarder);
}

static void
test_target_missing_once (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_target_path (fixture);
  g_autofree char *target = g_strconcat ("unix://", path, NULL);
  g_autoptr (ToolProcess) forwarder = start_forwarder (fixture->uri, target, NULL, NULL);
  int client = raw_connect (fixture->path);

  raw_expect_end (client);
  close (client);
  tool_process_assert_ends (forwarder, 1, "hvcat: cannot connect to 'unix://");
}

static void
test_retry (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_target_path (fixture);
  g_autofree char *target = g_strconcat ("unix://", path, NULL);
  g_autoptr (ToolProcess) forwarder = start_forwarder (fixture->uri, target, "--retry", NULL);
  int client = raw_connect (fixture->path);
  int listener, server;

  raw_write (client, "early");
  listener = socket_listen (path, SOCK_STREAM, 1);
  server = raw_accept (listener);
  raw_expect (server, "early");
  close (client);
  close (server);
  tool_process_assert_ends (forwarder, 0, NULL);
  close (listener);
  g_unlink (path);
}

/* A deadline is not rounded to seconds. */
static void
test_tcp_timeout (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) listener = NULL;
  g_autoptr (GSocket) waiting = NULL;
  g_autoptr (ToolProcess) client = NULL;
  g_autofree char *uri = NULL;
  g_autoptr (GError) error = NULL;

  listener = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, 0, &error);
  g_assert_no_error (error);
  waiting = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, 0, &error);
  g_assert_no_error (error);
  g_socket_set_listen_backlog (listener, 0);
  g_assert_true (g_socket_bind (listener, any, FALSE, NULL));
  g_assert_true (g_socket_listen (listener, NULL));
  address = g_socket_get_local_address (listener, NULL);
  g_assert_true (g_socket_connect (waiting, address, NULL, NULL));
  uri = g_strdup_printf ("tcp://127.0.0.1:%u",
                         g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)));

  client = tool_process_new ("hvcat", "-w", "100", uri, NULL);
  tool_process_assert_ends (client, 1, "no answer within 100 ms");
}

/* A port that was free a moment ago. */
static char *
make_free_tcp_uri (HvcatFixture *fixture)
{
  g_autoptr (ToolProcess) listener = NULL;
  char *tcp = NULL;

  listener = start_forwarder ("tcp://127.0.0.1:0", fixture->uri, NULL, &tcp);
  g_subprocess_send_signal (listener->process, SIGTERM);
  tool_process_wait (listener);
  return tcp;
}

static void
test_tcp_retry (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *tcp = make_free_tcp_uri (fixture);
  g_autoptr (GBytes) bytes = random_bytes (1000, 1);
  g_autoptr (ToolProcess) client = tool_process_new ("hvcat", "--retry", "-w", "60000", tcp, NULL);
  g_autoptr (ToolProcess) probe = tool_process_new ("hvcat", tcp, NULL);
  g_autoptr (ToolProcess) server = NULL;

  tool_process_assert_ends (probe, 1, "Connection refused");
  server = tool_process_new ("hvcat", "-l", "--echo", tcp, NULL);
  tool_process_feed (client, bytes);
  tool_process_assert_ends (client, 0, NULL);
  tool_process_assert_ends (server, 0, NULL);
  tool_process_assert_output (client, bytes);
}

static void
test_tcp_retry_in_vain (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *tcp = make_free_tcp_uri (fixture);
  const gint64 start = g_get_monotonic_time ();
  g_autoptr (ToolProcess) client = tool_process_new ("hvcat", "--retry", "-w", "3000", tcp, NULL);

  tool_process_assert_ends (client, 1, "no success within 3000 ms: cannot connect to 'tcp://");
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 3000 * G_TIME_SPAN_MILLISECOND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  hvcat_fixture_add ("/hvcat/forward/half-close", NULL, test_half_close);
  hvcat_fixture_add ("/hvcat/forward/several-at-once", NULL, test_several_at_once);
  hvcat_fixture_add ("/hvcat/forward/tcp", NULL, test_tcp);
  hvcat_fixture_add ("/hvcat/forward/tcp-direct", NULL, test_tcp_direct);
  hvcat_fixture_add ("/hvcat/forward/tcp-timeout", NULL, test_tcp_timeout);
  hvcat_fixture_add ("/hvcat/forward/tcp-retry", NULL, test_tcp_retry);
  hvcat_fixture_add ("/hvcat/forward/tcp-retry-in-vain", NULL, test_tcp_retry_in_vain);
  hvcat_fixture_add ("/hvcat/forward/target-missing", NULL, test_target_missing);
  hvcat_fixture_add ("/hvcat/forward/target-missing-once", NULL, test_target_missing_once);
  hvcat_fixture_add ("/hvcat/forward/retry", NULL, test_retry);

  return g_test_run ();
}
