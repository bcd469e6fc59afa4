/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <hvsock/hvsock-listener.h>

G_BEGIN_DECLS

HvsockListener *hvsock_fd_listener_new (int fd,
                                        HvsockAddress *local_address,
                                        GDestroyNotify when_closed,
                                        gpointer data,
                                        GError **error);

G_END_DECLS
