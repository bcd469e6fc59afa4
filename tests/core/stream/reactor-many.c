/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Many streams in one main loop, streams that nobody reads, and descriptors that others have as
 * well: after a fork, or as a copy. */

#include "ends.h"
#include "waits.h"

#include <sys/wait.h>
#include <unistd.h>

#define N_MANY 300
#define LONG   60000

typedef struct
{
  Ends ends[N_MANY];
  char bytes[N_MANY];
  guint n_done;
  GIOErrorEnum failed;
} Crowd;

static Crowd *
crowd_new (void)
{
  Crowd *self = g_new0 (Crowd, 1);

  for (guint i = 0; i < N_MANY; i++)
    ends_init (&self->ends[i], SOCK_STREAM);
  return self;
}

static void
crowd_free (Crowd *self)
{
  for (guint i = 0; i < N_MANY; i++)
    ends_clear (&self->ends[i]);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Crowd, crowd_free)

static void
crowd_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Crowd *self = user_data;
  g_autoptr (GError) error = NULL;

  if (g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error) < 0)
    self->failed = error->code;
  self->n_done++;
}

static void
crowd_read (Crowd *self)
{
  self->n_done = 0;
  for (guint i = 0; i < N_MANY; i++)
    g_input_stream_read_async (ends_input (&self->ends[i]), &self->bytes[i], 1, G_PRIORITY_DEFAULT,
                               NULL, crowd_read_cb, self);
}

static void
crowd_wait (Crowd *self)
{
  while (self->n_done < N_MANY)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_all_ready (void)
{
  g_autoptr (Crowd) crowd = crowd_new ();

  for (guint round = 0; round < 3; round++)
    {
      crowd_read (crowd);
      conformance_turn ();
      g_assert_cmpuint (crowd->n_done, ==, 0);
      for (guint i = 0; i < N_MANY; i++)
        ends_send (&crowd->ends[i], "x");
      crowd_wait (crowd);
      g_assert_cmpint (crowd->failed, ==, 0);
    }
}

/* However many are ready, the rest of the loop has its turn in between. */
static void
test_fairness (void)
{
  g_autoptr (Crowd) crowd = crowd_new ();
  g_autoptr (GSource) other = g_idle_source_new ();
  gboolean had_turn = FALSE;

  crowd_read (crowd);
  conformance_turn ();
  for (guint i = 0; i < N_MANY; i++)
    ends_send (&crowd->ends[i], "x");
  g_source_set_priority (other, G_PRIORITY_DEFAULT);
  g_source_set_callback (other, conformance_flag_cb, &had_turn, NULL);
  g_source_attach (other, NULL);
  conformance_wait_flag (&had_turn);
  g_assert_cmpuint (crowd->n_done, <, N_MANY);
  crowd_wait (crowd);
}

static void
test_time_outs (void)
{
  g_autoptr (Crowd) crowd = crowd_new ();

  for (guint i = 0; i < N_MANY; i++)
    hvsock_connection_set_timeout (crowd->ends[i].connection, 1 + i % 20);
  crowd_read (crowd);
  crowd_wait (crowd);
  g_assert_cmpint (crowd->failed, ==, G_IO_ERROR_TIMED_OUT);
}

static void
test_served_before_time_out (void)
{
  g_autoptr (Crowd) crowd = crowd_new ();

  for (guint i = 0; i < N_MANY; i++)
    hvsock_connection_set_timeout (crowd->ends[i].connection, LONG);
  crowd_read (crowd);
  for (guint i = 0; i < N_MANY; i++)
    ends_send (&crowd->ends[i], "x");
  crowd_wait (crowd);
  g_assert_cmpint (crowd->failed, ==, 0);
}

static void
test_closed (void)
{
  g_autoptr (Crowd) crowd = crowd_new ();

  crowd_read (crowd);
  conformance_turn ();
  for (guint i = 0; i < N_MANY; i++)
    g_io_stream_close (G_IO_STREAM (crowd->ends[i].connection), NULL, NULL);
  crowd_wait (crowd);
  g_assert_cmpint (crowd->failed, ==, G_IO_ERROR_CLOSED);
}

static guint
count_busy_turns (void)
{
  guint n_turns = 0;

  while (n_turns < 100 && g_main_context_iteration (NULL, FALSE))
    n_turns++;
  return n_turns;
}

/* A stream with data that nobody wants lets the loop rest, and loses nothing by it. */
static void
test_unread_rests (void)
{
  g_auto (Ends) ends = { 0 };

  ends_init (&ends, SOCK_STREAM);
  ends_send (&ends, "abc");
  ends_read_byte (&ends);
  g_assert_cmpuint (count_busy_turns (), <, 10);
  ends_read_byte (&ends);
  g_assert_cmpuint (count_busy_turns (), <, 10);
  ends_send (&ends, "d");
  g_assert_cmpuint (count_busy_turns (), <, 10);
  ends_read_byte (&ends);
  ends_read_byte (&ends);
}

/* So does one whose peer has gone, which the system would tell for ever. */
static void
test_hung_up_rests (void)
{
  g_auto (Ends) ends = { 0 };

  ends_init (&ends, SOCK_STREAM);
  ends_send (&ends, "ab");
  ends_read_byte (&ends);
  ends_send (&ends, "c");
  shutdown (ends.peer, SHUT_RDWR);
  g_assert_cmpuint (count_busy_turns (), <, 10);
  ends_read_byte (&ends);
  ends_read_byte (&ends);
  g_assert_cmpuint (count_busy_turns (), <, 10);
}

/* Likewise a stream that could be written to, after it could not. */
static void
test_writable_rests (void)
{
  g_auto (Ends) ends = { 0 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) read = NULL;
  char bytes[65536];

  ends_init (&ends, SOCK_STREAM);
  ends_fill (&ends);
  g_input_stream_read_async (ends_input (&ends), bytes, 1, G_PRIORITY_DEFAULT, NULL,
                             conformance_result_cb, &read);
  g_output_stream_write_async (ends_output (&ends), "x", 1, G_PRIORITY_DEFAULT, NULL,
                               conformance_result_cb, &result);
  conformance_turn ();
  g_assert_null (result);
  while (recv (ends.peer, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
    continue;
  conformance_wait (&result);
  g_assert_cmpint (g_output_stream_write_finish (ends_output (&ends), result, NULL), ==, 1);
  g_assert_cmpuint (count_busy_turns (), <, 10);
  g_assert_null (read);
  ends_send (&ends, "y");
  conformance_wait (&read);
}

/* A copy of the descriptor keeps the socket alive when the connection is gone. */
static void
test_copy_of_descriptor (void)
{
  g_auto (Ends) ends = { 0 };
  int copy;

  ends_init (&ends, SOCK_STREAM);
  ends_send (&ends, "a");
  ends_read_byte (&ends);
  copy = dup (hvsock_connection_get_fd (ends.connection));
  g_assert_cmpint (copy, >=, 0);
  g_clear_object (&ends.connection);
  ends_send (&ends, "b");
  g_assert_cmpuint (count_busy_turns (), ==, 0);
  close (copy);
}

/* The number of a descriptor serves the next connection at once. */
static void
test_number_used_again (void)
{
  for (guint i = 0; i < 50; i++)
    {
      g_auto (Ends) first = { 0 };
      g_auto (Ends) second = { 0 };
      g_autoptr (GAsyncResult) result = NULL;
      char byte;
      int fd;

      ends_init (&first, SOCK_STREAM);
      fd = hvsock_connection_get_fd (first.connection);
      ends_send (&first, "a");
      ends_read_byte (&first);
      ends_send (&first, "b");
      g_io_stream_close (G_IO_STREAM (first.connection), NULL, NULL);
      ends_init (&second, SOCK_STREAM);
      g_assert_cmpint (hvsock_connection_get_fd (second.connection), ==, fd);
      g_input_stream_read_async (ends_input (&second), &byte, 1, G_PRIORITY_DEFAULT, NULL,
                                 conformance_result_cb, &result);
      conformance_turn ();
      g_assert_null (result);
      ends_send (&second, "c");
      conformance_wait (&result);
      g_assert_cmpint (byte, ==, 'c');
    }
}

/* In the child: what it inherited can be used in a context of its own, and be closed, and neither
 * concerns the parent. */
static int
run_child (Ends *used, Ends *waiting)
{
  GMainContext *context = g_main_context_new ();
  int status = 0;
  char byte = '\0';
  g_autoptr (GAsyncResult) result = NULL;

  g_main_context_push_thread_default (context);
  g_input_stream_read_async (ends_input (used), &byte, 1, G_PRIORITY_DEFAULT, NULL,
                             conformance_result_cb, &result);
  while (g_main_context_iteration (context, FALSE))
    continue;
  status |= result != NULL ? 1 : 0;
  ends_send (used, "c");
  conformance_wait (&result);
  status |= byte != 'c' ? 2 : 0;
  g_main_context_pop_thread_default (context);
  g_clear_object (&used->connection);
  close (hvsock_connection_get_fd (waiting->connection));
  return status;
}

static void
test_fork (void)
{
  g_auto (Ends) used = { 0 };
  g_auto (Ends) waiting = { 0 };
  g_autoptr (GAsyncResult) result = NULL;
  char byte = '\0';
  int status;
  pid_t child;

  ends_init (&used, SOCK_STREAM);
  ends_init (&waiting, SOCK_STREAM);
  ends_send (&used, "a");
  ends_read_byte (&used);
  g_input_stream_read_async (ends_input (&waiting), &byte, 1, G_PRIORITY_DEFAULT, NULL,
                             conformance_result_cb, &result);
  conformance_turn ();

  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    _exit (run_child (&used, &waiting));
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);

  ends_send (&waiting, "x");
  conformance_wait (&result);
  g_assert_cmpint (byte, ==, 'x');
  ends_send (&used, "p");
  ends_read_byte (&used);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/reactor-many/all-ready", test_all_ready);
  g_test_add_func ("/reactor-many/fairness", test_fairness);
  g_test_add_func ("/reactor-many/time-outs", test_time_outs);
  g_test_add_func ("/reactor-many/served-before-time-out", test_served_before_time_out);
  g_test_add_func ("/reactor-many/closed", test_closed);
  g_test_add_func ("/reactor-many/rests/unread", test_unread_rests);
  g_test_add_func ("/reactor-many/rests/hung-up", test_hung_up_rests);
  g_test_add_func ("/reactor-many/rests/writable", test_writable_rests);
  g_test_add_func ("/reactor-many/shared/copy", test_copy_of_descriptor);
  g_test_add_func ("/reactor-many/shared/number", test_number_used_again);
  g_test_add_func ("/reactor-many/shared/fork", test_fork);

  return g_test_run ();
}
