/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Sockets on a Unix that sets their flags one by one after they are made, as macOS does. */

#include "base/hvsock-fd-private.h"

const int hvsock_fd_send_flags = 0;

/* macOS pays no regard to MSG_DONTWAIT when it sends. */
const gboolean hvsock_fd_connected_is_blocking = FALSE;

/* Fails when the peer of an accepted socket has gone already. So each socket has it from the first,
 * and one that listens hands it on to those in its queue. */
void
hvsock_fd_set_no_sigpipe (int fd)
{
  int on = 1;

  setsockopt (fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
}

static int
set_flags (int new_fd)
{
  hvsock_autofd fd = new_fd;

  if (fd < 0 || !hvsock_fd_set_cloexec (fd) || !hvsock_fd_set_blocking (fd, FALSE))
    return -1;

  return hvsock_fd_steal (&fd);
}

gboolean
hvsock_fd_sends_in_parts (int fd)
{
  return FALSE;
}

int
hvsock_fd_socket (int domain, int type, int protocol)
{
  int fd = set_flags (socket (domain, type, protocol));

  if (fd >= 0)
    hvsock_fd_set_no_sigpipe (fd);
  return fd;
}

int
hvsock_fd_accept (int listener, struct sockaddr *native, socklen_t *length)
{
  return set_flags (accept (listener, native, length));
}

int
hvsock_fd_pipe (int fds[2])
{
  if (pipe (fds) != 0)
    return -1;

  hvsock_fd_set_cloexec (fds[0]);
  hvsock_fd_set_cloexec (fds[1]);
  return 0;
}
