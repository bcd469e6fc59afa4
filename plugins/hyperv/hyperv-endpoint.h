/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Where an address leads to in terms of AF_HYPERV. */

#pragma once

#include <hvsock/hvsock-plugin.h>

#include "hyperv-winsock.h"

G_BEGIN_DECLS

gboolean hyperv_endpoint_init (SOCKADDR_HV *self, HvsockAddress *address, GError **error);

/* A socket at the completion port, or INVALID_SOCKET with a system error code. */
SOCKET hyperv_socket_open (DWORD *error);

/* One of Winsock's extensions, by the GUID that stands for it; NULL if the system has it not. */
gpointer hyperv_socket_get_extension (SOCKET socket, GUID id);

G_END_DECLS
