/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The two streams as GIO's pollable ones: readiness, and sources that tell of it. */

#include "ends.h"
#include "waits.h"

#include <unistd.h>

static gboolean
is_readable (Ends *ends)
{
  return g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (ends_input (ends)));
}

static gboolean
is_writable (Ends *ends)
{
  return g_pollable_output_stream_is_writable (G_POLLABLE_OUTPUT_STREAM (ends_output (ends)));
}

static void
end_peer (Ends *ends)
{
  close (ends->peer);
  ends->peer = -1;
}

static void
test_readiness (void)
{
  g_auto (Ends) ends = { 0 };
  char byte;

  ends_init (&ends, SOCK_STREAM);
  g_assert_true (g_pollable_input_stream_can_poll (G_POLLABLE_INPUT_STREAM (ends_input (&ends))));
  g_assert_true (
      g_pollable_output_stream_can_poll (G_POLLABLE_OUTPUT_STREAM (ends_output (&ends))));
  g_assert_false (is_readable (&ends));
  ends_send (&ends, "a");
  g_assert_true (is_readable (&ends));
  g_assert_cmpint (g_input_stream_read (ends_input (&ends), &byte, 1, NULL, NULL), ==, 1);
  g_assert_false (is_readable (&ends));

  g_assert_true (is_writable (&ends));
  ends_fill (&ends);
  g_assert_false (is_writable (&ends));

  end_peer (&ends);
  g_assert_true (is_readable (&ends));
  g_assert_true (is_writable (&ends));
}

static void
test_calls (void)
{
  g_auto (Ends) ends = { 0 };
  g_autoptr (GError) error = NULL;
  GPollableInputStream *input;
  GPollableOutputStream *output;
  GOutputVector vector = { "abc", 3 };
  gsize written = 1;
  char byte;

  ends_init (&ends, SOCK_STREAM);
  input = G_POLLABLE_INPUT_STREAM (ends_input (&ends));
  output = G_POLLABLE_OUTPUT_STREAM (ends_output (&ends));
  g_assert_cmpint (g_pollable_input_stream_read_nonblocking (input, &byte, 1, NULL, &error), ==,
                   -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  g_clear_error (&error);

  g_assert_cmpint (
      g_pollable_output_stream_writev_nonblocking (output, &vector, 1, &written, NULL, &error), ==,
      G_POLLABLE_RETURN_OK);
  g_assert_no_error (error);
  g_assert_cmpuint (written, ==, 3);
  ends_fill (&ends);
  g_assert_cmpint (
      g_pollable_output_stream_writev_nonblocking (output, &vector, 1, &written, NULL, &error), ==,
      G_POLLABLE_RETURN_WOULD_BLOCK);
  g_assert_no_error (error);
  g_assert_cmpuint (written, ==, 0);
  g_assert_cmpint (g_pollable_output_stream_write_nonblocking (output, "abc", 3, NULL, &error), ==,
                   -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  g_clear_error (&error);

  end_peer (&ends);
  g_assert_cmpint (
      g_pollable_output_stream_writev_nonblocking (output, &vector, 1, &written, NULL, &error), ==,
      G_POLLABLE_RETURN_FAILED);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
}

static GSource *
create_source (Ends *ends, gboolean is_input, GCancellable *cancellable)
{
  return is_input ? g_pollable_input_stream_create_source (
                        G_POLLABLE_INPUT_STREAM (ends_input (ends)), cancellable)
                  : g_pollable_output_stream_create_source (
                        G_POLLABLE_OUTPUT_STREAM (ends_output (ends)), cancellable);
}

static void
watch (GSource *source, gboolean *is_ready)
{
  g_source_set_callback (source, G_SOURCE_FUNC (conformance_pollable_cb), is_ready, NULL);
  g_source_attach (source, NULL);
  conformance_turn ();
}

/* A writer has another try each second. */
static void
assert_not_ready (gboolean is_input, gboolean is_ready)
{
  if (is_input)
    g_assert_false (is_ready);
}

static void
make_ready (Ends *ends, gboolean is_input)
{
  char bytes[65536];

  if (is_input)
    ends_send (ends, "a");
  else
    while (recv (ends->peer, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
      continue;
}

static void
test_source_ready (gconstpointer data)
{
  gboolean is_input = GPOINTER_TO_INT (data);
  g_auto (Ends) ends = { 0 };
  g_autoptr (GSource) source = NULL;
  gboolean is_ready = FALSE;

  ends_init (&ends, SOCK_STREAM);
  ends_fill (&ends);
  source = create_source (&ends, is_input, NULL);
  watch (source, &is_ready);
  assert_not_ready (is_input, is_ready);
  make_ready (&ends, is_input);
  conformance_wait_flag (&is_ready);
}

static void
test_source_cancelled (gconstpointer data)
{
  gboolean is_input = GPOINTER_TO_INT (data);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Ends) ends = { 0 };
  g_autoptr (GSource) source = NULL;
  gboolean is_ready = FALSE;

  ends_init (&ends, SOCK_STREAM);
  ends_fill (&ends);
  source = create_source (&ends, is_input, cancellable);
  watch (source, &is_ready);
  assert_not_ready (is_input, is_ready);
  g_cancellable_cancel (cancellable);
  conformance_wait_flag (&is_ready);
}

/* It is dispatched, and what is then tried finds the stream closed. */
static void
test_source_closed (gconstpointer data)
{
  gboolean is_input = GPOINTER_TO_INT (data);
  g_auto (Ends) ends = { 0 };
  g_autoptr (GSource) source = NULL;
  g_autoptr (GSource) later = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_ready = FALSE;
  int fd;

  ends_init (&ends, SOCK_STREAM);
  fd = hvsock_connection_get_fd (ends.connection);
  ends_fill (&ends);
  source = create_source (&ends, is_input, NULL);
  watch (source, &is_ready);
  assert_not_ready (is_input, is_ready);
  g_assert_true (g_io_stream_close (G_IO_STREAM (ends.connection), NULL, &error));
  g_assert_no_error (error);
  conformance_wait_flag (&is_ready);
  g_clear_pointer (&source, g_source_unref);
  g_assert_false (is_open (fd));

  is_ready = FALSE;
  later = create_source (&ends, is_input, NULL);
  watch (later, &is_ready);
  conformance_wait_flag (&is_ready);
  g_assert_true (is_input ? is_readable (&ends) : is_writable (&ends));
}

/* The source keeps the stream, and not the connection open. */
static void
test_source_outlives_connection (gconstpointer data)
{
  gboolean is_input = GPOINTER_TO_INT (data);
  g_auto (Ends) ends = { 0 };
  g_autoptr (GSource) source = NULL;
  gpointer stream;
  gboolean is_ready = FALSE;

  ends_init (&ends, SOCK_STREAM);
  ends_fill (&ends);
  stream = is_input ? (gpointer) ends_input (&ends) : (gpointer) ends_output (&ends);
  g_object_add_weak_pointer (stream, &stream);
  source = create_source (&ends, is_input, NULL);
  watch (source, &is_ready);
  assert_not_ready (is_input, is_ready);
  g_assert_finalize_object (g_steal_pointer (&ends.connection));
  g_assert_nonnull (stream);
  conformance_wait_flag (&is_ready);
  g_clear_pointer (&source, g_source_unref);
  g_assert_null (stream);
}

static void
test_source_never_attached (gconstpointer data)
{
  gboolean is_input = GPOINTER_TO_INT (data);
  g_auto (Ends) ends = { 0 };
  g_autoptr (GSource) source = NULL;
  int fd;

  ends_init (&ends, SOCK_STREAM);
  fd = hvsock_connection_get_fd (ends.connection);
  source = create_source (&ends, is_input, NULL);
  g_clear_object (&ends.connection);
  g_clear_pointer (&source, g_source_unref);
  g_assert_false (is_open (fd));
}

static void
add_source_test (const char *name, GTestDataFunc func)
{
  g_autofree char *input = g_strdup_printf ("/pollable/source/input/%s", name);
  g_autofree char *output = g_strdup_printf ("/pollable/source/output/%s", name);

  g_test_add_data_func (input, GINT_TO_POINTER (TRUE), func);
  g_test_add_data_func (output, GINT_TO_POINTER (FALSE), func);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/pollable/readiness", test_readiness);
  g_test_add_func ("/pollable/calls", test_calls);
  add_source_test ("ready", test_source_ready);
  add_source_test ("cancelled", test_source_cancelled);
  add_source_test ("closed", test_source_closed);
  add_source_test ("outlives-connection", test_source_outlives_connection);
  add_source_test ("never-attached", test_source_never_attached);

  return g_test_run ();
}
