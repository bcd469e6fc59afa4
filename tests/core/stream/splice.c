/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* g_output_stream_splice() into a connection, from sources of all kinds. */

#include "ends.h"
#include "folder.h"
#include "waits.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE      (3 * 1024 * 1024 + 5)
#define N_LEAVING 1000

typedef GInputStream *(*SourceFunc) (GBytes *bytes);

static GInputStream *
make_file (GBytes *bytes)
{
  g_autofree char *path = NULL;
  g_autoptr (GFile) file = NULL;
  g_autoptr (GError) error = NULL;
  GInputStream *stream;
  int fd = g_file_open_tmp ("splice-XXXXXX", &path, &error);

  g_assert_no_error (error);
  close (fd);
  g_file_set_contents (path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes),
                       &error);
  g_assert_no_error (error);
  file = g_file_new_for_path (path);
  stream = G_INPUT_STREAM (g_file_read (file, NULL, &error));
  g_assert_no_error (error);
  g_unlink (path);
  return stream;
}

static GInputStream *
make_memory (GBytes *bytes)
{
  return g_memory_input_stream_new_from_bytes (bytes);
}

static const SourceFunc sources[] = { make_file, make_memory };

typedef struct
{
  int fd;
  GByteArray *read;
} Sink;

static gpointer
read_to_end (gpointer data)
{
  Sink *self = data;
  guint8 bytes[30000];
  gssize n;

  while ((n = recv (self->fd, bytes, sizeof bytes, 0)) > 0)
    g_byte_array_append (self->read, bytes, (guint) n);
  return NULL;
}

static GBytes *
make_bytes (void)
{
  guint32 *words = g_new (guint32, SIZE / 4 + 1);

  for (guint i = 0; i <= SIZE / 4; i++)
    words[i] = g_test_rand_int ();
  return g_bytes_new_take (words, SIZE);
}

typedef gssize (*SpliceFunc) (GOutputStream *to,
                              GInputStream *from,
                              GOutputStreamSpliceFlags flags,
                              GCancellable *cancellable,
                              GError **error);

static gssize
splice_async (GOutputStream *to,
              GInputStream *from,
              GOutputStreamSpliceFlags flags,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_output_stream_splice_async (to, from, flags, G_PRIORITY_DEFAULT, cancellable,
                                conformance_result_cb, &result);
  conformance_wait (&result);
  return g_output_stream_splice_finish (to, result, error);
}

static const SpliceFunc splices[] = { g_output_stream_splice, splice_async };

static void
check_all_arrives (SpliceFunc splice_func, SourceFunc make_source)
{
  g_auto (Ends) ends = { 0 };
  g_autoptr (GBytes) bytes = make_bytes ();
  g_autoptr (GBytes) read = NULL;
  g_autoptr (GInputStream) source = make_source (bytes);
  g_autoptr (GError) error = NULL;
  ConformanceThread *thread;
  Sink sink;

  ends_init (&ends, SOCK_STREAM);
  sink = (Sink){ ends.peer, g_byte_array_new () };
  thread = conformance_thread_new (read_to_end, &sink);
  g_assert_cmpint (splice_func (ends_output (&ends), source, 0, NULL, &error), ==, SIZE);
  g_assert_no_error (error);
  g_assert_false (g_input_stream_is_closed (source));
  g_assert_false (g_output_stream_has_pending (ends_output (&ends)));

  g_assert_cmpint (g_output_stream_write (ends_output (&ends), "end", 3, NULL, &error), ==, 3);
  hvsock_connection_shutdown (ends.connection, FALSE, TRUE, NULL);
  conformance_thread_join (thread);
  g_assert_cmpuint (sink.read->len, ==, SIZE + 3);
  g_byte_array_set_size (sink.read, SIZE);
  read = g_byte_array_free_to_bytes (sink.read);
  g_assert_true (g_bytes_equal (read, bytes));
}

static void
test_all_arrives (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (splices); i++)
    for (guint j = 0; j < G_N_ELEMENTS (sources); j++)
      check_all_arrives (splices[i], sources[j]);
}

static void
test_flags (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("abc", 3);

  for (guint i = 0; i < G_N_ELEMENTS (splices); i++)
    {
      g_auto (Ends) ends = { 0 };
      g_autoptr (GInputStream) source = make_file (bytes);
      g_autoptr (GError) error = NULL;
      const GOutputStreamSpliceFlags flags =
          G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE | G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET;

      ends_init (&ends, SOCK_STREAM);
      g_assert_cmpint (splices[i](ends_output (&ends), source, flags, NULL, &error), ==, 3);
      g_assert_no_error (error);
      g_assert_true (g_input_stream_is_closed (source));
      g_assert_true (g_output_stream_is_closed (ends_output (&ends)));
      ends_expect (&ends, "abc");
    }
}

/* From one connection to another, which waits for what comes. */
static void
test_between_connections (void)
{
  g_auto (Ends) first = { 0 };
  g_auto (Ends) second = { 0 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ends_init (&first, SOCK_STREAM);
  ends_init (&second, SOCK_STREAM);
  g_output_stream_splice_async (ends_output (&second), ends_input (&first), 0, G_PRIORITY_DEFAULT,
                                NULL, conformance_result_cb, &result);
  for (guint i = 0; i < 3; i++)
    {
      conformance_turn ();
      g_assert_null (result);
      ends_send (&first, "abc");
      conformance_turn ();
      ends_expect (&second, "abc");
    }
  g_assert_true (g_input_stream_has_pending (ends_input (&first)));
  g_assert_true (g_output_stream_has_pending (ends_output (&second)));
  shutdown (first.peer, SHUT_WR);
  conformance_wait (&result);
  g_assert_cmpint (g_output_stream_splice_finish (ends_output (&second), result, &error), ==, 9);
  g_assert_no_error (error);
}

/* A stream of a file cannot be polled, though what it reads may have nothing yet. */
static void
test_fifo (void)
{
  g_auto (Ends) ends = { 0 };
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL;
  g_autoptr (GFile) file = NULL;
  g_autoptr (GFileInputStream) source = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  int fd;

  folder_init (&folder);
  path = g_build_filename (folder.path, "fifo", NULL);
  g_assert_no_errno (mkfifo (path, 0600));
  fd = open (path, O_RDWR | O_CLOEXEC);
  g_assert_no_errno (fd);
  file = g_file_new_for_path (path);
  source = g_file_read (file, NULL, &error);
  g_assert_no_error (error);

  ends_init (&ends, SOCK_STREAM);
  g_output_stream_splice_async (ends_output (&ends), G_INPUT_STREAM (source), 0, G_PRIORITY_DEFAULT,
                                NULL, conformance_result_cb, &result);
  conformance_turn ();
  g_assert_null (result);
  g_assert_cmpint (write (fd, "abc", 3), ==, 3);
  close (fd);
  conformance_wait (&result);
  g_assert_cmpint (g_output_stream_splice_finish (ends_output (&ends), result, &error), ==, 3);
  g_assert_no_error (error);
  ends_expect (&ends, "abc");
}

/* Nobody hears of SIGPIPE, and the application's own handling of it stays as it was. */
static void
check_no_signal (void (*use) (GBytes *bytes))
{
  if (g_test_subprocess ())
    {
      g_autoptr (GBytes) bytes = make_bytes ();

      signal (SIGPIPE, SIG_DFL);
      use (bytes);
      return;
    }

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
}

static void
splice_to_nobody (GBytes *bytes)
{
  for (guint i = 0; i < G_N_ELEMENTS (splices); i++)
    {
      g_auto (Ends) ends = { 0 };
      g_autoptr (GInputStream) source = make_file (bytes);
      g_autoptr (GError) error = NULL;

      ends_init (&ends, SOCK_STREAM);
      shutdown (ends.peer, SHUT_RDWR);
      g_assert_cmpint (splices[i](ends_output (&ends), source, 0, NULL, &error), ==, -1);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
    }
}

static void
test_peer_has_gone (void)
{
  check_no_signal (splice_to_nobody);
}

static gpointer
read_some (gpointer data)
{
  const int fd = GPOINTER_TO_INT (data);
  const gssize size = g_random_int_range (1, SIZE / 4);
  char bytes[5000];
  gssize n, read = 0;

  while (read < size && (n = recv (fd, bytes, sizeof bytes, 0)) > 0)
    read += n;
  shutdown (fd, SHUT_RDWR);
  return NULL;
}

/* The peer goes in the middle of a system call, or between two: the kernel raises the signal in
 * both, though the call that had moved something does not fail. */
static void
splice_to_leaving (GBytes *bytes)
{
  g_autoptr (GInputStream) source = make_file (bytes);

  for (guint i = 0; i < N_LEAVING; i++)
    {
      g_auto (Ends) ends = { 0 };
      g_autoptr (GError) error = NULL;
      ConformanceThread *thread;

      g_assert_true (g_seekable_seek (G_SEEKABLE (source), 0, G_SEEK_SET, NULL, NULL));
      ends_init (&ends, SOCK_STREAM);
      thread = conformance_thread_new (read_some, GINT_TO_POINTER (ends.peer));
      g_assert_cmpint (splice_async (ends_output (&ends), source, 0, NULL, &error), ==, -1);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
      conformance_thread_join (thread);
    }
}

static void
test_peer_goes (void)
{
  check_no_signal (splice_to_leaving);
}

typedef struct
{
  Ends ends;
  GAsyncResult *result;
} Start;

/* What was pushed before leaves its trace when something is popped that was not. */
static gpointer
start_splices (gpointer data)
{
  Start *starts = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GBytes) bytes = make_bytes ();

  g_main_context_push_thread_default (context);
  g_main_context_pop_thread_default (context);
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    {
      g_autoptr (GInputStream) source = sources[i](bytes);

      g_output_stream_splice_async (ends_output (&starts[i].ends), source, 0, G_PRIORITY_DEFAULT,
                                    NULL, conformance_result_cb, &starts[i].result);
    }
  return NULL;
}

/* It goes on in the default context, which is in another thread's hands. */
static void
test_thread_without_context (void)
{
  Start starts[G_N_ELEMENTS (sources)] = { 0 };
  GMainContext *context = g_main_context_default ();

  g_assert_true (g_main_context_acquire (context));
  for (guint i = 0; i < G_N_ELEMENTS (starts); i++)
    ends_init (&starts[i].ends, SOCK_STREAM);
  conformance_thread_join (conformance_thread_new (start_splices, starts));
  g_main_context_release (context);

  for (guint i = 0; i < G_N_ELEMENTS (starts); i++)
    {
      g_auto (Ends) ends = starts[i].ends;
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      Sink sink = { ends.peer, g_byte_array_new () };
      ConformanceThread *thread = conformance_thread_new (read_to_end, &sink);

      conformance_wait (&starts[i].result);
      result = starts[i].result;
      g_assert_cmpint (g_output_stream_splice_finish (ends_output (&ends), result, &error), ==,
                       SIZE);
      g_assert_no_error (error);
      hvsock_connection_shutdown (ends.connection, FALSE, TRUE, NULL);
      conformance_thread_join (thread);
      g_assert_cmpuint (sink.read->len, ==, SIZE);
      g_byte_array_unref (sink.read);
    }
}

static void
test_cancelled (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (splices); i++)
    {
      g_auto (Ends) ends = { 0 };
      g_autoptr (GBytes) bytes = make_bytes ();
      g_autoptr (GInputStream) source = make_file (bytes);
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;

      ends_init (&ends, SOCK_STREAM);
      g_cancellable_cancel (cancellable);
      g_assert_cmpint (splices[i](ends_output (&ends), source, 0, cancellable, &error), ==, -1);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      ends_expect_nothing (&ends);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/splice/all-arrives", test_all_arrives);
  g_test_add_func ("/splice/flags", test_flags);
  g_test_add_func ("/splice/between-connections", test_between_connections);
  g_test_add_func ("/splice/fifo", test_fifo);
  g_test_add_func ("/splice/peer-has-gone", test_peer_has_gone);
  g_test_add_func ("/splice/peer-goes", test_peer_goes);
  g_test_add_func ("/splice/thread-without-context", test_thread_without_context);
  g_test_add_func ("/splice/cancelled", test_cancelled);

  return g_test_run ();
}
