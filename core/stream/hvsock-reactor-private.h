/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* How an asynchronous operation of a stream waits: it is parked until the system has something to
 * move for it, and costs the main loop nothing meanwhile. */

#pragma once

#include "stream/hvsock-wait-source-private.h"

G_BEGIN_DECLS

void hvsock_reactor_park (HvsockChannel *channel,
                          GIOCondition direction,
                          gint64 deadline,
                          const HvsockWaiter *waiter);
void hvsock_reactor_defer (const HvsockWaiter *waiter);

void hvsock_reactor_forget (HvsockChannel *channel);

G_END_DECLS
