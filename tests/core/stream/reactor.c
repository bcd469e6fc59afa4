/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Asynchronous operations of streams in several main contexts, threads and priorities, and what
 * ends them from outside. */

#include "ends.h"
#include "waits.h"

#include <unistd.h>

typedef struct
{
  Ends ends;
  char byte;
  GAsyncResult *result;
} Reader;

static void
reader_init (Reader *self)
{
  ends_init (&self->ends, SOCK_STREAM);
}

static void
reader_clear (Reader *self)
{
  g_clear_object (&self->result);
  ends_clear (&self->ends);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reader, reader_clear)

static void
reader_start (Reader *self, int priority, GCancellable *cancellable)
{
  g_clear_object (&self->result);
  g_input_stream_read_async (ends_input (&self->ends), &self->byte, 1, priority, cancellable,
                             conformance_result_cb, &self->result);
}

static gssize
reader_finish (Reader *self, GError **error)
{
  return g_input_stream_read_finish (ends_input (&self->ends), self->result, error);
}

static void
reader_expect (Reader *self, char byte)
{
  g_autoptr (GError) error = NULL;

  conformance_wait (&self->result);
  g_assert_cmpint (reader_finish (self, &error), ==, 1);
  g_assert_no_error (error);
  g_assert_cmpint (self->byte, ==, byte);
}

static void
reader_expect_error (Reader *self, int code)
{
  g_autoptr (GError) error = NULL;

  conformance_wait (&self->result);
  g_assert_cmpint (reader_finish (self, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, code);
}

/* A context that is this thread's until the end of the scope. */
typedef GMainContext PushedContext;

static PushedContext *
push_context (void)
{
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  return context;
}

static void
pop_context (PushedContext *context)
{
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
}

/* Each of the contexts is gone when the next one is used. */
static void
test_moves_between_contexts (void)
{
  g_auto (Reader) reader = { 0 };
  guint n_before;

  reader_init (&reader);
  n_before = count_descriptors ();
  for (guint i = 0; i < 3; i++)
    {
      PushedContext *context = push_context ();

      reader_start (&reader, G_PRIORITY_DEFAULT, NULL);
      conformance_turn ();
      g_assert_null (reader.result);
      ends_send (&reader.ends, "x");
      reader_expect (&reader, 'x');
      g_clear_object (&reader.result);
      pop_context (context);
      g_assert_cmpuint (count_descriptors (), ==, n_before);
    }
}

static gpointer
write_in_own_context (gpointer data)
{
  Ends *ends = data;
  PushedContext *context = push_context ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_output_stream_write_async (ends_output (ends), "y", 1, G_PRIORITY_DEFAULT, NULL,
                               conformance_result_cb, &result);
  conformance_wait (&result);
  g_assert_cmpint (g_output_stream_write_finish (ends_output (ends), result, &error), ==, 1);
  g_assert_no_error (error);
  g_clear_object (&result);
  pop_context (context);
  return NULL;
}

/* And not what a writer adds as soon as there is room. */
static void
drain (int fd, gsize size)
{
  g_autofree char *bytes = g_malloc (size);

  g_assert_cmpint (recv (fd, bytes, size, MSG_WAITALL), ==, size);
}

/* A read waits in one context and a write in another. */
static void
test_two_contexts_at_once (void)
{
  g_auto (Reader) reader = { 0 };
  ConformanceThread *writer;
  gsize filled;

  reader_init (&reader);
  filled = ends_fill (&reader.ends);
  reader_start (&reader, G_PRIORITY_DEFAULT, NULL);
  conformance_turn ();
  writer = conformance_thread_new (write_in_own_context, &reader.ends);
  conformance_thread_wait_asleep (writer);
  conformance_turn ();
  g_assert_null (reader.result);

  drain (reader.ends.peer, filled);
  conformance_thread_join (writer);
  ends_expect (&reader.ends, "y");
  ends_send (&reader.ends, "x");
  reader_expect (&reader, 'x');
}

/* Both directions of one stream wait in the same context. */
static void
test_both_directions (void)
{
  g_auto (Reader) reader = { 0 };
  g_autoptr (GAsyncResult) written = NULL;
  g_autoptr (GError) error = NULL;
  gsize filled;

  reader_init (&reader);
  filled = ends_fill (&reader.ends);
  for (guint i = 0; i < 3; i++)
    {
      reader_start (&reader, G_PRIORITY_DEFAULT, NULL);
      if (i == 0)
        g_output_stream_write_async (ends_output (&reader.ends), "y", 1, G_PRIORITY_DEFAULT, NULL,
                                     conformance_result_cb, &written);
      conformance_turn ();
      g_assert_null (reader.result);
      g_assert_null (written);
      ends_send (&reader.ends, "x");
      reader_expect (&reader, 'x');
    }

  drain (reader.ends.peer, filled);
  conformance_wait (&written);
  g_assert_cmpint (g_output_stream_write_finish (ends_output (&reader.ends), written, &error), ==,
                   1);
  g_assert_no_error (error);
}

static void
note_order_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_ptr_array_add (user_data, source);
}

static void
test_priorities (void)
{
  g_auto (Ends) low = { 0 };
  g_auto (Ends) high = { 0 };
  g_autoptr (GPtrArray) order = g_ptr_array_new ();
  char bytes[2];

  ends_init (&low, SOCK_STREAM);
  ends_init (&high, SOCK_STREAM);
  g_input_stream_read_async (ends_input (&low), bytes, 1, G_PRIORITY_LOW, NULL, note_order_cb,
                             order);
  g_input_stream_read_async (ends_input (&high), bytes + 1, 1, G_PRIORITY_HIGH, NULL, note_order_cb,
                             order);
  conformance_turn ();
  ends_send (&low, "l");
  ends_send (&high, "h");
  while (order->len < 2)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (order->pdata[0] == ends_input (&high));
  g_assert_true (order->pdata[1] == ends_input (&low));
}

/* The stream that the last events were for is not taken for another. */
static void
test_priority_changes (void)
{
  g_auto (Reader) reader = { 0 };
  const int priorities[] = { G_PRIORITY_DEFAULT, G_PRIORITY_LOW, G_PRIORITY_HIGH };

  reader_init (&reader);
  for (guint i = 0; i < 300; i++)
    {
      reader_start (&reader, priorities[(i / 10) % G_N_ELEMENTS (priorities)], NULL);
      ends_send (&reader.ends, "x");
      reader_expect (&reader, 'x');
    }
}

/* Events come for one stream many times in a row, and then for the other. */
static void
test_habit_changes (void)
{
  Reader readers[2] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    {
      reader_init (&readers[i]);
      reader_start (&readers[i], G_PRIORITY_DEFAULT, NULL);
    }
  for (guint i = 0; i < 400; i++)
    {
      Reader *reader = &readers[(i / (1 + i / 20)) % 2];

      ends_send (&reader->ends, "x");
      reader_expect (reader, 'x');
      reader_start (reader, G_PRIORITY_DEFAULT, NULL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    {
      shutdown (readers[i].ends.peer, SHUT_RDWR);
      conformance_wait (&readers[i].result);
      g_assert_cmpint (reader_finish (&readers[i], NULL), ==, 0);
      reader_clear (&readers[i]);
    }
}

static gpointer
cancel_in_thread (gpointer data)
{
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_cancelled_by_thread (void)
{
  g_auto (Reader) reader = { 0 };

  reader_init (&reader);
  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      GThread *thread;

      reader_start (&reader, G_PRIORITY_DEFAULT, cancellable);
      if (i % 2 == 0)
        conformance_turn ();
      thread = g_thread_new ("cancel", cancel_in_thread, cancellable);
      reader_expect_error (&reader, G_IO_ERROR_CANCELLED);
      g_thread_join (thread);
    }

  reader_start (&reader, G_PRIORITY_DEFAULT, NULL);
  ends_send (&reader.ends, "x");
  reader_expect (&reader, 'x');
}

static gpointer
close_in_thread (gpointer data)
{
  g_io_stream_close (data, NULL, NULL);
  return NULL;
}

static void
test_closed_by_thread (void)
{
  for (guint i = 0; i < 50; i++)
    {
      g_auto (Reader) reader = { 0 };
      g_autoptr (GAsyncResult) written = NULL;
      g_autoptr (GError) error = NULL;
      GThread *thread;

      reader_init (&reader);
      ends_fill (&reader.ends);
      reader_start (&reader, G_PRIORITY_DEFAULT, NULL);
      g_output_stream_write_async (ends_output (&reader.ends), "y", 1, G_PRIORITY_DEFAULT, NULL,
                                   conformance_result_cb, &written);
      if (i % 2 == 0)
        conformance_turn ();
      thread = g_thread_new ("close", close_in_thread, reader.ends.connection);
      reader_expect_error (&reader, G_IO_ERROR_CLOSED);
      conformance_wait (&written);
      g_assert_cmpint (g_output_stream_write_finish (ends_output (&reader.ends), written, &error),
                       ==, -1);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
      g_thread_join (thread);
    }
}

static gpointer
start_in_thread (gpointer data)
{
  reader_start (data, G_PRIORITY_DEFAULT, NULL);
  return NULL;
}

/* A thread without a context of its own uses the default one, while its owner runs it. */
static void
test_started_by_thread (void)
{
  g_auto (Reader) reader = { 0 };

  reader_init (&reader);
  for (guint i = 0; i < 200; i++)
    {
      GThread *thread;

      if (i % 2 == 0)
        ends_send (&reader.ends, "x");
      thread = g_thread_new ("start", start_in_thread, &reader);
      if (i % 2 != 0)
        {
          g_thread_join (thread);
          ends_send (&reader.ends, "x");
        }
      while (g_atomic_pointer_get (&reader.result) == NULL)
        g_main_context_iteration (NULL, TRUE);
      if (i % 2 == 0)
        g_thread_join (thread);
      reader_expect (&reader, 'x');
    }
}

static void
test_blocking_in_between (void)
{
  g_auto (Reader) reader = { 0 };
  g_autoptr (GError) error = NULL;
  char byte;

  reader_init (&reader);
  for (guint i = 0; i < 10; i++)
    {
      reader_start (&reader, G_PRIORITY_DEFAULT, NULL);
      ends_send (&reader.ends, "ab");
      reader_expect (&reader, 'a');
      if (i % 2 == 0)
        conformance_turn ();
      g_assert_cmpint (g_input_stream_read (ends_input (&reader.ends), &byte, 1, NULL, &error), ==,
                       1);
      g_assert_no_error (error);
      g_assert_cmpint (byte, ==, 'b');
    }
}

static void
test_pollable_in_between (void)
{
  g_auto (Reader) reader = { 0 };
  GPollableInputStream *pollable;
  g_autoptr (GError) error = NULL;
  char byte;

  reader_init (&reader);
  pollable = G_POLLABLE_INPUT_STREAM (ends_input (&reader.ends));
  for (guint i = 0; i < 10; i++)
    {
      reader_start (&reader, G_PRIORITY_DEFAULT, NULL);
      ends_send (&reader.ends, "a");
      reader_expect (&reader, 'a');
      g_assert_cmpint (g_pollable_input_stream_read_nonblocking (pollable, &byte, 1, NULL, &error),
                       ==, -1);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
      g_clear_error (&error);
      ends_send (&reader.ends, "b");
      conformance_wait_readable (ends_input (&reader.ends), NULL);
      g_assert_cmpint (g_pollable_input_stream_read_nonblocking (pollable, &byte, 1, NULL, &error),
                       ==, 1);
      g_assert_no_error (error);
    }
}

/* What the reactor has still to call is called by a loop inside of a callback as well. */
typedef struct
{
  Reader readers[8];
  guint n_outside;
} Nest;

static void
nested_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Nest *nest = user_data;

  nest->n_outside++;
  for (guint i = 1; i < G_N_ELEMENTS (nest->readers); i++)
    reader_expect (&nest->readers[i], 'x');
}

static void
test_nested_loop (void)
{
  Nest nest = { 0 };
  char byte;

  for (guint i = 0; i < G_N_ELEMENTS (nest.readers); i++)
    {
      reader_init (&nest.readers[i]);
      if (i > 0)
        reader_start (&nest.readers[i], G_PRIORITY_DEFAULT, NULL);
    }
  g_input_stream_read_async (ends_input (&nest.readers[0].ends), &byte, 1, G_PRIORITY_DEFAULT, NULL,
                             nested_cb, &nest);
  conformance_turn ();
  for (guint i = 0; i < G_N_ELEMENTS (nest.readers); i++)
    ends_send (&nest.readers[i].ends, "x");
  while (nest.n_outside == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (nest.n_outside, ==, 1);
  for (guint i = 0; i < G_N_ELEMENTS (nest.readers); i++)
    reader_clear (&nest.readers[i]);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/reactor/context/moves", test_moves_between_contexts);
  g_test_add_func ("/reactor/context/two-at-once", test_two_contexts_at_once);
  g_test_add_func ("/reactor/context/started-by-thread", test_started_by_thread);
  g_test_add_func ("/reactor/both-directions", test_both_directions);
  g_test_add_func ("/reactor/priority/order", test_priorities);
  g_test_add_func ("/reactor/priority/changes", test_priority_changes);
  g_test_add_func ("/reactor/habit-changes", test_habit_changes);
  g_test_add_func ("/reactor/cancelled-by-thread", test_cancelled_by_thread);
  g_test_add_func ("/reactor/closed-by-thread", test_closed_by_thread);
  g_test_add_func ("/reactor/mixed/blocking", test_blocking_in_between);
  g_test_add_func ("/reactor/mixed/pollable", test_pollable_in_between);
  g_test_add_func ("/reactor/nested-loop", test_nested_loop);

  return g_test_run ();
}
