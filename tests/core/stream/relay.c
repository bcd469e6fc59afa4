/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Relays between streams of all kinds that a Unix has, and what goes wrong with them. */

#include "ends.h"
#include "relay-fixture.h"
#include "streams.h"
#include "waits.h"

#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <unistd.h>

#define SIZE (500 * 1024 * 1024)

static GIOStream *
wrap_socket (int fd)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, &error);

  g_assert_no_error (error);
  return G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
}

static void
make_pair (RelaySide *self, int type)
{
  int fds[2];

  g_assert_no_errno (socketpair (AF_UNIX, type | SOCK_CLOEXEC, 0, fds));
  self->stream = G_IO_STREAM (hvsock_connection_new_for_fd (fds[0], NULL, NULL));
  self->peer = wrap_socket (fds[1]);
}

static void
make_connection (RelaySide *self)
{
  make_pair (self, SOCK_STREAM);
}

static void
make_packets (RelaySide *self)
{
  make_pair (self, SOCK_SEQPACKET);
}

static void
make_socket_connection (RelaySide *self)
{
  int fds[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
  self->stream = wrap_socket (fds[0]);
  self->peer = wrap_socket (fds[1]);
}

static void
open_pipe (GInputStream **input, GOutputStream **output)
{
  int fds[2];

  g_assert_no_errno (pipe (fds));
  *input = g_unix_input_stream_new (fds[0], TRUE);
  *output = g_unix_output_stream_new (fds[1], TRUE);
}

static void
open_pipes (RelaySide *self, GInputStream **input, GOutputStream **output)
{
  g_autoptr (GInputStream) peer_input = NULL;
  g_autoptr (GOutputStream) peer_output = NULL;

  open_pipe (input, &peer_output);
  open_pipe (&peer_input, output);
  self->peer = g_simple_io_stream_new (peer_input, peer_output);
}

static void
make_pipes (RelaySide *self)
{
  g_autoptr (GInputStream) input = NULL;
  g_autoptr (GOutputStream) output = NULL;

  open_pipes (self, &input, &output);
  self->stream = g_simple_io_stream_new (input, output);
}

/* Neither a descriptor nor pollable. */
static void
make_buffered (RelaySide *self)
{
  g_autoptr (GInputStream) input = NULL;
  g_autoptr (GOutputStream) output = NULL;
  g_autoptr (GInputStream) buffered_input = NULL;
  g_autoptr (GOutputStream) buffered_output = NULL;

  open_pipes (self, &input, &output);
  buffered_input = g_buffered_input_stream_new (input);
  buffered_output = g_buffered_output_stream_new (output);
  self->stream = g_simple_io_stream_new (buffered_input, buffered_output);
}

static const struct
{
  const char *name;
  RelaySideFunc make;
} kinds[] = {
  { "connection", make_connection },
  { "socket-connection", make_socket_connection },
  { "pipes", make_pipes },
  { "buffered", make_buffered },
};

static void
set_up_kinds (RelayFixture *fixture, gconstpointer data)
{
  const guint i = GPOINTER_TO_UINT (data) / G_N_ELEMENTS (kinds);
  const guint j = GPOINTER_TO_UINT (data) % G_N_ELEMENTS (kinds);

  relay_fixture_init (fixture, kinds[i].make, kinds[j].make);
}

static void
set_up_connections (RelayFixture *fixture, gconstpointer data)
{
  relay_fixture_init (fixture, make_connection, make_connection);
}

static void
set_up_packets (RelayFixture *fixture, gconstpointer data)
{
  relay_fixture_init (fixture, make_packets, make_packets);
}

/* There is no descriptor for a pipe of its own: the bytes go through a buffer. */
static void
test_out_of_descriptors (RelayFixture *fixture, gconstpointer data)
{
  relay_fixture_run (fixture, NULL);
  conformance_turn ();
  take_all_descriptors ();
  stream_send (fixture->first.peer, "request");
  relay_side_finish (&fixture->first);
  stream_send (fixture->second.peer, "answer");
  relay_side_finish (&fixture->second);
  conformance_wait (&fixture->result);
  free_all_descriptors ();
  relay_fixture_wait (fixture);
  stream_expect (fixture->second.peer, "request");
  stream_expect (fixture->first.peer, "answer");
}

typedef struct
{
  GIOStream *failed;
  int code;
} Failure;

static void
ended_cb (HvsockRelay *relay,
          GIOStream *from,
          GIOStream *failed,
          const GError *error,
          gpointer user_data)
{
  Failure *failure = user_data;

  if (error == NULL)
    return;

  g_assert_cmpuint (error->domain, ==, G_IO_ERROR);
  *failure = (Failure){ failed, error->code };
}

/* What one side has said is delivered although it takes nothing any more. */
static void
test_write_failure (RelayFixture *fixture, gconstpointer data)
{
  GSocket *second = g_socket_connection_get_socket (G_SOCKET_CONNECTION (fixture->second.peer));
  Failure failure = { NULL, -1 };

  stream_send (fixture->second.peer, "last words");
  g_assert_true (g_socket_shutdown (second, TRUE, TRUE, NULL));
  stream_send (fixture->first.peer, "too late");
  g_signal_connect (fixture->relay, "ended", G_CALLBACK (ended_cb), &failure);
  relay_fixture_run (fixture, NULL);
  relay_fixture_wait_error (fixture, G_IO_ERROR_BROKEN_PIPE);
  g_assert_cmpint (failure.code, ==, G_IO_ERROR_BROKEN_PIPE);
  g_assert_true (failure.failed == fixture->second.stream);
  stream_expect (fixture->first.peer, "last words");
}

/* The slow side's time-out is one of the relay's errors. */
static void
test_timed_out (RelayFixture *fixture, gconstpointer data)
{
  hvsock_connection_set_timeout (HVSOCK_CONNECTION (fixture->first.stream), 5);
  relay_fixture_run (fixture, NULL);
  relay_fixture_wait_error (fixture, G_IO_ERROR_TIMED_OUT);
}

static void
run (HvsockRelay *relay, GAsyncResult **result)
{
  hvsock_relay_run_async (relay, G_PRIORITY_DEFAULT, NULL, conformance_result_cb, result);
}

static void
assert_refused (HvsockRelay *relay, GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (hvsock_relay_run_finish (relay, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
}

static void
test_closed (RelayFixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) again = NULL;

  relay_fixture_run (fixture, NULL);
  run (fixture->relay, &again);
  conformance_wait (&again);
  assert_refused (fixture->relay, again);

  g_io_stream_close (fixture->first.stream, NULL, NULL);
  relay_fixture_wait_error (fixture, G_IO_ERROR_CLOSED);
}

static void
progress_cb (HvsockRelay *relay, guint64 from_first, guint64 from_second, gpointer user_data)
{
  guint64 *seen = user_data;

  g_assert_cmpuint (from_first, >, *seen);
  g_assert_cmpuint (from_second, ==, 0);
  *seen = from_first;
}

static void
test_progress (RelayFixture *fixture, gconstpointer data)
{
  guint64 seen = 0;

  hvsock_relay_set_progress_interval (fixture->relay, 1);
  g_signal_connect (fixture->relay, "progress", G_CALLBACK (progress_cb), &seen);
  relay_fixture_run (fixture, NULL);
  stream_send (fixture->first.peer, "abc");
  while (seen < 3)
    g_main_context_iteration (NULL, TRUE);
  stream_send (fixture->first.peer, "de");
  relay_side_finish (&fixture->first);
  relay_side_finish (&fixture->second);
  relay_fixture_wait (fixture);
  g_assert_cmpuint (seen, ==, 5);
}

static void
run_anew_cb (HvsockRelay *relay, guint64 from_first, guint64 from_second, gpointer user_data)
{
  run (relay, user_data);
}

/* Its last signal comes before its end. */
static void
test_run_anew_too_early (RelayFixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) refused = NULL;

  stream_send (fixture->first.peer, "abc");
  relay_side_finish (&fixture->first);
  relay_side_finish (&fixture->second);
  hvsock_relay_set_progress_interval (fixture->relay, G_MAXINT);
  g_signal_connect (fixture->relay, "progress", G_CALLBACK (run_anew_cb), &refused);
  relay_fixture_run (fixture, NULL);
  relay_fixture_wait (fixture);
  conformance_wait (&refused);
  assert_refused (fixture->relay, refused);
}

/* Each message arrives as one. */
static void
test_messages (RelayFixture *fixture, gconstpointer data)
{
  GInputStream *input = g_io_stream_get_input_stream (fixture->second.peer);
  char bytes[16];

  stream_send (fixture->first.peer, "one");
  stream_send (fixture->first.peer, "three");
  relay_side_finish (&fixture->first);
  relay_side_finish (&fixture->second);
  relay_fixture_run (fixture, NULL);
  relay_fixture_wait (fixture);
  g_assert_cmpint (g_input_stream_read (input, bytes, sizeof bytes, NULL, NULL), ==, 3);
  g_assert_cmpint (g_input_stream_read (input, bytes, sizeof bytes, NULL, NULL), ==, 5);
  g_assert_cmpint (g_input_stream_read (input, bytes, sizeof bytes, NULL, NULL), ==, 0);
}

/* All of it is done in the context where it was begun, though whoever runs that has not made it the
 * thread's default. */
static void
test_context (RelayFixture *fixture, gconstpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  relay_fixture_run (fixture, NULL);
  g_main_context_pop_thread_default (context);

  stream_send (fixture->first.peer, "one");
  relay_side_finish (&fixture->first);
  relay_side_finish (&fixture->second);
  while (fixture->result == NULL)
    {
      g_main_context_iteration (context, TRUE);
      g_assert_false (g_main_context_pending (NULL));
    }
  relay_fixture_wait (fixture);
  stream_expect (fixture->second.peer, "one");
}

typedef struct
{
  RelayFixture *fixture;
  gboolean was_meanwhile;
} Turn;

static gboolean
turn_cb (gpointer user_data)
{
  Turn *turn = user_data;

  turn->was_meanwhile = turn->fixture->result == NULL;
  return G_SOURCE_REMOVE;
}

/* A relay with much to do lets a timer have its turn. */
static void
test_fairness (RelayFixture *fixture, gconstpointer data)
{
  Turn turn = { fixture, FALSE };

  g_timeout_add (1, turn_cb, &turn);
  relay_fixture_exchange (fixture, SIZE, 0);
  g_assert_true (turn.was_meanwhile);
}

typedef void (*RelayTest) (RelayFixture *fixture, gconstpointer data);

static void
add (const char *path, RelayTest set_up, RelayTest test)
{
  g_test_add (path, RelayFixture, NULL, set_up, test, relay_fixture_tear_down);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (kinds) * G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/relay/both-ways/%s/%s", kinds[i / G_N_ELEMENTS (kinds)].name,
                           kinds[i % G_N_ELEMENTS (kinds)].name);

      g_test_add (path, RelayFixture, GUINT_TO_POINTER (i), set_up_kinds, relay_test_both_ways,
                  relay_fixture_tear_down);
    }
  add ("/relay/out-of-descriptors", set_up_connections, test_out_of_descriptors);
  add ("/relay/half-close", set_up_connections, relay_test_half_close);
  add ("/relay/write-failure", set_up_connections, test_write_failure);
  add ("/relay/cancelled", set_up_connections, relay_test_cancelled);
  add ("/relay/timed-out", set_up_connections, test_timed_out);
  add ("/relay/closed", set_up_connections, test_closed);
  add ("/relay/progress", set_up_connections, test_progress);
  add ("/relay/run-anew-too-early", set_up_connections, test_run_anew_too_early);
  add ("/relay/messages", set_up_packets, test_messages);
  add ("/relay/context", set_up_packets, test_context);
  add ("/relay/fairness", set_up_connections, test_fairness);

  return g_test_run ();
}
