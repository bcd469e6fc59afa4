/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The reactor of systems without epoll: each wait is a source of the main context. */

#include "stream/hvsock-reactor-private.h"

#include "base/hvsock-deadline-private.h"

/* Parks @waiter until @channel may be ready for @direction, which is %G_IO_IN or %G_IO_OUT. A
 * stream has one at a time parked for each. The caller has entered the channel, and does not leave
 * it before the waiter is called. */
void
hvsock_reactor_park (HvsockChannel *channel,
                     GIOCondition direction,
                     gint64 deadline,
                     const HvsockWaiter *waiter)
{
  hvsock_wait_source_park (channel, direction, hvsock_deadline_get_remaining (deadline), waiter);
}

/* Calls @waiter soon: what it would wait for is there already. */
void
hvsock_reactor_defer (const HvsockWaiter *waiter)
{
  hvsock_wait_source_defer (waiter);
}

/* Nothing remains here between two waits. */
void
hvsock_reactor_forget (HvsockChannel *channel)
{
}
