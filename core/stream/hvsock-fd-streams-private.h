/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The two streams of a connection over a descriptor. */

#pragma once

#include "stream/hvsock-channel-private.h"

G_BEGIN_DECLS

GInputStream *hvsock_fd_input_stream_new (HvsockChannel *channel);
HvsockChannel *hvsock_fd_input_stream_get_channel (GInputStream *stream);

GOutputStream *hvsock_fd_output_stream_new (HvsockChannel *channel);
HvsockChannel *hvsock_fd_output_stream_get_channel (GOutputStream *stream);

G_END_DECLS
