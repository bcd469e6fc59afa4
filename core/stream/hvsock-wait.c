/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* How a blocking call waits. Asynchronous ones wait in the reactor. */

#include "stream/hvsock-wait-private.h"

#include "base/hvsock-deadline-private.h"
#include "base/hvsock-fd-private.h"

#include <fcntl.h>

/* How long a cancellation may go unnoticed, in milliseconds, when it cannot be polled for. */
#define LONGEST_BLINDNESS 50

/* To poll for a cancellation needs a descriptor, and GLib ends the process when there is none. */
static gboolean
can_poll_cancellable (HvsockChannel *channel)
{
  hvsock_autofd fd = fcntl (channel->fd, F_DUPFD_CLOEXEC, 0);

  return fd >= 0;
}

static int
get_poll_timeout (gint64 deadline, gboolean is_blind)
{
  guint remaining = hvsock_deadline_get_remaining (deadline);

  if (is_blind)
    return remaining == 0 ? LONGEST_BLINDNESS : MIN (remaining, LONGEST_BLINDNESS);
  return remaining == 0 ? -1 : (int) remaining;
}

/* Waits until @channel is ready for @condition, or has failed, or was closed: the caller tries its
 * operation again and finds out. With @condition 0 it waits for the time only. Fails with
 * %G_IO_ERROR_TIMED_OUT and %G_IO_ERROR_CANCELLED. */
gboolean
hvsock_wait (HvsockChannel *channel,
             GIOCondition condition,
             gint64 deadline,
             GCancellable *cancellable,
             GError **error)
{
  GPollFD polled[3];
  guint n_polled = 0;
  gboolean polls_cancellable = FALSE;
  int ready;

  if (condition != 0)
    polled[n_polled++] = (GPollFD){ .fd = channel->fd, .events = condition };
  if (channel->is_listener)
    polled[n_polled++] = (GPollFD){ .fd = channel->closing[0], .events = G_IO_IN };
  if (cancellable != NULL && can_poll_cancellable (channel))
    polls_cancellable = g_cancellable_make_pollfd (cancellable, &polled[n_polled]);
  n_polled += polls_cancellable;

  do
    ready = g_poll (polled, n_polled,
                    get_poll_timeout (deadline, cancellable != NULL && !polls_cancellable));
  while ((ready < 0 && errno == EINTR) || (ready == 0 && !hvsock_deadline_has_passed (deadline) &&
                                           !g_cancellable_is_cancelled (cancellable)));

  if (polls_cancellable)
    g_cancellable_release_fd (cancellable);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (ready == 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, g_strerror (ETIMEDOUT));
      return FALSE;
    }
  return TRUE;
}
