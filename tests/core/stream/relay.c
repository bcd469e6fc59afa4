/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Relays between streams of all kinds. A thread at each outer end writes random bytes and sums up
 * what it reads. */

#include "ends.h"
#include "waits.h"

#include <errno.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <string.h>
#include <unistd.h>

#define SIZE (5 * 1024 * 1024 + 77)

/* What is beyond one side of the relay. */
typedef struct
{
  int read_fd;
  int write_fd;
  guint32 seed;
  gsize size;
  char *sum_written;
  char *sum_read;
  gsize n_read;
  ConformanceThread *writer;
  ConformanceThread *reader;
} Outside;

/* Random enough, and made faster than /dev/urandom gives it. */
static gpointer
write_all (gpointer data)
{
  Outside *self = data;
  g_autoptr (GRand) random = g_rand_new_with_seed (self->seed);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint32 words[4096];
  gsize left = self->size;

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    words[i] = g_rand_int (random);
  while (left > 0)
    {
      gsize size = MIN (left, sizeof words - g_rand_int_range (random, 0, 1000));
      gsize done = 0;

      words[0]++;
      g_checksum_update (checksum, (guchar *) words, (gssize) size);
      while (done < size)
        {
          gssize n = write (self->write_fd, (char *) words + done, size - done);

          g_assert_cmpint (n, >, 0);
          done += (gsize) n;
        }
      left -= size;
    }
  if (self->write_fd == self->read_fd)
    g_assert_no_errno (shutdown (self->write_fd, SHUT_WR));
  else
    close (self->write_fd);
  self->sum_written = g_strdup (g_checksum_get_string (checksum));
  return NULL;
}

static gpointer
read_all (gpointer data)
{
  Outside *self = data;
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guchar bytes[50000];
  gssize n;

  while ((n = read (self->read_fd, bytes, sizeof bytes)) > 0)
    {
      g_checksum_update (checksum, bytes, n);
      self->n_read += (gsize) n;
    }
  g_assert_cmpint (n, ==, 0);
  self->sum_read = g_strdup (g_checksum_get_string (checksum));
  return NULL;
}

static void
outside_start (Outside *self, int read_fd, int write_fd, gsize size)
{
  static guint32 seed;

  *self = (Outside){ .read_fd = read_fd, .write_fd = write_fd, .seed = ++seed, .size = size };
  self->writer = conformance_thread_new (write_all, self);
  self->reader = conformance_thread_new (read_all, self);
}

static void
outside_finish (Outside *self)
{
  conformance_thread_join (self->writer);
  conformance_thread_join (self->reader);
}

static void
outside_clear (Outside *self)
{
  g_clear_pointer (&self->sum_written, g_free);
  g_clear_pointer (&self->sum_read, g_free);
  close (self->read_fd);
}

/* A kind of stream for one side of the relay. */
typedef GIOStream *(*StreamFunc) (int *read_fd, int *write_fd);

static GIOStream *
make_connection (int *read_fd, int *write_fd)
{
  int fds[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
  *read_fd = fds[1];
  *write_fd = fds[1];
  return G_IO_STREAM (hvsock_connection_new_for_fd (fds[0], NULL, NULL));
}

static GIOStream *
make_socket_connection (int *read_fd, int *write_fd)
{
  g_autoptr (GSocket) socket = NULL;
  int fds[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
  *read_fd = fds[1];
  *write_fd = fds[1];
  socket = g_socket_new_from_fd (fds[0], NULL);
  return G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
}

static void
open_pipes (int *read_fd, int *write_fd, GInputStream **input, GOutputStream **output)
{
  int in[2], out[2];

  g_assert_no_errno (pipe (in));
  g_assert_no_errno (pipe (out));
  *read_fd = out[0];
  *write_fd = in[1];
  *input = g_unix_input_stream_new (in[0], TRUE);
  *output = g_unix_output_stream_new (out[1], TRUE);
}

static GIOStream *
make_pipes (int *read_fd, int *write_fd)
{
  g_autoptr (GInputStream) input = NULL;
  g_autoptr (GOutputStream) output = NULL;

  open_pipes (read_fd, write_fd, &input, &output);
  return g_simple_io_stream_new (input, output);
}

/* Neither a descriptor nor pollable. */
static GIOStream *
make_buffered (int *read_fd, int *write_fd)
{
  g_autoptr (GInputStream) input = NULL;
  g_autoptr (GOutputStream) output = NULL;
  g_autoptr (GInputStream) buffered_input = NULL;
  g_autoptr (GOutputStream) buffered_output = NULL;

  open_pipes (read_fd, write_fd, &input, &output);
  buffered_input = g_buffered_input_stream_new (input);
  buffered_output = g_buffered_output_stream_new (output);
  return g_simple_io_stream_new (buffered_input, buffered_output);
}

static const struct
{
  const char *name;
  StreamFunc make;
} kinds[] = {
  { "connection", make_connection },
  { "socket-connection", make_socket_connection },
  { "pipes", make_pipes },
  { "buffered", make_buffered },
};

static void
run (HvsockRelay *relay, GCancellable *cancellable, GAsyncResult **result)
{
  hvsock_relay_run_async (relay, G_PRIORITY_DEFAULT, cancellable, conformance_result_cb, result);
}

static void
check_both_ways (StreamFunc make_first, StreamFunc make_second, gsize size)
{
  Outside left, right;
  int fds[4];
  g_autoptr (GIOStream) first = make_first (&fds[0], &fds[1]);
  g_autoptr (GIOStream) second = make_second (&fds[2], &fds[3]);
  g_autoptr (HvsockRelay) relay = hvsock_relay_new (first, second);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  outside_start (&left, fds[0], fds[1], size);
  outside_start (&right, fds[2], fds[3], size / 3);
  run (relay, NULL, &result);
  conformance_wait (&result);
  g_assert_true (hvsock_relay_run_finish (relay, result, &error));
  g_assert_no_error (error);
  outside_finish (&left);
  outside_finish (&right);
  g_assert_cmpstr (left.sum_written, ==, right.sum_read);
  g_assert_cmpstr (right.sum_written, ==, left.sum_read);
  g_assert_cmpuint (hvsock_relay_get_bytes_from_first (relay), ==, size);
  g_assert_cmpuint (hvsock_relay_get_bytes_from_second (relay), ==, size / 3);
  g_assert_false (g_input_stream_has_pending (g_io_stream_get_input_stream (first)));
  outside_clear (&left);
  outside_clear (&right);
}

static void
test_both_ways (gconstpointer data)
{
  const guint i = GPOINTER_TO_UINT (data) / G_N_ELEMENTS (kinds);
  const guint j = GPOINTER_TO_UINT (data) % G_N_ELEMENTS (kinds);

  check_both_ways (kinds[i].make, kinds[j].make, SIZE);
}

/* There is no descriptor for a pipe of its own: the bytes go through a buffer. */
static void
test_out_of_descriptors (void)
{
  g_auto (Ends) first = { 0 };
  g_auto (Ends) second = { 0 };
  g_autoptr (HvsockRelay) relay = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ends_init (&first, SOCK_STREAM);
  ends_init (&second, SOCK_STREAM);
  relay = hvsock_relay_new (G_IO_STREAM (first.connection), G_IO_STREAM (second.connection));
  run (relay, NULL, &result);
  conformance_turn ();
  take_all_descriptors ();
  ends_send (&first, "request");
  shutdown (first.peer, SHUT_WR);
  ends_send (&second, "answer");
  shutdown (second.peer, SHUT_WR);
  conformance_wait (&result);
  free_all_descriptors ();
  g_assert_true (hvsock_relay_run_finish (relay, result, &error));
  g_assert_no_error (error);
  ends_expect (&second, "request");
  ends_expect (&first, "answer");
}

typedef struct
{
  GPtrArray *from;
  int code;
  GIOStream *failed;
} Endings;

static void
ended_cb (HvsockRelay *relay,
          GIOStream *from,
          GIOStream *failed,
          const GError *error,
          gpointer user_data)
{
  Endings *endings = user_data;

  g_ptr_array_add (endings->from, from);
  endings->failed = failed != NULL ? failed : endings->failed;
  if (error != NULL)
    {
      g_assert_cmpuint (error->domain, ==, G_IO_ERROR);
      endings->code = error->code;
    }
}

/* The answer comes after the end of the request was passed on. */
static void
test_half_close (void)
{
  g_auto (Ends) first = { 0 };
  g_auto (Ends) second = { 0 };
  g_autoptr (GPtrArray) from = g_ptr_array_new ();
  Endings endings = { from, -1 };
  g_autoptr (HvsockRelay) relay = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  char byte;

  ends_init (&first, SOCK_STREAM);
  ends_init (&second, SOCK_STREAM);
  relay = hvsock_relay_new (G_IO_STREAM (first.connection), G_IO_STREAM (second.connection));
  g_signal_connect (relay, "ended", G_CALLBACK (ended_cb), &endings);
  run (relay, NULL, &result);
  ends_send (&first, "request");
  shutdown (first.peer, SHUT_WR);
  while (from->len == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (from->pdata[0] == first.connection);
  ends_expect (&second, "request");
  g_assert_cmpint (recv (second.peer, &byte, 1, 0), ==, 0);
  g_assert_null (result);

  ends_send (&second, "answer");
  shutdown (second.peer, SHUT_WR);
  conformance_wait (&result);
  g_assert_true (hvsock_relay_run_finish (relay, result, &error));
  g_assert_no_error (error);
  ends_expect (&first, "answer");
  g_assert_cmpuint (from->len, ==, 2);
  g_assert_cmpint (endings.code, ==, -1);
}

/* What one side has said is delivered although it takes nothing any more. */
static void
test_write_failure (void)
{
  g_auto (Ends) first = { 0 };
  g_auto (Ends) second = { 0 };
  g_autoptr (GPtrArray) from = g_ptr_array_new ();
  Endings endings = { from, -1 };
  g_autoptr (HvsockRelay) relay = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ends_init (&first, SOCK_STREAM);
  ends_init (&second, SOCK_STREAM);
  ends_send (&second, "last words");
  shutdown (second.peer, SHUT_RDWR);
  ends_send (&first, "too late");
  relay = hvsock_relay_new (G_IO_STREAM (first.connection), G_IO_STREAM (second.connection));
  g_signal_connect (relay, "ended", G_CALLBACK (ended_cb), &endings);
  run (relay, NULL, &result);
  conformance_wait (&result);
  g_assert_false (hvsock_relay_run_finish (relay, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
  g_assert_cmpint (endings.code, ==, G_IO_ERROR_BROKEN_PIPE);
  g_assert_true (endings.failed == G_IO_STREAM (second.connection));
  ends_expect (&first, "last words");
}

static void
test_cancelled (void)
{
  g_auto (Ends) first = { 0 };
  g_auto (Ends) second = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (HvsockRelay) relay = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ends_init (&first, SOCK_STREAM);
  ends_init (&second, SOCK_STREAM);
  relay = hvsock_relay_new (G_IO_STREAM (first.connection), G_IO_STREAM (second.connection));
  run (relay, cancellable, &result);
  ends_send (&first, "request");
  conformance_turn ();
  g_assert_null (result);
  ends_expect (&second, "request");
  g_cancellable_cancel (cancellable);
  conformance_wait (&result);
  g_assert_false (hvsock_relay_run_finish (relay, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* The slow side's time-out is one of the relay's errors. */
static void
test_timed_out (void)
{
  g_auto (Ends) first = { 0 };
  g_auto (Ends) second = { 0 };
  g_autoptr (HvsockRelay) relay = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ends_init (&first, SOCK_STREAM);
  ends_init (&second, SOCK_STREAM);
  hvsock_connection_set_timeout (first.connection, 5);
  relay = hvsock_relay_new (G_IO_STREAM (first.connection), G_IO_STREAM (second.connection));
  run (relay, NULL, &result);
  conformance_wait (&result);
  g_assert_false (hvsock_relay_run_finish (relay, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

static void
test_closed (void)
{
  g_auto (Ends) first = { 0 };
  g_auto (Ends) second = { 0 };
  g_autoptr (HvsockRelay) relay = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) again = NULL;
  g_autoptr (GError) error = NULL;

  ends_init (&first, SOCK_STREAM);
  ends_init (&second, SOCK_STREAM);
  relay = hvsock_relay_new (G_IO_STREAM (first.connection), G_IO_STREAM (second.connection));
  run (relay, NULL, &result);
  run (relay, NULL, &again);
  conformance_wait (&again);
  g_assert_false (hvsock_relay_run_finish (relay, again, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
  g_clear_error (&error);

  g_io_stream_close (G_IO_STREAM (first.connection), NULL, NULL);
  conformance_wait (&result);
  g_assert_false (hvsock_relay_run_finish (relay, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

static void
progress_cb (HvsockRelay *relay, guint64 from_first, guint64 from_second, gpointer user_data)
{
  guint64 *seen = user_data;

  g_assert_cmpuint (from_first, >, *seen);
  g_assert_cmpuint (from_second, ==, 0);
  *seen = from_first;
}

static void
test_progress (void)
{
  g_auto (Ends) first = { 0 };
  g_auto (Ends) second = { 0 };
  g_autoptr (HvsockRelay) relay = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  guint64 seen = 0;

  ends_init (&first, SOCK_STREAM);
  ends_init (&second, SOCK_STREAM);
  relay = hvsock_relay_new (G_IO_STREAM (first.connection), G_IO_STREAM (second.connection));
  hvsock_relay_set_progress_interval (relay, 1);
  g_signal_connect (relay, "progress", G_CALLBACK (progress_cb), &seen);
  run (relay, NULL, &result);
  ends_send (&first, "abc");
  while (seen < 3)
    g_main_context_iteration (NULL, TRUE);
  ends_send (&first, "de");
  shutdown (first.peer, SHUT_WR);
  shutdown (second.peer, SHUT_WR);
  conformance_wait (&result);
  g_assert_cmpuint (seen, ==, 5);
}

static void
run_anew_cb (HvsockRelay *relay, guint64 from_first, guint64 from_second, gpointer user_data)
{
  run (relay, NULL, user_data);
}

/* Its last signal comes before its end. */
static void
test_run_anew_too_early (void)
{
  g_auto (Ends) first = { 0 };
  g_auto (Ends) second = { 0 };
  g_autoptr (HvsockRelay) relay = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) refused = NULL;
  g_autoptr (GError) error = NULL;

  ends_init (&first, SOCK_STREAM);
  ends_init (&second, SOCK_STREAM);
  ends_send (&first, "abc");
  shutdown (first.peer, SHUT_WR);
  shutdown (second.peer, SHUT_WR);
  relay = hvsock_relay_new (G_IO_STREAM (first.connection), G_IO_STREAM (second.connection));
  hvsock_relay_set_progress_interval (relay, G_MAXINT);
  g_signal_connect (relay, "progress", G_CALLBACK (run_anew_cb), &refused);
  run (relay, NULL, &result);
  conformance_wait (&result);
  conformance_wait (&refused);
  g_assert_true (hvsock_relay_run_finish (relay, result, NULL));
  g_assert_false (hvsock_relay_run_finish (relay, refused, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
}

/* Each message arrives as one. */
static void
test_messages (void)
{
  g_auto (Ends) first = { 0 };
  g_auto (Ends) second = { 0 };
  g_autoptr (HvsockRelay) relay = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  char bytes[16];

  ends_init (&first, SOCK_SEQPACKET);
  ends_init (&second, SOCK_SEQPACKET);
  relay = hvsock_relay_new (G_IO_STREAM (first.connection), G_IO_STREAM (second.connection));
  ends_send (&first, "one");
  ends_send (&first, "three");
  shutdown (first.peer, SHUT_WR);
  shutdown (second.peer, SHUT_WR);
  run (relay, NULL, &result);
  conformance_wait (&result);
  g_assert_true (hvsock_relay_run_finish (relay, result, &error));
  g_assert_no_error (error);
  g_assert_cmpint (recv (second.peer, bytes, sizeof bytes, 0), ==, 3);
  g_assert_cmpint (recv (second.peer, bytes, sizeof bytes, 0), ==, 5);
  g_assert_cmpint (recv (second.peer, bytes, sizeof bytes, 0), ==, 0);
}

/* All of it is done in the context where it was begun, though whoever runs that has not made it the
 * thread's default. */
static void
test_context (void)
{
  g_auto (Ends) first = { 0 };
  g_auto (Ends) second = { 0 };
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (HvsockRelay) relay = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ends_init (&first, SOCK_SEQPACKET);
  ends_init (&second, SOCK_SEQPACKET);
  relay = hvsock_relay_new (G_IO_STREAM (first.connection), G_IO_STREAM (second.connection));
  g_main_context_push_thread_default (context);
  run (relay, NULL, &result);
  g_main_context_pop_thread_default (context);

  ends_send (&first, "one");
  shutdown (first.peer, SHUT_WR);
  shutdown (second.peer, SHUT_WR);
  while (result == NULL)
    {
      g_main_context_iteration (context, TRUE);
      g_assert_false (g_main_context_pending (NULL));
    }
  g_assert_true (hvsock_relay_run_finish (relay, result, &error));
  g_assert_no_error (error);
  ends_expect (&second, "one");
}

/* A relay with much to do lets a timer have its turn, and leaves no descriptor when it is done. */
static void
test_fairness (void)
{
  gboolean had_turn = FALSE;
  Outside left, right;
  int fds[4];
  g_autoptr (GIOStream) first = make_connection (&fds[0], &fds[1]);
  g_autoptr (GIOStream) second = make_connection (&fds[2], &fds[3]);
  g_autoptr (HvsockRelay) relay = hvsock_relay_new (first, second);
  g_autoptr (GSource) timer = g_timeout_source_new (1);
  g_autoptr (GAsyncResult) result = NULL;

  outside_start (&left, fds[0], fds[1], 100 * SIZE);
  outside_start (&right, fds[2], fds[3], 0);
  g_source_set_callback (timer, conformance_flag_cb, &had_turn, NULL);
  g_source_attach (timer, NULL);
  run (relay, NULL, &result);
  conformance_wait_flag (&had_turn);
  g_assert_null (result);
  conformance_wait (&result);
  g_assert_true (hvsock_relay_run_finish (relay, result, NULL));
  outside_finish (&left);
  outside_finish (&right);
  outside_clear (&left);
  outside_clear (&right);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (kinds) * G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/relay/both-ways/%s/%s", kinds[i / G_N_ELEMENTS (kinds)].name,
                           kinds[i % G_N_ELEMENTS (kinds)].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_both_ways);
    }
  g_test_add_func ("/relay/out-of-descriptors", test_out_of_descriptors);
  g_test_add_func ("/relay/half-close", test_half_close);
  g_test_add_func ("/relay/write-failure", test_write_failure);
  g_test_add_func ("/relay/cancelled", test_cancelled);
  g_test_add_func ("/relay/timed-out", test_timed_out);
  g_test_add_func ("/relay/closed", test_closed);
  g_test_add_func ("/relay/progress", test_progress);
  g_test_add_func ("/relay/run-anew-too-early", test_run_anew_too_early);
  g_test_add_func ("/relay/messages", test_messages);
  g_test_add_func ("/relay/context", test_context);
  g_test_add_func ("/relay/fairness", test_fairness);

  return g_test_run ();
}
