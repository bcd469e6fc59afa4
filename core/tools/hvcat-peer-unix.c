/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Notices on Unix that the peer has gone: poll() says POLLHUP when both directions have ended.
 * Separate because Linux needs more for AF_VSOCK. */

#include "hvcat-peer.h"

#include <poll.h>

struct _HvcatPeer
{
  int fd;
};

HvcatPeer *
hvcat_peer_new (HvsockConnection *connection)
{
  HvcatPeer *self = g_new0 (HvcatPeer, 1);

  self->fd = hvsock_connection_get_fd (connection);
  return self;
}

void
hvcat_peer_free (HvcatPeer *self)
{
  g_free (self);
}

/* No events are asked for: POLLHUP and POLLERR are told in any case. */
int
hvcat_peer_get_poll_fd (HvcatPeer *self, short *events)
{
  *events = 0;
  return self->fd;
}

gboolean
hvcat_peer_is_gone (HvcatPeer *self)
{
  struct pollfd poll_fd = { .fd = self->fd };

  return poll (&poll_fd, 1, 0) > 0;
}
