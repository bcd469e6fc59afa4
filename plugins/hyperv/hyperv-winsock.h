/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Winsock, with what Hyper-V sockets need of it. */

#pragma once

#include <winsock2.h>
#include <mswsock.h>
#include <hvsocket.h>

/* The headers of mingw-w64 lack it. */
#ifndef AF_HYPERV
#  define AF_HYPERV 34
#endif
