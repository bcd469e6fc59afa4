/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat's standard input on Windows, which is read in a thread: what is cancelled is not lost. Here
 * it is a pipe of the test. */

#include "hvcat-input.h"

#include <windows.h>

typedef struct
{
  char buffer[16];
  gssize n_read;
  GError *error;
  gboolean is_done;
} Reading;

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Reading *self = data;

  self->n_read = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &self->error);
  self->is_done = TRUE;
}

static void
reading_start (Reading *self, GInputStream *stream, gsize count, GCancellable *cancellable)
{
  *self = (Reading){ .n_read = -1 };
  g_assert_cmpuint (count, <=, sizeof self->buffer);
  g_input_stream_read_async (stream, self->buffer, count, G_PRIORITY_DEFAULT, cancellable, read_cb,
                             self);
}

static void
reading_wait (Reading *self)
{
  while (!self->is_done)
    g_main_context_iteration (NULL, TRUE);
}

static void
assert_reads (GInputStream *stream, gsize count, const char *expected)
{
  Reading reading;

  reading_start (&reading, stream, count, NULL);
  reading_wait (&reading);
  g_assert_no_error (reading.error);
  g_assert_cmpmem (reading.buffer, reading.n_read, expected, strlen (expected));
}

/* Returns the end to write to. */
static HANDLE
replace_input (void)
{
  HANDLE read_end;
  HANDLE write_end;

  g_assert_true (CreatePipe (&read_end, &write_end, NULL, 0));
  g_assert_true (SetStdHandle (STD_INPUT_HANDLE, read_end));
  return write_end;
}

static void
write_text (HANDLE pipe, const char *text)
{
  DWORD n_written;

  g_assert_true (WriteFile (pipe, text, (DWORD) strlen (text), &n_written, NULL));
}

static void
close_input (void)
{
  CloseHandle (GetStdHandle (STD_INPUT_HANDLE));
}

static void
test_pipe (void)
{
  HANDLE pipe = replace_input ();
  g_autoptr (GInputStream) stream = hvcat_input_new ();

  write_text (pipe, "a\r\n\032b");
  assert_reads (stream, 16, "a\r\n\032b");
  write_text (pipe, "123456");
  assert_reads (stream, 4, "1234");
  assert_reads (stream, 4, "56");
  CloseHandle (pipe);
  assert_reads (stream, 16, "");
  assert_reads (stream, 16, "");
  close_input ();
}

/* Which is no end. */
static void
test_nothing (void)
{
  HANDLE pipe = replace_input ();
  g_autoptr (GInputStream) stream = hvcat_input_new ();
  Reading reading;

  reading_start (&reading, stream, 16, NULL);
  write_text (pipe, "");
  write_text (pipe, "some");
  reading_wait (&reading);
  g_assert_no_error (reading.error);
  g_assert_cmpmem (reading.buffer, reading.n_read, "some", 4);
  CloseHandle (pipe);
  assert_reads (stream, 16, "");
  close_input ();
}

/* That of a connection that has broken. The next one has a stream of its own. */
static void
test_cancelled (void)
{
  HANDLE pipe = replace_input ();
  g_autoptr (GInputStream) stream = hvcat_input_new ();
  g_autoptr (GInputStream) next = hvcat_input_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Reading reading;

  reading_start (&reading, stream, 16, cancellable);
  g_cancellable_cancel (cancellable);
  reading_wait (&reading);
  g_assert_error (reading.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&reading.error);

  write_text (pipe, "kept");
  assert_reads (next, 16, "kept");
  write_text (pipe, "more");
  assert_reads (next, 16, "more");
  CloseHandle (pipe);
  assert_reads (next, 16, "");
  close_input ();
}

/* It is there when it is asked for, and the connection breaks before it is handed over. */
static void
test_cancelled_late (void)
{
  HANDLE pipe = replace_input ();
  g_autoptr (GInputStream) stream = hvcat_input_new ();
  g_autoptr (GInputStream) next = hvcat_input_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Reading reading;

  write_text (pipe, "123456");
  assert_reads (stream, 4, "1234");
  reading_start (&reading, stream, 16, cancellable);
  g_cancellable_cancel (cancellable);
  reading_wait (&reading);
  g_assert_error (reading.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&reading.error);

  CloseHandle (pipe);
  assert_reads (next, 16, "56");
  assert_reads (next, 16, "");
  close_input ();
}

/* The caller gave none. */
static void
test_none (void)
{
  g_autoptr (GInputStream) stream = hvcat_input_new ();

  g_assert_true (SetStdHandle (STD_INPUT_HANDLE, NULL));
  assert_reads (stream, 16, "");
}

static void
test_failure (void)
{
  HANDLE pipe = replace_input ();
  g_autoptr (GInputStream) stream = hvcat_input_new ();
  HANDLE read_end = GetStdHandle (STD_INPUT_HANDLE);
  Reading reading;

  /* It cannot be read. */
  g_assert_true (SetStdHandle (STD_INPUT_HANDLE, pipe));
  reading_start (&reading, stream, 16, NULL);
  reading_wait (&reading);
  g_assert_error (reading.error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_clear_error (&reading.error);
  CloseHandle (pipe);
  CloseHandle (read_end);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/hvcat/input/pipe", test_pipe);
  g_test_add_func ("/hvcat/input/nothing", test_nothing);
  g_test_add_func ("/hvcat/input/cancelled", test_cancelled);
  g_test_add_func ("/hvcat/input/cancelled-late", test_cancelled_late);
  g_test_add_func ("/hvcat/input/none", test_none);
  g_test_add_func ("/hvcat/input/failure", test_failure);
  return g_test_run ();
}
