/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Whether a socket listens, on macOS: its headers have SO_ACCEPTCONN, but getsockopt() knows no
 * such option, and only what the system tells of a process shows the socket's flags. */

#include "base/hvsock-fd-private.h"

#include <libproc.h>

int
hvsock_fd_is_listening (int fd, gboolean *is_listening)
{
  struct socket_fdinfo info;

  if (proc_pidfdinfo (getpid (), fd, PROC_PIDFDSOCKETINFO, &info, sizeof info) != sizeof info)
    return errno;

  *is_listening = (info.psi.soi_options & SO_ACCEPTCONN) != 0;
  return 0;
}
