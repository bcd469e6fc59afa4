/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Notices on macOS that the peer has gone: both directions have ended. Separate from the general
 * Unix file because poll() reports nothing there that it is not asked for, and calls the peer's
 * half-close a hang-up as well. A kernel queue tells of each direction. */

#include "hvcat-peer.h"

#include <glib-unix.h>
#include <sys/event.h>
#include <unistd.h>

/* Which directions have ended. */
enum
{
  ENDED_READ = 1 << 0,
  ENDED_WRITE = 1 << 1,
};

struct _HvcatPeer
{
  int queue;
  guint ended;
  guint source;
  HvcatPeerGoneFunc gone;
  gpointer user_data;
};

/* Takes the pending changes of state, so that the queue rests until the next one. */
static gboolean
changed_cb (int queue, GIOCondition condition, gpointer user_data)
{
  static const struct timespec at_once = { 0, 0 };
  HvcatPeer *self = user_data;
  struct kevent events[2];
  int n_events = kevent (queue, NULL, 0, events, G_N_ELEMENTS (events), &at_once);

  for (int i = 0; i < n_events; i++)
    {
      if (events[i].flags & EV_EOF)
        self->ended |= events[i].filter == EVFILT_READ ? ENDED_READ : ENDED_WRITE;
    }
  if (self->ended != (ENDED_READ | ENDED_WRITE))
    return G_SOURCE_CONTINUE;

  self->source = 0;
  self->gone (self->user_data);
  return G_SOURCE_REMOVE;
}

/* Only the changes: a half-closed peer would never let the queue rest. */
static gboolean
watch_directions (int queue, int fd)
{
  struct kevent changes[2];

  EV_SET (&changes[0], fd, EVFILT_READ, EV_ADD | EV_CLEAR, 0, 0, NULL);
  EV_SET (&changes[1], fd, EVFILT_WRITE, EV_ADD | EV_CLEAR, 0, 0, NULL);
  return kevent (queue, changes, G_N_ELEMENTS (changes), NULL, 0, NULL) == 0;
}

/* Whoever has gone already is noticed as well. A queue is not inherited by other programs. */
HvcatPeer *
hvcat_peer_watch (HvsockConnection *connection, HvcatPeerGoneFunc gone, gpointer user_data)
{
  HvcatPeer *self = g_new0 (HvcatPeer, 1);
  int fd = hvsock_connection_get_fd (connection);

  self->gone = gone;
  self->user_data = user_data;
  self->queue = fd < 0 ? -1 : kqueue ();
  if (self->queue >= 0 && watch_directions (self->queue, fd))
    self->source = g_unix_fd_add (self->queue, G_IO_IN, changed_cb, self);
  return self;
}

void
hvcat_peer_free (HvcatPeer *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
  if (self->queue >= 0)
    close (self->queue);
  g_free (self);
}
