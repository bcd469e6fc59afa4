/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* On Windows connections have no descriptors, and peers no user. */

#include "client/hvsock-peer-private.h"

gboolean
hvsock_peer_find_user (int fd, guint32 *user)
{
  return FALSE;
}
