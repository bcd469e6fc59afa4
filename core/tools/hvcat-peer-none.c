/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Windows does not tell whether the peer has gone or has only ended its direction, so nothing is
 * noticed before something is sent. */

#include "hvcat-peer.h"

HvcatPeer *
hvcat_peer_watch (HvsockConnection *connection, HvcatPeerGoneFunc gone, gpointer user_data)
{
  return NULL;
}

void
hvcat_peer_free (HvcatPeer *self)
{
}
