/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Notices on Linux that the peer has gone. Separate from the general Unix file because AF_VSOCK
 * raises no POLLHUP when the peer closes: it shows the same events as after the peer's half-close.
 * What tells them apart is that sending fails, even sending nothing. So each change of the
 * connection's state is waited for (edge-triggered, a half-closed peer would never let poll() rest)
 * and an empty send is tried. */

#include "hvcat-peer.h"

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct _HvcatPeer
{
  int fd;
  int epoll_fd;
  guint source;
  HvcatPeerGoneFunc gone;
  gpointer user_data;
};

static gboolean
is_vsock (int fd)
{
  int domain = 0;
  socklen_t length = sizeof domain;

  return getsockopt (fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 && domain == AF_VSOCK;
}

static gboolean
is_gone (HvcatPeer *self)
{
  struct pollfd poll_fd = { .fd = self->fd };

  if (poll (&poll_fd, 1, 0) > 0 && (poll_fd.revents & (POLLHUP | POLLERR)) != 0)
    return TRUE;
  return is_vsock (self->fd) && send (self->fd, "", 0, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 &&
         errno != EAGAIN;
}

/* Takes the pending change of state, so that the descriptor to poll rests until the next one. */
static gboolean
changed_cb (int fd, GIOCondition condition, gpointer user_data)
{
  HvcatPeer *self = user_data;
  struct epoll_event event;

  epoll_wait (self->epoll_fd, &event, 1, 0);
  if (!is_gone (self))
    return G_SOURCE_CONTINUE;

  self->source = 0;
  self->gone (self->user_data);
  return G_SOURCE_REMOVE;
}

/* Whoever has gone already is noticed as well. */
HvcatPeer *
hvcat_peer_watch (HvsockConnection *connection, HvcatPeerGoneFunc gone, gpointer user_data)
{
  HvcatPeer *self = g_new0 (HvcatPeer, 1);
  struct epoll_event event = { .events = EPOLLRDHUP | EPOLLET };

  self->gone = gone;
  self->user_data = user_data;
  self->fd = hvsock_connection_get_fd (connection);
  self->epoll_fd = self->fd < 0 ? -1 : epoll_create1 (EPOLL_CLOEXEC);
  if (self->epoll_fd >= 0 && epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, self->fd, &event) == 0)
    self->source = g_unix_fd_add (self->epoll_fd, G_IO_IN, changed_cb, self);
  return self;
}

void
hvcat_peer_free (HvcatPeer *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
  if (self->epoll_fd >= 0)
    close (self->epoll_fd);
  g_free (self);
}
