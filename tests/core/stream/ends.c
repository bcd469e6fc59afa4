/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A connection over a socket pair, whose other end does just what a test wants. */

#include "ends.h"

#include "waits.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

void
ends_init (Ends *self, int type)
{
  g_autoptr (HvsockAddress) remote = hvsock_unix_address_new ("/peer");
  int fds[2];

  g_assert_no_errno (socketpair (AF_UNIX, type | SOCK_CLOEXEC, 0, fds));
  self->connection = hvsock_connection_new_for_fd (fds[0], NULL, remote);
  self->peer = fds[1];
}

void
ends_clear (Ends *self)
{
  g_clear_object (&self->connection);
  if (self->peer >= 0)
    close (self->peer);
  self->peer = -1;
}

GInputStream *
ends_input (Ends *self)
{
  return g_io_stream_get_input_stream (G_IO_STREAM (self->connection));
}

GOutputStream *
ends_output (Ends *self)
{
  return g_io_stream_get_output_stream (G_IO_STREAM (self->connection));
}

void
ends_read_byte (Ends *self)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  char byte;

  g_input_stream_read_async (ends_input (self), &byte, 1, G_PRIORITY_DEFAULT, NULL,
                             conformance_result_cb, &result);
  conformance_wait (&result);
  g_assert_cmpint (g_input_stream_read_finish (ends_input (self), result, &error), ==, 1);
  g_assert_no_error (error);
}

/* From the peer to the connection. */
void
ends_send (Ends *self, const char *text)
{
  gsize length = strlen (text);

  g_assert_cmpint (send (self->peer, text, length, MSG_NOSIGNAL), ==, length);
}

void
ends_expect (Ends *self, const char *text)
{
  gsize length = strlen (text);
  g_autofree char *buffer = g_malloc0 (length + 1);

  g_assert_cmpint (recv (self->peer, buffer, length, MSG_WAITALL), ==, length);
  g_assert_cmpstr (buffer, ==, text);
}

void
ends_expect_nothing (Ends *self)
{
  char byte;

  g_assert_cmpint (recv (self->peer, &byte, 1, MSG_DONTWAIT), ==, -1);
  g_assert_cmpint (errno, ==, EAGAIN);
}

/* Until the connection can take no more. Returns how many bytes it took. */
gsize
ends_fill (Ends *self)
{
  static const char bytes[65536];
  int fd = hvsock_connection_get_fd (self->connection);
  gsize filled = 0;
  gssize n;

  while ((n = send (fd, bytes, sizeof bytes, MSG_DONTWAIT | MSG_NOSIGNAL)) > 0)
    filled += n;
  g_assert_cmpint (errno, ==, EAGAIN);
  while ((n = send (fd, bytes, 1, MSG_DONTWAIT | MSG_NOSIGNAL)) > 0)
    filled += n;
  g_assert_cmpint (errno, ==, EAGAIN);
  return filled;
}

/* Five bytes, by an asynchronous write that is waited for. */
gssize
ends_write_async (Ends *self, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_output_stream_write_async (ends_output (self), "bytes", 5, G_PRIORITY_DEFAULT, NULL,
                               conformance_result_cb, &result);
  conformance_wait (&result);
  return g_output_stream_write_finish (ends_output (self), result, error);
}

gboolean
is_open (int fd)
{
  return fcntl (fd, F_GETFD) >= 0;
}

/* Of this process, and only those that a test is likely to make. */
guint
count_descriptors (void)
{
  guint n = 0;

  for (int fd = 0; fd < 1024; fd++)
    n += is_open (fd);
  return n;
}

static struct rlimit limit_before;
static GArray *taken;

/* From here on the process has no descriptor left. */
void
take_all_descriptors (void)
{
  struct rlimit limit;
  int fd;

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &limit_before));
  limit = limit_before;
  limit.rlim_cur = 64;
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &limit));
  taken = g_array_new (FALSE, FALSE, sizeof fd);
  while ((fd = fcntl (STDERR_FILENO, F_DUPFD_CLOEXEC, 0)) >= 0)
    g_array_append_val (taken, fd);
  g_assert_cmpint (errno, ==, EMFILE);
}

void
free_descriptors (guint n)
{
  for (guint i = 0; i < n; i++)
    {
      close (g_array_index (taken, int, taken->len - 1));
      g_array_set_size (taken, taken->len - 1);
    }
}

void
free_all_descriptors (void)
{
  free_descriptors (taken->len);
  g_clear_pointer (&taken, g_array_unref);
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &limit_before));
}
