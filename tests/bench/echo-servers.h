/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Echo servers in one thread each: in plain C on epoll, and as one writes it with GIO, for GIO's
 * own streams and for ours. None of them returns. */

#pragma once

#include "bench-endpoint.h"

G_BEGIN_DECLS

void echo_server_plain (const BenchEndpoint *endpoint, int ready);
void echo_server_hvsock (const BenchEndpoint *endpoint, int ready);
void echo_server_hvsock_splice (const BenchEndpoint *endpoint, int ready);
void echo_server_gio (const BenchEndpoint *endpoint, int ready);

G_END_DECLS
