/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* How a blocking call waits. Asynchronous ones wait in the reactor. */

#pragma once

#include "stream/hvsock-channel-private.h"

G_BEGIN_DECLS

gboolean hvsock_wait (HvsockChannel *channel,
                      GIOCondition condition,
                      gint64 deadline,
                      GCancellable *cancellable,
                      GError **error);

G_END_DECLS
