/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* How an asynchronous operation waits: it parks its task until its descriptor is ready. */

#pragma once

#include "stream/hvsock-channel-private.h"

G_BEGIN_DECLS

/* Called in the main context of @task: the descriptor is ready, or the channel was closed, or the
 * task was cancelled, or else the wait @timed_out. It finishes @task or parks it again. */
typedef void (*HvsockReadyFunc) (GTask *task, gboolean timed_out);

void hvsock_reactor_park (HvsockChannel *channel,
                          GIOCondition condition,
                          guint timeout,
                          GTask *task,
                          HvsockReadyFunc ready);

GSource *hvsock_reactor_create_source (HvsockChannel *channel,
                                       GIOCondition condition,
                                       gpointer stream,
                                       GCancellable *cancellable);

G_END_DECLS
