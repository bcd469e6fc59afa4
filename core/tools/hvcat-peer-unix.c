/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Notices on Unix that the peer has gone: poll() says POLLHUP when both directions have ended.
 * Separate because Linux needs more for AF_VSOCK, and macOS says so in another way. */

#include "hvcat-peer.h"

#include <glib-unix.h>

struct _HvcatPeer
{
  guint source;
  HvcatPeerGoneFunc gone;
  gpointer user_data;
};

static gboolean
hung_up_cb (int fd, GIOCondition condition, gpointer user_data)
{
  HvcatPeer *self = user_data;

  self->source = 0;
  self->gone (self->user_data);
  return G_SOURCE_REMOVE;
}

/* Whoever has gone already is noticed as well. */
HvcatPeer *
hvcat_peer_watch (HvsockConnection *connection, HvcatPeerGoneFunc gone, gpointer user_data)
{
  HvcatPeer *self = g_new0 (HvcatPeer, 1);
  int fd = hvsock_connection_get_fd (connection);

  self->gone = gone;
  self->user_data = user_data;
  if (fd >= 0)
    self->source = g_unix_fd_add (fd, G_IO_HUP | G_IO_ERR, hung_up_cb, self);
  return self;
}

void
hvcat_peer_free (HvcatPeer *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
  g_free (self);
}
