/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Whether a socket listens, by the option that POSIX has for it. Separate because macOS does not.
 */

#include "base/hvsock-fd-private.h"

int
hvsock_fd_is_listening (int fd, gboolean *is_listening)
{
  socklen_t length = sizeof *is_listening;

  return getsockopt (fd, SOL_SOCKET, SO_ACCEPTCONN, is_listening, &length) == 0 ? 0 : errno;
}
