/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The end of a framed connection, against a peer of bytes: what it answers, and whether. */

#include "framed-pair.h"

#include <gio/gnetworking.h>

/* What a peer says before it is closed: closing does not wait for long, so nobody has to be quick
 * then. The socket takes more than is read at once. */
static void
say_close (Pair *pair)
{
  GSocket *socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (pair->peer));
  g_autofree char *frame = g_malloc0 (4100);
  g_autoptr (GError) error = NULL;

  g_socket_set_option (socket, SOL_SOCKET, SO_SNDBUF, 64 * 4100, &error);
  g_assert_no_error (error);
  frame[1] = 0x10;
  for (guint i = 0; i < 32; i++)
    pair_send (pair, frame, 4100);
  PAIR_SEND (pair, CLOSE);
}

static void
say_stop (Pair *pair)
{
  PAIR_SEND (pair, "\1\0\0\0a" STOP_WRITING STOP_READING);
}

static void
say_nonsense (Pair *pair)
{
  PAIR_SEND (pair, "\1\0\0\0a\xff\xff\xff\xff");
}

static void
say_nothing (Pair *pair)
{
}

/* What it does then, in a thread. */
static gpointer
stay_to_the_end (gpointer data)
{
  Pair *pair = data;

  PAIR_EXPECT (pair, CLOSE);
  pair_expect_end (pair);
  return NULL;
}

static gpointer
leave (gpointer data)
{
  Pair *pair = data;

  PAIR_EXPECT (pair, CLOSE);
  pair_close_peer (pair);
  return NULL;
}

static void
test_close_answered (void)
{
  static const struct
  {
    void (*say) (Pair *pair);
    GThreadFunc answer;
  } peers[] = {
    { say_close, stay_to_the_end },
    { say_stop, stay_to_the_end },
    { say_nonsense, stay_to_the_end },
    { say_nothing, leave },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (peers); i++)
    {
      g_auto (Pair) pair = { 0 };
      g_autoptr (GError) error = NULL;
      GThread *thread;

      pair_init (&pair);
      peers[i].say (&pair);
      thread = g_thread_new ("peer", peers[i].answer, &pair);
      g_io_stream_close (G_IO_STREAM (pair.framed), NULL, &error);
      g_assert_no_error (error);
      g_thread_join (thread);
      pair_read_error (&pair, G_IO_ERROR_CLOSED);
      pair_write_error (&pair, G_IO_ERROR_CLOSED);
    }
}

/* The peer has sent more than there is room for, all of which closing has still to read. */
static void
test_close_unread (void)
{
  g_autofree char *frames = g_malloc0 (20 * 4100);
  g_autoptr (GInputStream) input = g_memory_input_stream_new ();
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();
  g_autoptr (GIOStream) base = g_simple_io_stream_new (input, output);
  g_autoptr (HvsockConnection) framed = hvsock_framed_connection_new (base);
  g_autoptr (GError) error = NULL;
  goffset n_heard;

  for (guint i = 0; i < 20; i++)
    frames[i * 4100 + 1] = 0x10;
  g_memory_input_stream_add_data (G_MEMORY_INPUT_STREAM (input), frames, 20 * 4100, NULL);

  /* Each write looks for what the peer says, until there is no room. */
  do
    {
      n_heard = g_seekable_tell (G_SEEKABLE (input));
      g_output_stream_write (g_io_stream_get_output_stream (G_IO_STREAM (framed)), "x", 1, NULL,
                             &error);
      g_assert_no_error (error);
    }
  while (g_seekable_tell (G_SEEKABLE (input)) > n_heard);
  g_assert_cmpint (n_heard, <, 20 * 4100);

  g_io_stream_close (G_IO_STREAM (framed), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_seekable_tell (G_SEEKABLE (input)), ==, 20 * 4100);
}

/* It is not waited for for ever: neither to answer, nor to make room. */
static void
test_close_silent (void)
{
  static const guint timeouts[] = { 50, 0 };
  static const gint64 expected[] = { 50, 1000 };

  for (gsize i = 0; i < G_N_ELEMENTS (timeouts); i++)
    {
      g_auto (Pair) pair = { 0 };
      gint64 start = g_get_monotonic_time ();

      pair_init (&pair);
      hvsock_connection_set_timeout (pair.framed, timeouts[i]);
      g_assert_true (g_io_stream_close (G_IO_STREAM (pair.framed), NULL, NULL));
      g_assert_cmpint (g_get_monotonic_time () - start, >=, (expected[i] - 1) * 1000);
      PAIR_EXPECT (&pair, CLOSE);
      pair_expect_end (&pair);
    }
}

/* GIO calls it a failure, and closed nevertheless. */
static void
test_close_cancelled (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) closed = NULL;
  g_autoptr (GError) error = NULL;

  pair_init (&pair);
  g_io_stream_close_async (G_IO_STREAM (pair.framed), G_PRIORITY_DEFAULT, cancellable, result_cb,
                           &closed);
  PAIR_EXPECT (&pair, CLOSE);
  result_expect_pending (&closed);
  g_cancellable_cancel (cancellable);
  result_wait (&closed);
  g_assert_false (g_io_stream_close_finish (G_IO_STREAM (pair.framed), closed, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (g_io_stream_is_closed (G_IO_STREAM (pair.framed)));
  pair_expect_end (&pair);
}

/* A pending operation ends, and what it had begun is finished before the close is said. */
static void
test_close_pending (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GAsyncResult) read = NULL;
  g_autoptr (GAsyncResult) closed = NULL;
  g_autoptr (GError) error = NULL;
  char byte;

  pair_init (&pair);
  g_input_stream_read_async (pair.input, &byte, 1, G_PRIORITY_DEFAULT, NULL, result_cb, &read);
  result_expect_pending (&read);
  g_io_stream_close_async (G_IO_STREAM (pair.framed), G_PRIORITY_DEFAULT, NULL, result_cb, &closed);
  result_wait (&read);
  g_assert_cmpint (g_input_stream_read_finish (pair.input, read, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  PAIR_EXPECT (&pair, CLOSE);
  result_expect_pending (&closed);
  PAIR_SEND (&pair, CLOSE);
  result_wait (&closed);
  pair_expect_end (&pair);
}

static gpointer
run_loop (gpointer loop)
{
  g_main_loop_run (loop);
  return NULL;
}

static void
quit_loop_cb (GObject *source, GAsyncResult *result, gpointer loop)
{
  g_autoptr (GError) error = NULL;

  g_io_stream_close_finish (G_IO_STREAM (source), result, &error);
  g_assert_no_error (error);
  g_main_loop_quit (loop);
}

/* Another thread runs the main context, where the pending operation ends meanwhile. */
static void
test_close_from_elsewhere (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GAsyncResult) read = NULL;
  g_autoptr (GError) error = NULL;
  GThread *thread;
  char byte;

  pair_init (&pair);
  g_input_stream_read_async (pair.input, &byte, 1, G_PRIORITY_DEFAULT, NULL, result_cb, &read);
  result_expect_pending (&read);
  thread = g_thread_new ("loop", run_loop, loop);
  g_io_stream_close_async (G_IO_STREAM (pair.framed), G_PRIORITY_DEFAULT, NULL, quit_loop_cb, loop);
  PAIR_EXPECT (&pair, CLOSE);
  PAIR_SEND (&pair, CLOSE);
  g_thread_join (thread);
  g_assert_cmpint (g_input_stream_read_finish (pair.input, read, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  pair_expect_end (&pair);
}

static void
test_last_reference (void)
{
  g_auto (Pair) pair = { 0 };

  pair_init (&pair);
  pair_write (&pair, "last");
  g_clear_object (&pair.framed);
  PAIR_EXPECT (&pair, "\4\0\0\0last" CLOSE);
  pair_expect_end (&pair);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/framed/close/answered", test_close_answered);
  g_test_add_func ("/framed/close/unread", test_close_unread);
  g_test_add_func ("/framed/close/silent", test_close_silent);
  g_test_add_func ("/framed/close/cancelled", test_close_cancelled);
  g_test_add_func ("/framed/close/pending", test_close_pending);
  g_test_add_func ("/framed/close/from-elsewhere", test_close_from_elsewhere);
  g_test_add_func ("/framed/close/last-reference", test_last_reference);

  return g_test_run ();
}
