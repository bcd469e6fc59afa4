/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Sending a message on a channel that sends in parts. Separate from all other writing because that
 * relies on what has no effect when it fails. */

#include "stream/hvsock-message-private.h"

#include "base/hvsock-fd-private.h"

#include <sys/time.h>

/* In place of no time-out, in seconds. After a signal the kernel starts a call without one anew by
 * itself, though a part of the message is sent; one that has a time-out it gives up. */
#define WEEK (7 * 24 * 60 * 60)

/* Ends the call that waits, and with it the connection. */
static void
cut_off (HvsockChannel *channel)
{
  shutdown (channel->fd, SHUT_RDWR);
}

static void
cancelled_cb (GCancellable *cancellable, HvsockMessage *message)
{
  if (g_atomic_int_get (&message->is_sending))
    cut_off (message->channel);
}

/* Any signal that is handled would break the message off. Those that ask the process to end may do
 * so. */
static void
hold_signals (sigset_t *before)
{
  static const int ending[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
  sigset_t held;

  sigfillset (&held);
  for (gsize i = 0; i < G_N_ELEMENTS (ending); i++)
    sigdelset (&held, ending[i]);
  pthread_sigmask (SIG_BLOCK, &held, before);
}

/* Whoever has entered @channel calls this before a send(2) that may block. That ends after @timeout
 * milliseconds, unless it is 0, and when @cancellable is cancelled. */
void
hvsock_message_begin (HvsockMessage *self,
                      HvsockChannel *channel,
                      guint timeout,
                      GCancellable *cancellable)
{
  const struct timeval limit = { timeout == 0 ? WEEK : timeout / 1000, timeout % 1000 * 1000 };

  *self = (HvsockMessage){ channel, .cancellable = cancellable, .is_sending = TRUE };
  setsockopt (channel->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  hvsock_fd_set_blocking (channel->fd, TRUE);
  hold_signals (&self->signals);
  if (cancellable != NULL)
    self->cancelled_id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), self, NULL);
}

/* Unless @is_whole, a part of the message may have been sent. */
void
hvsock_message_end (HvsockMessage *self, gboolean is_whole)
{
  g_atomic_int_set (&self->is_sending, FALSE);
  if (self->cancelled_id != 0)
    g_cancellable_disconnect (self->cancellable, self->cancelled_id);
  pthread_sigmask (SIG_SETMASK, &self->signals, NULL);
  if (!is_whole)
    cut_off (self->channel);
}
