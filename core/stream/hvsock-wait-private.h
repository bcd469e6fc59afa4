/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* How a blocking call waits. Asynchronous ones wait in the reactor. */

#pragma once

#include "base/hvsock-deadline-private.h"
#include "stream/hvsock-channel-private.h"

G_BEGIN_DECLS

/* After how long a writer tries again though it was not woken, in milliseconds. The system does not
 * always tell it that the peer has gone: not over AF_VSOCK as long as something that the peer sent
 * is unread, and not on a Unix socket whose peer has shut down reading alone. */
#define HVSOCK_WAIT_LONGEST_TO_WRITE 1000

/* Until when an operation that waits for @condition is to be left alone. It looks itself whether
 * its @deadline has passed. */
static inline gint64
hvsock_wait_get_end (GIOCondition condition, gint64 deadline)
{
  if (condition != G_IO_OUT)
    return deadline;
  return MIN (deadline, hvsock_deadline_after (HVSOCK_WAIT_LONGEST_TO_WRITE));
}

gboolean hvsock_wait (HvsockChannel *channel,
                      GIOCondition condition,
                      gint64 deadline,
                      GCancellable *cancellable,
                      GError **error);

G_END_DECLS
