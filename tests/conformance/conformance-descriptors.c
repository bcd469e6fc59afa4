/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Scenarios of transports over file descriptors: what they are like, adopting one that the library
 * did not make, and a peer that answers late. */

#include "peers.h"
#include "waits.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static void
expect_private_socket (HvsockConnection *connection)
{
  int fd = hvsock_connection_get_fd (connection);
  int type = 0;
  socklen_t length = sizeof type;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
  g_assert_no_errno (getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &length));
  g_assert_cmpint (type, ==, SOCK_STREAM);
}

static void
test_descriptors (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  g_autoptr (GDir) directory = NULL;
  const char *name;

  expect_private_socket (pair.client);
  expect_private_socket (pair.server);

  /* Nothing else either that a program started from here would inherit. */
  directory = g_dir_open ("/proc/self/fd", 0, NULL);
  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/fd", name, NULL);
      g_autofree char *target = g_file_read_link (path, NULL);
      int fd = (int) g_ascii_strtoll (name, NULL, 10);

      if (fd > 2 && target != NULL && g_str_has_prefix (target, "socket:"))
        g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
    }
}

static void
test_adopted (Conformance *self)
{
  g_autoptr (HvsockAddress) address = NULL;
  g_autoptr (HvsockListener) listener = NULL;
  g_autofree char *uri = NULL;
  g_autoptr (GError) error = NULL;
  int fd = conformance_backend.listen_by_hand (self, &address);

  listener = hvsock_listener_new_for_fd (fd, address, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
  g_assert_true (hvsock_address_equal (hvsock_listener_get_local_address (listener), address));
  uri = hvsock_address_to_uri (address);
  {
    g_auto (ConformancePair) pair = conformance_connect_to (listener, uri);

    conformance_expect_alive (self, &pair);
  }

  g_clear_object (&listener);
  g_assert_cmpint (fcntl (fd, F_GETFD), ==, -1);
}

static void
expect_not_adopted (int fd)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (hvsock_listener_new_for_fd (fd, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_no_errno (close (fd));
}

static void
test_not_adopted (Conformance *self)
{
  int ends[2];

  expect_not_adopted (open ("/dev/null", O_RDWR | O_CLOEXEC));
  expect_not_adopted (socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
  expect_not_adopted (ends[0]);
  expect_not_adopted (ends[1]);
}

static gpointer
let_in (gpointer listener)
{
  int fd = accept (GPOINTER_TO_INT (listener), NULL, NULL);

  if (conformance_backend.let_in != NULL)
    conformance_backend.let_in (fd);
  return GINT_TO_POINTER (fd);
}

static void
test_silent_answers (Conformance *self)
{
  g_autofree char *uri = conformance_backend.fall_silent (self);
  int listener = g_array_index (self->silent_fds, int, 0);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (HvsockConnection) connection = NULL;
  g_autoptr (GError) error = NULL;
  GThread *thread;

  hvsock_connect_async (uri, NULL, conformance_result_cb, &result);
  conformance_turn ();
  g_assert_null (result);
  for (guint i = 1; i < self->silent_fds->len; i++)
    close (accept (listener, NULL, NULL));
  thread = g_thread_new ("let-in", let_in, GINT_TO_POINTER (listener));
  conformance_wait (&result);
  connection = hvsock_connect_finish (result, &error);
  g_assert_no_error (error);
  close (GPOINTER_TO_INT (g_thread_join (thread)));
}

void
conformance_add_descriptor_tests (void)
{
  if (conformance_backend.framed_over == NULL)
    conformance_add ("/descriptors", test_descriptors);
  conformance_add ("/listener/adopted", test_adopted);
  conformance_add ("/listener/not-adopted", test_not_adopted);
  if (conformance_backend.fall_silent != NULL)
    conformance_add ("/connect/silent/answers", test_silent_answers);
}
