/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The completion port of the process. */

#pragma once

#include <glib.h>

#include "hyperv-winsock.h"

G_BEGIN_DECLS

typedef struct _HypervPacket HypervPacket;

/* Is called in the port's thread, so it must not wait. @error is a system error code or 0. */
typedef void (*HypervPacketFunc) (HypervPacket *packet, DWORD error, gsize n_bytes);

/* The first member of whatever the system has under way. */
struct _HypervPacket
{
  OVERLAPPED overlapped;
  HypervPacketFunc func;
};

void hyperv_packet_init (HypervPacket *self, HypervPacketFunc func);

DWORD hyperv_port_add (SOCKET socket);
gboolean hyperv_port_skip_success (SOCKET socket);

G_END_DECLS
