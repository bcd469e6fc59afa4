/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A connection over a Hyper-V socket. */

#pragma once

#include <hvsock/hvsock-plugin.h>

#include "hyperv-winsock.h"

G_BEGIN_DECLS

HvsockConnection *hyperv_connection_new (SOCKET socket,
                                         HvsockAddress *local_address,
                                         HvsockAddress *remote_address);

G_END_DECLS
