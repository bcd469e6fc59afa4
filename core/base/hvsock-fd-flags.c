/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The flags of a descriptor, by fcntl(2): the same on every Unix. */

#include "base/hvsock-fd-private.h"

#include <fcntl.h>
#include <sys/ioctl.h>

gboolean
hvsock_fd_set_cloexec (int fd)
{
  return fcntl (fd, F_SETFD, FD_CLOEXEC) == 0;
}

gboolean
hvsock_fd_set_blocking (int fd, gboolean blocking)
{
  int nonblocking = !blocking;

  return ioctl (fd, FIONBIO, &nonblocking) == 0;
}
