/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Unix sockets made by hand, in the states that a client may find them in: for those transports
 * that are reached over them. */

#include "socket-files.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct sockaddr_un
make_address (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  g_assert_cmpuint (strlen (path), <, sizeof address.sun_path);
  strcpy (address.sun_path, path);
  return address;
}

int
conformance_socket_listen (const char *path, int backlog)
{
  struct sockaddr_un address = make_address (path);
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, sizeof address));
  g_assert_no_errno (listen (fd, backlog));
  return fd;
}

/* Whoever listened there died without removing it. */
void
conformance_socket_make_stale (const char *path)
{
  g_assert_no_errno (close (conformance_socket_listen (path, 0)));
}

/* Whoever listens there accepts nobody, and others wait already. */
void
conformance_socket_make_silent (Conformance *self, const char *path)
{
  struct sockaddr_un address = make_address (path);
  int fd = conformance_socket_listen (path, 0);
  int result;

  self->silent_fds = g_array_new (FALSE, FALSE, sizeof fd);
  do
    {
      g_array_append_val (self->silent_fds, fd);
      fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      result = connect (fd, (struct sockaddr *) &address, sizeof address);
    }
  while (result == 0);

  g_assert_cmpint (errno, ==, EAGAIN);
  close (fd);
}

/* What was made here for @self. */
void
conformance_socket_clear (Conformance *self)
{
  for (guint i = 0; self->silent_fds != NULL && i < self->silent_fds->len; i++)
    close (g_array_index (self->silent_fds, int, i));
  g_clear_pointer (&self->silent_fds, g_array_unref);
}

/* Returns another name of self->directory, one that no socket's address can hold. */
char *
conformance_make_long_directory (Conformance *self)
{
  g_autofree char *name = g_strnfill (sizeof ((struct sockaddr_un *) NULL)->sun_path, 'l');
  char *path = g_build_filename (self->directory, name, NULL);

  g_assert_no_errno (symlink (".", path));
  return path;
}
