/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What moves through a stream, beyond what one buffer and one call can show: many vectors, none,
 * and messages. */

#include "ends.h"
#include "waits.h"

#include <limits.h>
#include <string.h>

/* One byte each, all different in a way that shows a change of order. */
static GOutputVector *
make_vectors (guint n, char *bytes)
{
  GOutputVector *vectors = g_new (GOutputVector, n);

  for (guint i = 0; i < n; i++)
    {
      bytes[i] = (char) (i % 251);
      vectors[i] = (GOutputVector){ bytes + i, 1 };
    }
  return vectors;
}

#define MANY (IOV_MAX + 100)

static void
expect_bytes (Ends *ends, const char *bytes, gsize size)
{
  g_autofree char *received = g_malloc (size);

  g_assert_cmpint (recv (ends->peer, received, size, MSG_WAITALL), ==, size);
  g_assert_cmpmem (received, size, bytes, size);
}

static void
test_many_vectors_blocking (void)
{
  g_auto (Ends) ends = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *bytes = g_malloc (MANY);
  g_autofree GOutputVector *vectors = make_vectors (MANY, bytes);
  gsize written;

  ends_init (&ends, SOCK_STREAM);
  g_output_stream_writev (ends_output (&ends), vectors, MANY, &written, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (written, ==, IOV_MAX);
  expect_bytes (&ends, bytes, IOV_MAX);

  g_output_stream_writev_all (ends_output (&ends), vectors, MANY, &written, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (written, ==, MANY);
  expect_bytes (&ends, bytes, MANY);
}

static void
test_many_vectors_async (void)
{
  g_auto (Ends) ends = { 0 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *bytes = g_malloc (MANY);
  g_autofree GOutputVector *vectors = make_vectors (MANY, bytes);
  gsize written;

  ends_init (&ends, SOCK_STREAM);
  g_output_stream_writev_all_async (ends_output (&ends), vectors, MANY, G_PRIORITY_DEFAULT, NULL,
                                    conformance_result_cb, &result);
  conformance_wait (&result);
  g_output_stream_writev_all_finish (ends_output (&ends), result, &written, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (written, ==, MANY);
  expect_bytes (&ends, bytes, MANY);
}

static void
test_many_vectors_pollable (void)
{
  g_auto (Ends) ends = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *bytes = g_malloc (MANY);
  g_autofree GOutputVector *vectors = make_vectors (MANY, bytes);
  GPollableReturn returned;
  gsize written;

  ends_init (&ends, SOCK_STREAM);
  returned = g_pollable_output_stream_writev_nonblocking (
      G_POLLABLE_OUTPUT_STREAM (ends_output (&ends)), vectors, MANY, &written, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (returned, ==, G_POLLABLE_RETURN_OK);
  g_assert_cmpuint (written, ==, IOV_MAX);
  expect_bytes (&ends, bytes, IOV_MAX);
}

static void
test_nothing (void)
{
  g_auto (Ends) ends = { 0 };
  g_autoptr (GError) error = NULL;
  GOutputVector empty[] = { { "", 0 }, { "", 0 } };
  gsize written = 1;

  ends_init (&ends, SOCK_STREAM);
  g_assert_cmpint (g_output_stream_write (ends_output (&ends), "", 0, NULL, &error), ==, 0);
  g_assert_no_error (error);
  g_assert_true (g_output_stream_writev (ends_output (&ends), empty, 0, &written, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (written, ==, 0);
  written = 1;
  g_assert_true (g_output_stream_writev (ends_output (&ends), empty, 2, &written, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (written, ==, 0);
  ends_expect_nothing (&ends);

  ends_fill (&ends);
  g_assert_true (g_output_stream_writev (ends_output (&ends), empty, 2, &written, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_input_stream_read (ends_input (&ends), empty, 0, NULL, &error), ==, 0);
  g_assert_no_error (error);
}

typedef gssize (*Read) (GInputStream *input, void *buffer, gsize size, GError **error);

static gssize
read_blocking (GInputStream *input, void *buffer, gsize size, GError **error)
{
  return g_input_stream_read (input, buffer, size, NULL, error);
}

static gssize
read_async (GInputStream *input, void *buffer, gsize size, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_input_stream_read_async (input, buffer, size, G_PRIORITY_DEFAULT, NULL, conformance_result_cb,
                             &result);
  conformance_wait (&result);
  return g_input_stream_read_finish (input, result, error);
}

static gssize
read_pollable (GInputStream *input, void *buffer, gsize size, GError **error)
{
  return g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (input), buffer, size,
                                                   NULL, error);
}

static const Read reads[] = { read_blocking, read_async, read_pollable };

static void
expect_message (Ends *ends, Read read, gsize size, const char *expected)
{
  g_autoptr (GError) error = NULL;
  char buffer[32];
  gssize n = read (ends_input (ends), buffer, size, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (buffer, n, expected, strlen (expected));
}

static void
test_message_boundaries (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (reads); i++)
    {
      g_auto (Ends) ends = { 0 };

      ends_init (&ends, SOCK_SEQPACKET);
      ends_send (&ends, "first");
      ends_send (&ends, "second");
      ends_send (&ends, "x");
      expect_message (&ends, reads[i], 32, "first");
      expect_message (&ends, reads[i], 6, "second");
      expect_message (&ends, reads[i], 32, "x");
    }
}

/* It is lost, and the next one is whole. */
static void
test_message_too_small_a_buffer (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (reads); i++)
    {
      g_auto (Ends) ends = { 0 };
      g_autoptr (GError) error = NULL;
      char buffer[4];

      ends_init (&ends, SOCK_SEQPACKET);
      ends_send (&ends, "12345");
      ends_send (&ends, "next");
      g_assert_cmpint (reads[i](ends_input (&ends), buffer, sizeof buffer, &error), ==, -1);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE);
      g_assert_true (g_str_has_prefix (error->message, "cannot read from 'unix:///peer': "));
      expect_message (&ends, reads[i], sizeof buffer, "next");
    }
}

static void
test_message_too_large (void)
{
  g_auto (Ends) ends = { 0 };
  g_autofree char *bytes = g_malloc0 (1 << 20);
  g_autoptr (GError) error = NULL;
  int size = 4096;

  ends_init (&ends, SOCK_SEQPACKET);
  g_assert_no_errno (setsockopt (hvsock_connection_get_fd (ends.connection), SOL_SOCKET, SO_SNDBUF,
                                 &size, sizeof size));
  g_assert_cmpint (g_output_stream_write (ends_output (&ends), bytes, 1 << 20, NULL, &error), ==,
                   -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE);
  g_assert_true (g_str_has_prefix (error->message, "cannot write to 'unix:///peer': "));
  ends_expect_nothing (&ends);
}

static void
test_message_of_vectors (void)
{
  g_auto (Ends) ends = { 0 };
  g_autoptr (GError) error = NULL;
  GOutputVector vectors[] = { { "one ", 4 }, { "", 0 }, { "message", 7 } };
  char buffer[32];
  gsize written;

  ends_init (&ends, SOCK_SEQPACKET);
  g_output_stream_writev (ends_output (&ends), vectors, 3, &written, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (written, ==, 11);
  g_assert_cmpint (recv (ends.peer, buffer, sizeof buffer, 0), ==, 11);
  g_assert_cmpmem (buffer, 11, "one message", 11);
}

/* To send a part of them would make two messages of one. */
static void
test_message_of_too_many_vectors (void)
{
  g_auto (Ends) ends = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *bytes = g_malloc (MANY);
  g_autofree GOutputVector *vectors = make_vectors (MANY, bytes);
  gsize written = 1;

  ends_init (&ends, SOCK_SEQPACKET);
  g_assert_false (
      g_output_stream_writev (ends_output (&ends), vectors, MANY, &written, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE);
  g_assert_cmpuint (written, ==, 0);
  ends_expect_nothing (&ends);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/transfer/many-vectors/blocking", test_many_vectors_blocking);
  g_test_add_func ("/transfer/many-vectors/async", test_many_vectors_async);
  g_test_add_func ("/transfer/many-vectors/pollable", test_many_vectors_pollable);
  g_test_add_func ("/transfer/nothing", test_nothing);
  g_test_add_func ("/transfer/message/boundaries", test_message_boundaries);
  g_test_add_func ("/transfer/message/too-small-a-buffer", test_message_too_small_a_buffer);
  g_test_add_func ("/transfer/message/too-large", test_message_too_large);
  g_test_add_func ("/transfer/message/of-vectors", test_message_of_vectors);
  g_test_add_func ("/transfer/message/of-too-many-vectors", test_message_of_too_many_vectors);

  return g_test_run ();
}
