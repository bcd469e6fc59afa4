/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The user at the other end of a Unix socket, on Linux. */

#include "client/hvsock-peer-private.h"

#include <sys/socket.h>
#include <sys/types.h>

/* What is no Unix socket has the option as well, and nobody in it. */
gboolean
hvsock_peer_find_user (int fd, guint32 *user)
{
  struct ucred credentials;
  socklen_t length = sizeof credentials;

  if (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0 ||
      credentials.uid == (uid_t) -1)
    return FALSE;

  *user = credentials.uid;
  return TRUE;
}
