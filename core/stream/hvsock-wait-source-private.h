/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* How what waits only once does so without blocking, a connect or an accept: a GSource for each
 * wait, on every system. Streams wait ever anew, and have the reactor for it. */

#pragma once

#include "stream/hvsock-channel-private.h"
#include "stream/hvsock-waiter-private.h"

G_BEGIN_DECLS

void hvsock_wait_source_park (HvsockChannel *channel,
                              GIOCondition condition,
                              guint timeout,
                              const HvsockWaiter *waiter);
void hvsock_wait_source_defer (const HvsockWaiter *waiter);

GSource *hvsock_wait_source_create (HvsockChannel *channel,
                                    GIOCondition condition,
                                    gpointer stream,
                                    GCancellable *cancellable);

G_END_DECLS
