/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Sockets on Linux, where one system call makes them with all their flags. */

#include "base/hvsock-fd-private.h"

#include <fcntl.h>

const int hvsock_fd_send_flags = MSG_NOSIGNAL;

const gboolean hvsock_fd_connected_is_blocking = TRUE;

/* The flags do it. */
void
hvsock_fd_set_no_sigpipe (int fd)
{
}

/* As it does on AF_VSOCK: send(2) with MSG_DONTWAIT fails with EAGAIN when it has sent the
 * beginning of a message, and does not tell how much of it. */
gboolean
hvsock_fd_sends_in_parts (int fd)
{
  socklen_t length = sizeof (int);
  int domain = AF_UNSPEC;

  return getsockopt (fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 && domain == AF_VSOCK;
}

int
hvsock_fd_socket (int domain, int type, int protocol)
{
  return socket (domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
}

int
hvsock_fd_accept (int listener, struct sockaddr *native, socklen_t *length)
{
  return accept4 (listener, native, length, SOCK_CLOEXEC);
}

int
hvsock_fd_pipe (int fds[2])
{
  return pipe2 (fds, O_CLOEXEC);
}
