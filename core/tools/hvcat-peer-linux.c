/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Notices on Linux that the peer has gone. Separate from the general Unix file because AF_VSOCK
 * raises no POLLHUP when the peer closes: it shows the same events as after the peer's half-close.
 * What tells them apart is that sending fails, even sending nothing. So each change of the
 * connection's state is waited for (edge-triggered, a half-closed peer would never let poll() rest)
 * and an empty send is tried. */

#include "hvcat-peer.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct _HvcatPeer
{
  int fd;
  int epoll_fd;
};

HvcatPeer *
hvcat_peer_new (HvsockConnection *connection)
{
  HvcatPeer *self = g_new0 (HvcatPeer, 1);
  struct epoll_event event = { .events = EPOLLRDHUP | EPOLLET };

  self->fd = hvsock_connection_get_fd (connection);
  self->epoll_fd = self->fd < 0 ? -1 : epoll_create1 (EPOLL_CLOEXEC);
  if (self->epoll_fd >= 0 && epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, self->fd, &event) < 0)
    {
      close (self->epoll_fd);
      self->epoll_fd = -1;
    }
  return self;
}

void
hvcat_peer_free (HvcatPeer *self)
{
  if (self->epoll_fd >= 0)
    close (self->epoll_fd);
  g_free (self);
}

/* A negative descriptor is one that poll() passes over. */
int
hvcat_peer_get_poll_fd (HvcatPeer *self, short *events)
{
  *events = POLLIN;
  return self->epoll_fd;
}

static gboolean
is_vsock (int fd)
{
  int domain = 0;
  socklen_t length = sizeof domain;

  return getsockopt (fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 && domain == AF_VSOCK;
}

/* Takes the pending change of state, so that the descriptor to poll rests until the next one. */
gboolean
hvcat_peer_is_gone (HvcatPeer *self)
{
  struct pollfd poll_fd = { .fd = self->fd };
  struct epoll_event event;

  epoll_wait (self->epoll_fd, &event, 1, 0);
  if (poll (&poll_fd, 1, 0) > 0 && (poll_fd.revents & (POLLHUP | POLLERR)) != 0)
    return TRUE;
  return is_vsock (self->fd) && send (self->fd, "", 0, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 &&
         errno != EAGAIN;
}
