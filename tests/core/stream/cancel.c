/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Cancellation loses no byte: an operation has either moved something and says so, or has moved
 * nothing and was cancelled. */

#include "ends.h"
#include "folder.h"
#include "waits.h"

#include <unistd.h>

/* Three bytes, and no more, are still to be read. */
static void
expect_untouched (Ends *ends)
{
  g_autoptr (GError) error = NULL;
  char bytes[8];

  g_assert_cmpint (g_input_stream_read (ends_input (ends), bytes, sizeof bytes, NULL, &error), ==,
                   3);
  g_assert_no_error (error);
}

static void
expect_cancelled (Ends *ends, GAsyncResult **result)
{
  g_autoptr (GError) error = NULL;

  conformance_wait (result);
  g_assert_cmpint (g_input_stream_read_finish (ends_input (ends), *result, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_before_blocking (void)
{
  g_auto (Ends) ends = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  char bytes[8];

  ends_init (&ends, SOCK_STREAM);
  ends_send (&ends, "abc");
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (
      g_input_stream_read (ends_input (&ends), bytes, sizeof bytes, cancellable, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_cmpint (g_output_stream_write (ends_output (&ends), "abc", 3, cancellable, &error), ==,
                   -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  expect_untouched (&ends);
  ends_expect_nothing (&ends);
}

static void
test_before_async (void)
{
  g_auto (Ends) ends = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) read = NULL;
  g_autoptr (GAsyncResult) written = NULL;
  g_autoptr (GError) error = NULL;
  char bytes[8];

  ends_init (&ends, SOCK_STREAM);
  ends_send (&ends, "abc");
  g_cancellable_cancel (cancellable);
  g_input_stream_read_async (ends_input (&ends), bytes, sizeof bytes, G_PRIORITY_DEFAULT,
                             cancellable, conformance_result_cb, &read);
  expect_cancelled (&ends, &read);
  g_output_stream_write_async (ends_output (&ends), "abc", 3, G_PRIORITY_DEFAULT, cancellable,
                               conformance_result_cb, &written);
  conformance_wait (&written);
  g_assert_cmpint (g_output_stream_write_finish (ends_output (&ends), written, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  expect_untouched (&ends);
  ends_expect_nothing (&ends);
}

/* Both have come when the main context looks. */
static void
test_while_data_arrives (void)
{
  g_auto (Ends) ends = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  char bytes[8];

  ends_init (&ends, SOCK_STREAM);
  g_input_stream_read_async (ends_input (&ends), bytes, sizeof bytes, G_PRIORITY_DEFAULT,
                             cancellable, conformance_result_cb, &result);
  conformance_turn ();
  g_assert_null (result);
  ends_send (&ends, "abc");
  g_cancellable_cancel (cancellable);
  expect_cancelled (&ends, &result);
  expect_untouched (&ends);
}

/* The bytes were moved at once, and the callback was not called yet. (Of a write GOutputStream
 * itself reports the cancellation then.) */
static void
test_after_the_move (void)
{
  g_auto (Ends) ends = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  char bytes[8];

  ends_init (&ends, SOCK_STREAM);
  ends_send (&ends, "xabc");
  /* A read after one that has filled its buffer does not wait first. */
  ends_read_byte (&ends);
  g_input_stream_read_async (ends_input (&ends), bytes, sizeof bytes, G_PRIORITY_DEFAULT,
                             cancellable, conformance_result_cb, &result);
  g_cancellable_cancel (cancellable);
  conformance_wait (&result);
  g_assert_cmpint (g_input_stream_read_finish (ends_input (&ends), result, &error), ==, 3);
  g_assert_no_error (error);
}

static gpointer
read_until_cancelled (gpointer data)
{
  gpointer *arguments = data;
  gsize n_read = 0;

  for (;;)
    {
      g_autoptr (GError) error = NULL;
      char byte;
      gssize n = g_input_stream_read (arguments[0], &byte, 1, arguments[1], &error);

      if (n < 0)
        {
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
          return GSIZE_TO_POINTER (n_read);
        }
      n_read += n;
    }
}

static void
test_race (void)
{
  for (guint round = 0; round < 200; round++)
    {
      g_auto (Ends) ends = { 0 };
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      gpointer arguments[2];
      gsize n_read;
      gssize n_left;
      char left[8];
      GThread *thread;

      ends_init (&ends, SOCK_STREAM);
      arguments[0] = ends_input (&ends);
      arguments[1] = cancellable;
      thread = g_thread_new ("read", read_until_cancelled, arguments);
      ends_send (&ends, "a");
      ends_send (&ends, "b");
      g_cancellable_cancel (cancellable);
      ends_send (&ends, "c");
      n_read = GPOINTER_TO_SIZE (g_thread_join (thread));
      /* Where the cancellation came while it was about to read, it has read all. */
      n_left = recv (hvsock_connection_get_fd (ends.connection), left, sizeof left, MSG_DONTWAIT);
      g_assert_cmpuint (n_read + MAX (n_left, 0), ==, 3);
    }
}

/* A peer that was accepted is nowhere else than in the result. */
static void
test_accepted (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL;
  g_autoptr (HvsockAddress) address = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (HvsockConnection) connection = NULL;
  g_autoptr (HvsockListener) listener = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  HvsockSocketTarget target;
  int fd;

  folder_init (&folder);
  path = g_build_filename (folder.path, "s", NULL);
  address = hvsock_unix_address_new (path);
  listener = hvsock_unix_socket_listen (path, address, &error);
  g_assert_no_error (error);
  fd = hvsock_unix_socket_open (path, &target, &error);
  g_assert_no_error (error);
  g_assert_no_errno (connect (fd, (struct sockaddr *) &target.native, target.length));

  hvsock_listener_accept_async (listener, cancellable, conformance_result_cb, &result);
  g_cancellable_cancel (cancellable);
  conformance_wait (&result);
  connection = hvsock_listener_accept_finish (listener, result, &error);
  g_assert_no_error (error);
  g_assert_nonnull (connection);
  close (fd);
  hvsock_listener_close (listener);
  folder_assert_empty (&folder);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/cancel/before/blocking", test_before_blocking);
  g_test_add_func ("/cancel/before/async", test_before_async);
  g_test_add_func ("/cancel/while-data-arrives", test_while_data_arrives);
  g_test_add_func ("/cancel/after-the-move", test_after_the_move);
  g_test_add_func ("/cancel/race", test_race);
  g_test_add_func ("/cancel/accepted", test_accepted);

  return g_test_run ();
}
