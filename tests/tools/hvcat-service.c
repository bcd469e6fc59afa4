/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat as a service: sockets that it is given, how many it serves, and when it says that it is
 * ready. What stands in for a service manager here follows sd_listen_fds(3) and sd_notify(3). */

#include "hvcat-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixsocketaddress.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* What a service manager gives to hvcat. */
typedef struct
{
  int fds[2]; /* 0 for none */
  const char *listen_fds;
  const char *listen_pid; /* NULL for the right one */
  const char *notify_socket;
} Given;

/* Takes over the descriptors. The arguments end with the first that is NULL. */
static ToolProcess *
start_given (const Given *given, const char *first, const char *second, const char *third)
{
  static const char script[] = "export LISTEN_PID=${LISTEN_PID-$$}; exec \"$@\"";
  g_autofree char *path = tool_path ("hvcat");
  const char *arguments[] = { "sh", "-c", script, "sh", path, first, second, third, NULL };
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);

  g_subprocess_launcher_unsetenv (launcher, "LISTEN_PID");
  for (guint i = 0; i < G_N_ELEMENTS (given->fds) && given->fds[i] != 0; i++)
    g_subprocess_launcher_take_fd (launcher, given->fds[i], 3 + (int) i);
  if (given->listen_fds != NULL)
    g_subprocess_launcher_setenv (launcher, "LISTEN_FDS", given->listen_fds, TRUE);
  if (given->listen_pid != NULL)
    g_subprocess_launcher_setenv (launcher, "LISTEN_PID", given->listen_pid, TRUE);
  if (given->notify_socket != NULL)
    g_subprocess_launcher_setenv (launcher, "NOTIFY_SOCKET", given->notify_socket, TRUE);
  return tool_process_start (launcher, arguments);
}

static Given
give_two (const char *path, const char *other)
{
  return (Given){
    .fds = { socket_listen (path, SOCK_STREAM, 1), socket_listen (other, SOCK_STREAM, 1) },
    .listen_fds = "2",
  };
}

static void
expect_echo (int fd, const char *text)
{
  raw_write (fd, text);
  raw_expect (fd, text);
}

static void
end_by_signal (ToolProcess *process)
{
  g_subprocess_send_signal (process->process, SIGTERM);
  tool_process_assert_ends (process, 128 + SIGTERM, NULL);
}

/* Who made the socket file removes it. */
static void
test_one_socket (HvcatFixture *fixture, gconstpointer data)
{
  const Given given = { .fds = { socket_listen (fixture->path, SOCK_STREAM, 1) },
                        .listen_fds = "1" };
  int client = raw_connect (fixture->path);
  g_autofree char *message = g_strdup_printf ("listening on %s\n", fixture->uri);
  g_autoptr (ToolProcess) server = start_given (&given, "-lv", "--echo", NULL);

  expect_echo (client, "hello");
  close (client);
  tool_process_assert_ends (server, 0, message);
  g_assert_true (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
}

static void
test_two_sockets (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *other = g_build_filename (fixture->folder.path, "other", NULL);
  const Given given = give_two (fixture->path, other);
  g_autoptr (ToolProcess) server = start_given (&given, "-lk", "--echo", NULL);
  int first = raw_connect (fixture->path);
  int second = raw_connect (other);

  expect_echo (second, "two");
  expect_echo (first, "one");
  end_by_signal (server);
  close (first);
  close (second);
  g_unlink (other);
}

/* Each of the two listeners accepts before the first session can stop them. */
static void
test_one_at_a_time (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *other = g_build_filename (fixture->folder.path, "other", NULL);
  const Given given = give_two (fixture->path, other);
  int first = raw_connect (fixture->path);
  int second = raw_connect (other);
  g_autoptr (ToolProcess) server = NULL;

  raw_write (first, "one");
  raw_write (second, "other");
  server = start_given (&given, "-lkv", "--echo", "--max=1");
  raw_expect (first, "one");
  g_assert_cmpint (shutdown (first, SHUT_WR), ==, 0);
  raw_expect_end (first);
  raw_expect (second, "other");
  g_subprocess_send_signal (server->process, SIGTERM);
  tool_process_assert_ends (server, 128 + SIGTERM,
                            "connection from a peer without address\n"
                            "sent 3 bytes, received 3 bytes\n"
                            "connection from a peer without address\n");
  close (first);
  close (second);
  g_unlink (other);
}

/* As above, where output and its end are all that tells two sessions apart. */
static void
test_output_of_one (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *other = g_build_filename (fixture->folder.path, "other", NULL);
  const Given given = give_two (fixture->path, other);
  int first = raw_connect (fixture->path);
  int second = raw_connect (other);
  g_autoptr (ToolProcess) server = NULL;

  raw_write (second, "two");
  close (second);
  server = start_given (&given, "-lk", NULL, NULL);
  raw_expect_end (first);
  raw_write (first, "one");
  close (first);
  tool_process_wait_for_output (server, 6);
  g_assert_cmpstr (server->output->str, ==, "onetwo");
  end_by_signal (server);
  g_unlink (other);
}

/* Who was accepted along with the only one that is served is turned away, and does not end it. */
static void
test_only_one (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *other = g_build_filename (fixture->folder.path, "other", NULL);
  const Given given = give_two (fixture->path, other);
  int first = raw_connect (fixture->path);
  int second = raw_connect (other);
  g_autoptr (ToolProcess) server = NULL;

  g_assert_cmpint (shutdown (second, SHUT_WR), ==, 0);
  server = start_given (&given, "-lv", "--echo", NULL);
  raw_expect_end (second);
  expect_echo (first, "hello");
  close (first);
  tool_process_assert_ends (server, 0, "sent 5 bytes, received 5 bytes\n");
  close (second);
  g_unlink (other);
}

static void
test_uri_instead (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *other = g_build_filename (fixture->folder.path, "other", NULL);
  const Given given = { .fds = { socket_listen (other, SOCK_STREAM, 1) }, .listen_fds = "1" };
  g_autofree char *message = g_strdup_printf ("listening on %s\n", fixture->uri);
  g_autoptr (ToolProcess) server = start_given (&given, "-lkv", "--echo", fixture->uri);
  int client;

  tool_process_wait_for_message (server, message);
  g_assert_null (strstr (server->messages->str, other));
  client = raw_connect (fixture->path);
  expect_echo (client, "hello");
  close (client);
  end_by_signal (server);
  g_unlink (other);
}

static void
test_deadline (HvcatFixture *fixture, gconstpointer data)
{
  const Given given = { .fds = { socket_listen (fixture->path, SOCK_STREAM, 1) },
                        .listen_fds = "1" };
  g_autoptr (ToolProcess) server = start_given (&given, "-l", "--timeout=50", NULL);

  tool_process_assert_ends (server, 1, "no connection to 'LISTEN_FDS' within 50 ms");
}

typedef struct
{
  const char *path;
  const char *listen_fds;
  const char *listen_pid;
  int status;
  const char *message;
} RefusedCase;

static const RefusedCase refused_cases[] = {
  { "/hvcat/given/other-process", "1", "1", 2, "no URI was given" },
  { "/hvcat/given/word-for-process", "1", "me", 2, "no URI was given" },
  { "/hvcat/given/no-count", NULL, NULL, 2, "no URI was given" },
  { "/hvcat/given/word", "some", NULL, 1, "LISTEN_FDS is 'some'" },
  { "/hvcat/given/none", "0", NULL, 1, "LISTEN_FDS is '0'" },
  { "/hvcat/given/negative", "-1", NULL, 1, "LISTEN_FDS is '-1'" },
  { "/hvcat/given/huge", "4294967297", NULL, 1, "LISTEN_FDS is '4294967297'" },
  { "/hvcat/given/fewer", "2", NULL, 1, "LISTEN_FDS is 2: cannot listen on descriptor 4: " },
};

static void
test_refused (HvcatFixture *fixture, gconstpointer data)
{
  const RefusedCase *test = data;
  const Given given = {
    .fds = { socket_listen (fixture->path, SOCK_STREAM, 1) },
    .listen_fds = test->listen_fds,
    .listen_pid = test->listen_pid,
  };
  g_autoptr (ToolProcess) server = start_given (&given, "-l", NULL, NULL);

  tool_process_assert_ends (server, test->status, test->message);
}

static void
test_pipe (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) server = NULL;
  int ends[2];

  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  server = start_given (&(Given){ .fds = { ends[0] }, .listen_fds = "1" }, "-l", NULL, NULL);
  tool_process_assert_ends (server, 1, "cannot listen on descriptor 3: Socket operation on non");
  close (ends[1]);
}

/* As by Accept=yes. */
static void
test_connected (HvcatFixture *fixture, gconstpointer data)
{
  int listener = socket_listen (fixture->path, SOCK_STREAM, 1);
  const Given given = { .fds = { raw_connect (fixture->path) }, .listen_fds = "1" };
  g_autoptr (ToolProcess) server = start_given (&given, "-l", NULL, NULL);

  tool_process_assert_ends (server, 1, "descriptor 3: it is not a listening socket");
  close (listener);
}

/* The third is served when one of the others has ended, and not before. */
static void
test_max (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) server =
      tool_process_new ("hvcat", "-lkv", "--echo", "--max", "2", fixture->uri, NULL);
  int clients[3];

  tool_process_wait_for_message (server, "listening on ");
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    clients[i] = raw_connect (fixture->path);
  raw_write (clients[2], "third");
  expect_echo (clients[0], "first");
  expect_echo (clients[1], "second");
  close (clients[0]);
  raw_expect (clients[2], "third");
  tool_process_wait_for_message (server, "connection from a peer without address\n"
                                         "connection from a peer without address\n"
                                         "sent 5 bytes, received 5 bytes\n"
                                         "connection from a peer without address\n");
  close (clients[1]);
  close (clients[2]);
  end_by_signal (server);
}

/* The other end of NOTIFY_SOCKET. */
static int
open_notify_socket (const char *name, gboolean is_abstract)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  const gsize length = strlen (name);
  int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpuint (length + 1, <, sizeof address.sun_path);
  memcpy (address.sun_path + (is_abstract ? 1 : 0), name, length);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address,
                         (socklen_t) (offsetof (struct sockaddr_un, sun_path) + length + 1)),
                   ==, 0);
  return fd;
}

static void
expect_nothing_notified (int fd)
{
  char byte;

  g_assert_cmpint (recv (fd, &byte, 1, MSG_DONTWAIT), ==, -1);
  g_assert_cmpint (errno, ==, EAGAIN);
}

static void
test_notify (HvcatFixture *fixture, gconstpointer data)
{
  const gboolean is_abstract = GPOINTER_TO_INT (data);
  g_autofree char *path = g_build_filename (fixture->folder.path, "notify", NULL);
  g_autofree char *name = is_abstract ? g_strconcat ("@", path, NULL) : g_strdup (path);
  const Given given = { .notify_socket = name };
  g_autoptr (ToolProcess) server = NULL;
  char buffer[64];
  int manager, client;

  if (is_abstract && !g_unix_socket_address_abstract_names_supported ())
    {
      g_test_skip ("there are no abstract sockets here: only Linux has them");
      return;
    }
  manager = open_notify_socket (path, is_abstract);
  server = start_given (&given, "-l", "--systemd-notify", fixture->uri);
  g_assert_cmpint (recv (manager, buffer, sizeof buffer, 0), ==, strlen ("READY=1\n"));
  g_assert_cmpmem (buffer, strlen ("READY=1\n"), "READY=1\n", strlen ("READY=1\n"));
  client = raw_connect (fixture->path);
  g_assert_cmpint (shutdown (client, SHUT_WR), ==, 0);
  raw_expect_end (client);
  close (client);
  tool_process_assert_ends (server, 0, NULL);
  expect_nothing_notified (manager);
  close (manager);
  g_unlink (path);
}

/* Nobody has asked for it. */
static void
test_notify_not (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder.path, "notify", NULL);
  int manager = open_notify_socket (path, FALSE);
  const Given given = {
    .fds = { socket_listen (fixture->path, SOCK_STREAM, 1) },
    .listen_fds = "1",
    .notify_socket = path,
  };
  g_autoptr (ToolProcess) server = start_given (&given, "-lk", "--echo", NULL);
  int client = raw_connect (fixture->path);

  expect_echo (client, "hello");
  expect_nothing_notified (manager);
  close (client);
  end_by_signal (server);
  close (manager);
  g_unlink (path);
}

/* Who cannot listen is not ready. */
static void
test_notify_in_vain (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder.path, "notify", NULL);
  int manager = open_notify_socket (path, FALSE);
  int listener = socket_listen (fixture->path, SOCK_STREAM, 1);
  const Given given = { .notify_socket = path };
  g_autoptr (ToolProcess) server = start_given (&given, "-l", "--systemd-notify", fixture->uri);

  tool_process_assert_ends (server, 1, "cannot listen on ");
  expect_nothing_notified (manager);
  close (listener);
  close (manager);
  g_unlink (path);
}

static void
test_notify_nobody (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) server =
      tool_process_new ("hvcat", "-lv", "--echo", "--systemd-notify", fixture->uri, NULL);
  int client;

  tool_process_wait_for_message (server, "listening on ");
  client = raw_connect (fixture->path);
  expect_echo (client, "hello");
  close (client);
  tool_process_assert_ends (server, 0, NULL);
}

static void
test_notify_impossible (HvcatFixture *fixture, gconstpointer name)
{
  const Given given = { .notify_socket = name };
  g_autofree char *message = g_strdup_printf ("hvcat: cannot notify '%s': ", (const char *) name);
  g_autoptr (ToolProcess) server = start_given (&given, "-l", "--systemd-notify", fixture->uri);

  tool_process_assert_ends (server, 1, message);
  hvcat_fixture_assert_removed (fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  hvcat_fixture_add ("/hvcat/given/one", NULL, test_one_socket);
  hvcat_fixture_add ("/hvcat/given/two", NULL, test_two_sockets);
  hvcat_fixture_add ("/hvcat/given/one-at-a-time", NULL, test_one_at_a_time);
  hvcat_fixture_add ("/hvcat/given/output-of-one", NULL, test_output_of_one);
  hvcat_fixture_add ("/hvcat/given/only-one", NULL, test_only_one);
  hvcat_fixture_add ("/hvcat/given/uri-instead", NULL, test_uri_instead);
  hvcat_fixture_add ("/hvcat/given/deadline", NULL, test_deadline);
  for (gsize i = 0; i < G_N_ELEMENTS (refused_cases); i++)
    hvcat_fixture_add (refused_cases[i].path, &refused_cases[i], test_refused);
  hvcat_fixture_add ("/hvcat/given/pipe", NULL, test_pipe);
  hvcat_fixture_add ("/hvcat/given/connected", NULL, test_connected);
  hvcat_fixture_add ("/hvcat/max", NULL, test_max);
  hvcat_fixture_add ("/hvcat/notify/path", GINT_TO_POINTER (FALSE), test_notify);
  hvcat_fixture_add ("/hvcat/notify/abstract", GINT_TO_POINTER (TRUE), test_notify);
  hvcat_fixture_add ("/hvcat/notify/not", NULL, test_notify_not);
  hvcat_fixture_add ("/hvcat/notify/in-vain", NULL, test_notify_in_vain);
  hvcat_fixture_add ("/hvcat/notify/nobody", NULL, test_notify_nobody);
  hvcat_fixture_add ("/hvcat/notify/relative", "relative", test_notify_impossible);
  hvcat_fixture_add ("/hvcat/notify/missing", "/nonexistent/socket", test_notify_impossible);
  return g_test_run ();
}
