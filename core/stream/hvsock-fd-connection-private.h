/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include "stream/hvsock-channel-private.h"

#include <hvsock/hvsock-connection.h>

G_BEGIN_DECLS

HvsockConnection *hvsock_fd_connection_new (HvsockChannel *channel,
                                            HvsockAddress *local_address,
                                            HvsockAddress *remote_address,
                                            gboolean can_half_close);

G_END_DECLS
