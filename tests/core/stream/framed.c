/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A framed connection against a peer of bytes: what is on the wire, peers that break the rules, and
 * operations that are given up within a frame. */

#include "framed-pair.h"

#include <string.h>

static void
test_wire (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GAsyncResult) closed = NULL;
  g_autoptr (GError) error = NULL;

  pair_init (&pair);
  pair_write (&pair, "hello");
  PAIR_EXPECT (&pair, "\5\0\0\0hello");
  PAIR_SEND (&pair, "\3\0\0\0wor\0\0\0\0\2\0\0\0ld");
  pair_read (&pair, "world");

  pair_shut_down (&pair, TRUE, FALSE);
  PAIR_EXPECT (&pair, STOP_READING);
  pair_shut_down (&pair, TRUE, TRUE);
  PAIR_EXPECT (&pair, STOP_WRITING);
  pair_read_end (&pair);
  pair_write_error (&pair, G_IO_ERROR_BROKEN_PIPE);

  g_io_stream_close_async (G_IO_STREAM (pair.framed), G_PRIORITY_DEFAULT, NULL, result_cb, &closed);
  PAIR_EXPECT (&pair, CLOSE);
  PAIR_SEND (&pair, CLOSE);
  result_wait (&closed);
  g_assert_true (g_io_stream_close_finish (G_IO_STREAM (pair.framed), closed, &error));
  g_assert_no_error (error);
  pair_expect_end (&pair);
  g_assert_false (hvsock_connection_shutdown (pair.framed, FALSE, TRUE, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

/* Sixteen frames go to the base at once, which here takes all of them. */
static void
test_large_write (void)
{
  g_autoptr (GInputStream) input = g_memory_input_stream_new ();
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();
  g_autoptr (GIOStream) base = g_simple_io_stream_new (input, output);
  g_autoptr (HvsockConnection) framed = hvsock_framed_connection_new (base);
  g_autofree char *expected = g_malloc0 (16 * 4100);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 16; i++)
    expected[i * 4100 + 1] = 0x10;
  g_assert_cmpint (g_output_stream_write (g_io_stream_get_output_stream (G_IO_STREAM (framed)),
                                          pair_many_bytes, 65536 + 5, NULL, &error),
                   ==, 65536);
  g_assert_no_error (error);
  g_assert_cmpmem (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (output)),
                   g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (output)), expected,
                   16 * 4100);
}

static void
test_properties (void)
{
  g_auto (Pair) pair = { 0 };
  GIOStream *base;

  pair_init (&pair);
  base = hvsock_framed_connection_get_base (HVSOCK_FRAMED_CONNECTION (pair.framed));
  g_assert_true (G_IS_SOCKET_CONNECTION (base));
  g_assert_cmpint (hvsock_connection_get_fd (pair.framed), ==, -1);
  g_assert_true (hvsock_connection_can_half_close (pair.framed));
  g_assert_null (hvsock_connection_get_local_address (pair.framed));
  g_assert_null (hvsock_connection_get_remote_address (pair.framed));
}

static void
test_unpollable (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  char byte = 0;

  pair_init_unpollable (&pair);
  g_assert_false (g_pollable_input_stream_can_poll (G_POLLABLE_INPUT_STREAM (pair.input)));
  g_assert_false (g_pollable_output_stream_can_poll (G_POLLABLE_OUTPUT_STREAM (pair.output)));
  pair_write (&pair, "hello");
  PAIR_EXPECT (&pair, "\5\0\0\0hello");
  g_input_stream_read_async (pair.input, &byte, 1, G_PRIORITY_DEFAULT, NULL, result_cb, &result);
  PAIR_SEND (&pair, "\1\0\0\0a" CLOSE);
  result_wait (&result);
  g_assert_cmpint (g_input_stream_read_finish (pair.input, result, &error), ==, 1);
  g_assert_no_error (error);
  g_assert_cmpint (byte, ==, 'a');
  PAIR_EXPECT (&pair, CLOSE);
  pair_read_end (&pair);
}

/* The base has taken a part of the frame. The rest is sent though the main context of the write
 * never runs again, and nothing else is done. */
static void
test_rest_of_write (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  pair_init_narrow (&pair);
  g_main_context_push_thread_default (context);
  g_output_stream_write_async (pair.output, "hello", 5, G_PRIORITY_DEFAULT, NULL, result_cb,
                               &result);
  while (result == NULL)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
  g_assert_cmpint (g_output_stream_write_finish (pair.output, result, &error), ==, 5);
  g_assert_no_error (error);
  PAIR_EXPECT (&pair, "\5\0\0\0hello");
}

static void
test_refused (void)
{
  static const char *const headers[] = { "\1\20\0\0", "\0\0\1\0", "\xee\xbe\xad\xde",
                                         "\xff\xff\xff\xff" };

  for (gsize i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      g_auto (Pair) pair = { 0 };

      pair_init (&pair);
      PAIR_SEND (&pair, "\2\0\0\0ab");
      pair_send (&pair, headers[i], 4);
      pair_read (&pair, "ab");
      pair_read_error (&pair, G_IO_ERROR_INVALID_DATA);
      pair_read_error (&pair, G_IO_ERROR_INVALID_DATA);
    }
}

/* A peer that is gone at the end of a frame may have said all; within one it has not. */
static void
test_cut (void)
{
  static const char bytes[] = "\2\0\0\0ab\3\0\0\0abc";

  for (gsize n = 0; n < sizeof bytes; n++)
    {
      g_auto (Pair) pair = { 0 };
      g_autofree char *expected =
          g_strconcat (n >= 5 ? "a" : "", n >= 6 ? "b" : "", n >= 11 ? "a" : "", n >= 12 ? "b" : "",
                       n >= 13 ? "c" : "", NULL);

      pair_init (&pair);
      pair_send (&pair, bytes, n);
      pair_close_peer (&pair);
      if (*expected != '\0')
        pair_read (&pair, expected);
      if (n == 0 || n == 6 || n == 13)
        pair_read_end (&pair);
      else
        pair_read_error (&pair, G_IO_ERROR_CONNECTION_CLOSED);
    }
}

static void
test_stops_writing (void)
{
  g_auto (Pair) pair = { 0 };

  pair_init (&pair);
  PAIR_SEND (&pair, "\1\0\0\0a" STOP_WRITING "\1\0\0\0b");
  pair_read (&pair, "a");
  pair_read_end (&pair);
  pair_read_end (&pair);
  pair_write (&pair, "more");
  PAIR_EXPECT (&pair, "\4\0\0\0more");
}

static void
test_stops_reading (void)
{
  g_auto (Pair) pair = { 0 };

  pair_init (&pair);
  PAIR_SEND (&pair, STOP_READING "\1\0\0\0a");
  pair_read (&pair, "a");
  pair_write_error (&pair, G_IO_ERROR_BROKEN_PIPE);
  PAIR_SEND (&pair, "\4\0\0\0more");
  pair_read (&pair, "more");
}

/* While a write waits for it. */
static void
test_stops_reading_meanwhile (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GAsyncResult) read = NULL;
  g_autoptr (GAsyncResult) written = NULL;
  g_autoptr (GError) error = NULL;
  char byte;

  pair_init (&pair);
  g_input_stream_read_async (pair.input, &byte, 1, G_PRIORITY_DEFAULT, NULL, result_cb, &read);
  g_output_stream_write_all_async (pair.output, pair_many_bytes, sizeof pair_many_bytes,
                                   G_PRIORITY_DEFAULT, NULL, result_cb, &written);
  result_expect_pending (&written);
  PAIR_SEND (&pair, STOP_READING);
  result_wait (&written);
  g_assert_false (g_output_stream_write_all_finish (pair.output, written, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
  g_assert_null (read);
  PAIR_SEND (&pair, "\1\0\0\0a");
  result_wait (&read);
}

/* While a write waits, and nobody reads but looks whether there is something to read. */
static void
test_stops_reading_looked_at (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GAsyncResult) written = NULL;
  g_autoptr (GError) error = NULL;

  pair_init (&pair);
  g_output_stream_write_all_async (pair.output, pair_many_bytes, sizeof pair_many_bytes,
                                   G_PRIORITY_DEFAULT, NULL, result_cb, &written);
  result_expect_pending (&written);
  PAIR_SEND (&pair, STOP_READING);
  pair_wait_arrival (&pair);
  g_assert_false (g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (pair.input)));
  result_wait (&written);
  g_assert_false (g_output_stream_write_all_finish (pair.output, written, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
}

static void
test_closes (void)
{
  g_auto (Pair) pair = { 0 };

  pair_init (&pair);
  PAIR_SEND (&pair, "\1\0\0\0a" CLOSE);
  pair_read (&pair, "a");
  PAIR_EXPECT (&pair, CLOSE);
  pair_read_end (&pair);
  pair_write_error (&pair, G_IO_ERROR_BROKEN_PIPE);
  pair_shut_down (&pair, TRUE, TRUE);
  g_assert_true (g_io_stream_close (G_IO_STREAM (pair.framed), NULL, NULL));
  pair_expect_end (&pair);
}

static gpointer
send_bytewise (gpointer data)
{
  static const char bytes[] =
      "\3\0\0\0abc\0\0\0\0\4\0\0\0defg" STOP_READING "\1\0\0\0h" STOP_WRITING;
  Pair *pair = data;

  g_socket_set_option (g_socket_connection_get_socket (G_SOCKET_CONNECTION (pair->peer)), 6, 1, 1,
                       NULL);
  for (gsize i = 0; i < sizeof bytes - 1; i++)
    {
      pair_send (pair, bytes + i, 1);
      g_thread_yield ();
    }
  return NULL;
}

static void
test_bytewise (void)
{
  g_auto (Pair) pair = { 0 };
  GThread *thread;

  pair_init (&pair);
  thread = g_thread_new ("peer", send_bytewise, &pair);
  pair_read (&pair, "abcdefgh");
  pair_read_end (&pair);
  g_thread_join (thread);
}

static void
test_cancelled_read (void)
{
  static const char frame[] = "\3\0\0\0abc";

  for (gsize n = 0; n < 4; n++)
    {
      g_auto (Pair) pair = { 0 };
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      char byte;

      pair_init (&pair);
      pair_send (&pair, frame, n);
      g_input_stream_read_async (pair.input, &byte, 1, G_PRIORITY_DEFAULT, cancellable, result_cb,
                                 &result);
      result_expect_pending (&result);
      g_cancellable_cancel (cancellable);
      result_wait (&result);
      g_assert_cmpint (g_input_stream_read_finish (pair.input, result, &error), ==, -1);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      pair_send (&pair, frame + n, sizeof frame - 1 - n);
      pair_read (&pair, "abc");
    }
}

/* Returns how much of it counts as written. */
static gsize
cancel_write (Pair *pair)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gsize n_written;

  g_output_stream_write_all_async (pair->output, pair_many_bytes, sizeof pair_many_bytes,
                                   G_PRIORITY_DEFAULT, cancellable, result_cb, &result);
  result_expect_pending (&result);
  g_cancellable_cancel (cancellable);
  result_wait (&result);
  g_assert_false (g_output_stream_write_all_finish (pair->output, result, &n_written, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (n_written, >, 0);
  return n_written;
}

/* That a direction ends is said behind it, though no main loop runs any more. */
static void
test_cancelled_write (void)
{
  g_auto (Pair) pair = { 0 };
  gsize n_written;

  pair_init (&pair);
  n_written = cancel_write (&pair);
  pair_shut_down (&pair, FALSE, TRUE);
  g_assert_cmpuint (pair_expect_zeros (&pair), ==, n_written);
}

static gpointer
expect_zeros (gpointer data)
{
  return GSIZE_TO_POINTER (pair_expect_zeros (data));
}

static void
test_write_after_cancelled (void)
{
  g_auto (Pair) pair = { 0 };
  gsize n_written;
  GThread *thread;
  g_autoptr (GError) error = NULL;

  pair_init (&pair);
  n_written = cancel_write (&pair);
  thread = g_thread_new ("peer", expect_zeros, &pair);
  g_output_stream_write_all (pair.output, pair_many_bytes, 1000001, NULL, NULL, &error);
  g_assert_no_error (error);
  pair_shut_down (&pair, FALSE, TRUE);
  g_assert_cmpuint (GPOINTER_TO_SIZE (g_thread_join (thread)), ==, n_written + 1000001);
}

/* The other direction works while the rest waits for room. */
static void
test_read_while_full (void)
{
  g_auto (Pair) pair = { 0 };

  pair_init (&pair);
  cancel_write (&pair);
  pair_shut_down (&pair, FALSE, TRUE);
  PAIR_SEND (&pair, "\5\0\0\0still");
  pair_read (&pair, "still");
  hvsock_connection_set_timeout (pair.framed, 50);
  g_assert_true (g_io_stream_close (G_IO_STREAM (pair.framed), NULL, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/framed/wire", test_wire);
  g_test_add_func ("/framed/large-write", test_large_write);
  g_test_add_func ("/framed/properties", test_properties);
  g_test_add_func ("/framed/unpollable", test_unpollable);
  g_test_add_func ("/framed/rest-of-write", test_rest_of_write);
  g_test_add_func ("/framed/refused", test_refused);
  g_test_add_func ("/framed/cut", test_cut);
  g_test_add_func ("/framed/stops-writing", test_stops_writing);
  g_test_add_func ("/framed/stops-reading", test_stops_reading);
  g_test_add_func ("/framed/stops-reading-meanwhile", test_stops_reading_meanwhile);
  g_test_add_func ("/framed/stops-reading-looked-at", test_stops_reading_looked_at);
  g_test_add_func ("/framed/closes", test_closes);
  g_test_add_func ("/framed/bytewise", test_bytewise);
  g_test_add_func ("/framed/cancelled/read", test_cancelled_read);
  g_test_add_func ("/framed/cancelled/write", test_cancelled_write);
  g_test_add_func ("/framed/cancelled/write-after", test_write_after_cancelled);
  g_test_add_func ("/framed/cancelled/read-while-full", test_read_while_full);

  return g_test_run ();
}
