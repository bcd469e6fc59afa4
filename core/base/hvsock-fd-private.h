/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Descriptors: each is close-on-exec from its first moment where the system can do that, and a
 * socket never raises SIGPIPE. The systems differ in how, hence one source file for each. */

#pragma once

#include <glib.h>

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

/* What keeps SIGPIPE away: flags for each send(), or something that is set on the socket, whoever
 * has made it, before the first. */
extern const int hvsock_fd_send_flags;
void hvsock_fd_set_no_sigpipe (int fd);

/* Whether a connected socket is in blocking mode, so that a blocking call is a single system call.
 * The others rely on MSG_DONTWAIT then. */
extern const gboolean hvsock_fd_connected_is_blocking;

/* Whether the system begins to send a message for which there is too little room, and leaves it
 * unfinished unless the call waits for the rest. */
gboolean hvsock_fd_sends_in_parts (int fd);

/* Like socket(2), non-blocking. */
int hvsock_fd_socket (int domain, int type, int protocol);

/* Like accept(2); the new socket is in the mode of a connected one. */
int hvsock_fd_accept (int listener, struct sockaddr *native, socklen_t *length);

/* Like pipe(2). */
int hvsock_fd_pipe (int fds[2]);

/* Whether listen(2) was called on a socket. Returns 0 or errno. */
int hvsock_fd_is_listening (int fd, gboolean *is_listening);

gboolean hvsock_fd_set_cloexec (int fd);
gboolean hvsock_fd_set_blocking (int fd, gboolean blocking);

static inline void
hvsock_fd_clear (int *fd)
{
  int errsv = errno;

  if (*fd >= 0)
    close (*fd);
  *fd = -1;
  errno = errsv;
}

static inline int
hvsock_fd_steal (int *fd)
{
  int stolen = *fd;

  *fd = -1;
  return stolen;
}

/* A descriptor that is closed at the end of its scope. */
#define hvsock_autofd __attribute__ ((cleanup (hvsock_fd_clear))) int
