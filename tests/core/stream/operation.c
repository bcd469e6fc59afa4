/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Results of asynchronous operations: a stream uses one for all its reads, which nobody may notice,
 * and one that needs no wait comes neither too early nor in the way of others. */

#include "ends.h"
#include "waits.h"

#include <unistd.h>

static void
read_into (Ends *ends, char *byte, GAsyncResult **result)
{
  g_input_stream_read_async (ends_input (ends), byte, 1, G_PRIORITY_DEFAULT, NULL,
                             conformance_result_cb, result);
}

static void
expect_read (Ends *ends, GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_input_stream_read_finish (ends_input (ends), result, &error), ==, 1);
  g_assert_no_error (error);
}

/* A result that somebody keeps is not used for the next operation. */
static void
test_kept (void)
{
  g_auto (Ends) ends = { 0 };
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  char bytes[2];

  ends_init (&ends, SOCK_STREAM);
  read_into (&ends, &bytes[0], &first);
  ends_send (&ends, "12");
  conformance_wait (&first);
  read_into (&ends, &bytes[1], &second);
  conformance_wait (&second);

  g_assert_true (first != second);
  g_assert_true (g_async_result_get_user_data (first) == &first);
  expect_read (&ends, second);
  expect_read (&ends, first);
  g_assert_cmpmem (bytes, 2, "12", 2);
}

static void
test_source (void)
{
  g_auto (Ends) ends = { 0 };
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  g_autoptr (GObject) source = NULL;
  char bytes[2];

  ends_init (&ends, SOCK_STREAM);
  read_into (&ends, &bytes[0], &first);
  ends_send (&ends, "12");
  conformance_wait (&first);
  read_into (&ends, &bytes[1], &second);
  conformance_wait (&second);
  source = g_async_result_get_source_object (first);
  g_assert_true (source == G_OBJECT (ends_input (&ends)));
}

/* The last result knows its stream no more when that has gone. */
static void
test_outlives_stream (void)
{
  g_auto (Ends) ends = { 0 };
  g_autoptr (GAsyncResult) result = NULL;
  char byte;

  ends_init (&ends, SOCK_STREAM);
  read_into (&ends, &byte, &result);
  ends_send (&ends, "1");
  conformance_wait (&result);
  expect_read (&ends, result);

  g_assert_finalize_object (g_steal_pointer (&ends.connection));
  g_assert_null (g_async_result_get_source_object (result));
}

typedef struct
{
  Ends ends;
  char byte;
  guint n_reads;
  GAsyncResult *result; /* not a reference */
  gboolean same;
  gboolean has_ended;
} Chain;

/* What a callback does that has no use for its result any more. */
static void
chain_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Chain *self = user_data;

  if (g_io_stream_is_closed (G_IO_STREAM (self->ends.connection)))
    {
      self->has_ended = TRUE;
      return;
    }
  expect_read (&self->ends, result);
  self->same = self->result == result;
  self->result = result;
  self->n_reads++;
  g_input_stream_read_async (G_INPUT_STREAM (source), &self->byte, 1, G_PRIORITY_DEFAULT, NULL,
                             chain_cb, self);
}

static void
test_used_again (void)
{
  Chain chain = { 0 };

  ends_init (&chain.ends, SOCK_STREAM);
  g_input_stream_read_async (ends_input (&chain.ends), &chain.byte, 1, G_PRIORITY_DEFAULT, NULL,
                             chain_cb, &chain);
  ends_send (&chain.ends, "1");
  while (chain.n_reads < 1)
    g_main_context_iteration (NULL, TRUE);
  ends_send (&chain.ends, "2");
  while (chain.n_reads < 2)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (chain.same);

  g_io_stream_close (G_IO_STREAM (chain.ends.connection), NULL, NULL);
  conformance_wait_flag (&chain.has_ended);
  ends_clear (&chain.ends);
}

typedef struct
{
  GMainContext *context;
  char byte;
  guint n_reads;
} Dialogue;

static void
dialogue_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Dialogue *self = user_data;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_main_context_get_thread_default () == self->context);
  g_assert_cmpint (g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error), ==, 1);
  g_assert_no_error (error);
  self->n_reads++;
  if (self->n_reads < 3)
    g_input_stream_read_async (G_INPUT_STREAM (source), &self->byte, 1, G_PRIORITY_DEFAULT, NULL,
                               dialogue_cb, self);
}

/* One operation after the other stays in the context of the first, though whoever runs that has not
 * made it the thread's default. */
static void
test_context (void)
{
  g_auto (Ends) ends = { 0 };
  g_autoptr (GMainContext) context = g_main_context_new ();
  Dialogue dialogue = { .context = context };

  ends_init (&ends, SOCK_STREAM);
  ends_send (&ends, "123");
  g_main_context_push_thread_default (context);
  g_input_stream_read_async (ends_input (&ends), &dialogue.byte, 1, G_PRIORITY_DEFAULT, NULL,
                             dialogue_cb, &dialogue);
  g_main_context_pop_thread_default (context);
  while (dialogue.n_reads < 3)
    g_main_context_iteration (context, TRUE);
}

/* The application has gone on by then. */
static void
test_not_at_once (void)
{
  g_auto (Ends) ends = { 0 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ends_init (&ends, SOCK_STREAM);
  g_output_stream_write_async (ends_output (&ends), "1", 1, G_PRIORITY_DEFAULT, NULL,
                               conformance_result_cb, &result);
  ends_expect (&ends, "1");
  g_assert_null (result);
  conformance_wait (&result);
  g_assert_cmpint (g_output_stream_write_finish (ends_output (&ends), result, &error), ==, 1);
  g_assert_no_error (error);
}

typedef struct
{
  Ends ends;
  gboolean stop;
  guint n_writes;
} Writer;

static void
writer_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Writer *self = user_data;
  g_autoptr (GError) error = NULL;
  char byte;

  g_assert_cmpint (g_output_stream_write_finish (G_OUTPUT_STREAM (source), result, &error), ==, 1);
  g_assert_no_error (error);
  g_assert_cmpint (read (self->ends.peer, &byte, 1), ==, 1);
  self->n_writes++;
  if (!self->stop)
    g_output_stream_write_async (G_OUTPUT_STREAM (source), "1", 1, G_PRIORITY_DEFAULT, NULL,
                                 writer_cb, self);
}

/* A stream that never waits leaves room for others. */
static void
test_endless (void)
{
  Writer writer = { 0 };
  gboolean others_turn = FALSE;

  ends_init (&writer.ends, SOCK_STREAM);
  g_output_stream_write_async (ends_output (&writer.ends), "1", 1, G_PRIORITY_DEFAULT, NULL,
                               writer_cb, &writer);
  g_timeout_add_full (G_PRIORITY_DEFAULT, 0, conformance_flag_cb, &others_turn, NULL);
  conformance_wait_flag (&others_turn);
  g_assert_cmpuint (writer.n_writes, >, 0);

  writer.stop = TRUE;
  while (g_output_stream_has_pending (ends_output (&writer.ends)))
    g_main_context_iteration (NULL, TRUE);
  ends_clear (&writer.ends);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/operation/result/kept", test_kept);
  g_test_add_func ("/operation/result/source", test_source);
  g_test_add_func ("/operation/result/outlives-stream", test_outlives_stream);
  g_test_add_func ("/operation/result/used-again", test_used_again);
  g_test_add_func ("/operation/context", test_context);
  g_test_add_func ("/operation/turn/not-at-once", test_not_at_once);
  g_test_add_func ("/operation/turn/endless", test_endless);

  return g_test_run ();
}
