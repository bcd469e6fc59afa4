/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* How the stand-ins for devices move bytes between the two ends of one connection. It uses plain
 * system calls, so that the library is not tested against itself. */

#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* One direction. */
typedef struct
{
  int from;
  int to;
  RelayRule rule;
  gsize start;
  gsize end; /* the bytes from @start to @end wait to be written */
  gboolean is_done;
  gboolean ends_both;
  guint8 buffer[65536];
} Lane;

static gboolean
wants_to_read (const Lane *self)
{
  return !self->is_done && self->start == self->end;
}

static gboolean
wants_to_write (const Lane *self)
{
  return !self->is_done && self->start < self->end;
}

static gboolean
is_passing (int errsv)
{
  return errsv == EAGAIN || errsv == EINTR;
}

static void
drop_unread (int fd)
{
  guint8 unread[4096];

  while (recv (fd, unread, sizeof unread, MSG_DONTWAIT) > 0)
    continue;
}

static void
lane_end (Lane *self)
{
  self->is_done = TRUE;
  if (self->rule == RELAY_PASS_ON)
    shutdown (self->to, SHUT_WR);
  self->ends_both = self->rule == RELAY_END_BOTH;
}

/* A read that fails is an end of file like any other: this protocol has nothing else to say. */
static void
lane_read (Lane *self)
{
  ssize_t n = recv (self->from, self->buffer, sizeof self->buffer, 0);

  if (n < 0 && is_passing (errno))
    return;

  if (n <= 0)
    {
      lane_end (self);
      return;
    }
  self->start = 0;
  self->end = n;
}

/* Whoever writes to an end that reads no more is told so; the system tells a writer that polls only
 * when there is room. */
static void
lane_write (Lane *self)
{
  ssize_t n = send (self->to, self->buffer + self->start, self->end - self->start, MSG_NOSIGNAL);

  if (n < 0 && is_passing (errno))
    return;

  if (n < 0)
    {
      shutdown (self->from, SHUT_RD);
      drop_unread (self->from);
      self->is_done = TRUE;
      return;
    }
  self->start += n;
}

static gboolean
waits_for_close (const Lane *self)
{
  return self->is_done && self->rule == RELAY_KEEP_QUIET && !self->ends_both;
}

/* An end that has hung up is ready for ever, so it is polled only for what it is needed for. */
static struct pollfd
poll_end (const Lane *outgoing, const Lane *incoming)
{
  short events =
      (wants_to_read (outgoing) ? POLLIN : 0) | (wants_to_write (incoming) ? POLLOUT : 0);
  gboolean is_needed = events != 0 || waits_for_close (outgoing);

  return (struct pollfd){ .fd = is_needed ? outgoing->from : -1, .events = events };
}

static gboolean
is_readable (const struct pollfd *polled)
{
  return (polled->revents & (POLLIN | POLLHUP | POLLERR)) != 0;
}

static void
lane_move (Lane *self, const struct pollfd *polled)
{
  if (waits_for_close (self) && (polled->revents & (POLLHUP | POLLERR)) != 0)
    self->ends_both = TRUE;
  if (is_readable (polled) && wants_to_read (self))
    lane_read (self);
  if (wants_to_write (self))
    lane_write (self);
}

/* Closes @fd so that its peer sees a plain end of file. With bytes left unread, the system would
 * make it an error. */
void
relay_end (int fd)
{
  shutdown (fd, SHUT_RDWR);
  drop_unread (fd);
  close (fd);
}

static void
lane_init (Lane *self, int from, int to, RelayRule rule)
{
  self->from = from;
  self->to = to;
  self->rule = rule;
  self->start = self->end = 0;
  self->is_done = self->ends_both = FALSE;
  fcntl (from, F_SETFL, fcntl (from, F_GETFL) | O_NONBLOCK);
}

/* Relays until both directions have ended, or one ends both, or @wake_fd is ready; then closes @a
 * and @b. The rules are for what comes from each. */
void
relay_run (int a, RelayRule a_rule, int b, RelayRule b_rule, int wake_fd)
{
  g_autofree Lane *lanes = g_new (Lane, 2);
  Lane *forth = &lanes[0];
  Lane *back = &lanes[1];
  gboolean is_ending = FALSE;

  lane_init (forth, a, b, a_rule);
  lane_init (back, b, a, b_rule);
  while (!is_ending && (!forth->is_done || !back->is_done))
    {
      struct pollfd polled[] = {
        poll_end (forth, back),
        poll_end (back, forth),
        { .fd = wake_fd, .events = POLLIN },
      };

      if (poll (polled, G_N_ELEMENTS (polled), -1) < 0)
        continue;

      lane_move (forth, &polled[0]);
      lane_move (back, &polled[1]);
      is_ending = polled[2].revents != 0 || forth->ends_both || back->ends_both;
    }

  relay_end (a);
  relay_end (b);
}
