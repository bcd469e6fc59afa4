/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Whether a stream can be read or written without waiting. */

#pragma once

#include "hyperv-channel.h"

G_BEGIN_DECLS

gboolean hyperv_channel_is_ready (HypervChannel *self, gboolean is_write);
GSource *hyperv_ready_source_new (HypervChannel *channel, gboolean is_write);

G_END_DECLS
