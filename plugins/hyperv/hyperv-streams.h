/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The two streams of a connection. */

#pragma once

#include "hyperv-channel.h"

G_BEGIN_DECLS

GInputStream *hyperv_input_stream_new (HypervChannel *channel);
GOutputStream *hyperv_output_stream_new (HypervChannel *channel);

G_END_DECLS
