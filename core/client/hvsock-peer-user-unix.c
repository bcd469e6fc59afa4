/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The user at the other end of a Unix socket, on BSD and macOS. */

#include "client/hvsock-peer-private.h"

#include <sys/types.h>
#include <unistd.h>

gboolean
hvsock_peer_find_user (int fd, guint32 *user)
{
  uid_t uid;
  gid_t gid;

  if (getpeereid (fd, &uid, &gid) != 0)
    return FALSE;

  *user = uid;
  return TRUE;
}
