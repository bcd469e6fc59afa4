/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Scenarios of what GIO builds upon streams: filters that read ahead, and splicing. */

#include "lanes.h"

#include "waits.h"

#include <string.h>

static void
test_lines (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  g_autoptr (GDataInputStream) data = g_data_input_stream_new (conformance_input (pair.client));
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  conformance_send (self, pair.server, "first line\nsecond");
  first = g_data_input_stream_read_line (data, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (first, ==, "first line");

  g_data_input_stream_read_line_async (data, G_PRIORITY_DEFAULT, NULL, conformance_result_cb,
                                       &result);
  conformance_turn ();
  g_assert_null (result);
  conformance_send (self, pair.server, " line\n");
  conformance_wait (&result);
  second = g_data_input_stream_read_line_finish (data, result, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (second, ==, "second line");
}

static void
test_buffered (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  g_autoptr (GInputStream) input = g_buffered_input_stream_new (conformance_input (pair.client));
  g_autoptr (GOutputStream) output =
      g_buffered_output_stream_new (conformance_output (pair.server));
  g_autoptr (GError) error = NULL;
  char buffer[8] = { 0 };
  gsize n;

  g_output_stream_write_all (output, "buffers", 7, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (g_pollable_input_stream_is_readable (
      G_POLLABLE_INPUT_STREAM (conformance_input (pair.client))));
  g_output_stream_flush (output, NULL, &error);
  g_assert_no_error (error);
  g_input_stream_read_all (input, buffer, 7, &n, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (buffer, ==, "buffers");
}

static gpointer
send_all (gpointer data)
{
  g_autoptr (GInputStream) bytes =
      g_memory_input_stream_new_from_data (conformance_get_random_bytes (), CONFORMANCE_MOST, NULL);
  g_autoptr (GError) error = NULL;
  gssize n = g_output_stream_splice (conformance_output (data), bytes, G_OUTPUT_STREAM_SPLICE_NONE,
                                     NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (n, ==, CONFORMANCE_MOST);
  conformance_close (data);
  return NULL;
}

static void
expect_random_bytes (GMemoryOutputStream *memory)
{
  g_assert_cmpmem (g_memory_output_stream_get_data (memory),
                   g_memory_output_stream_get_data_size (memory), conformance_get_random_bytes (),
                   CONFORMANCE_MOST);
}

static void
test_spliced_blocking (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_new ("splice", send_all, pair.client);
  gssize n = g_output_stream_splice (memory, conformance_input (pair.server),
                                     G_OUTPUT_STREAM_SPLICE_NONE, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (n, ==, CONFORMANCE_MOST);
  expect_random_bytes (G_MEMORY_OUTPUT_STREAM (memory));
  g_thread_join (thread);
}

/* From memory to one connection, from that to another, and from there to memory again. */
static void
test_spliced_async (Conformance *self)
{
  g_auto (ConformancePair) near = conformance_connect (self);
  g_auto (ConformancePair) far = conformance_connect (self);
  g_autoptr (GInputStream) bytes =
      g_memory_input_stream_new_from_data (conformance_get_random_bytes (), CONFORMANCE_MOST, NULL);
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  GInputStream *from[] = { bytes, conformance_input (near.server), conformance_input (far.server) };
  GOutputStream *to[] = { conformance_output (near.client), conformance_output (far.client),
                          memory };
  HvsockConnection *ends[] = { near.client, far.client, NULL };
  GAsyncResult *results[] = { NULL, NULL, NULL };

  for (guint i = 0; i < G_N_ELEMENTS (from); i++)
    g_output_stream_splice_async (to[i], from[i], G_OUTPUT_STREAM_SPLICE_NONE, G_PRIORITY_DEFAULT,
                                  NULL, conformance_result_cb, &results[i]);
  for (guint i = 0; i < G_N_ELEMENTS (from); i++)
    {
      g_autoptr (GError) error = NULL;

      conformance_wait (&results[i]);
      g_assert_cmpint (g_output_stream_splice_finish (to[i], results[i], &error), ==,
                       CONFORMANCE_MOST);
      g_assert_no_error (error);
      if (ends[i] != NULL)
        conformance_close (ends[i]);
      g_object_unref (results[i]);
    }
  expect_random_bytes (G_MEMORY_OUTPUT_STREAM (memory));
}

void
conformance_add_filter_tests (void)
{
  conformance_add ("/connection/filter/lines", test_lines);
  conformance_add ("/connection/filter/buffered", test_buffered);
  conformance_add ("/connection/filter/spliced/blocking", test_spliced_blocking);
  conformance_add ("/connection/filter/spliced/async", test_spliced_async);
}
