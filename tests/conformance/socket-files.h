/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include "conformance.h"

#include "unix-sockets.h"

G_BEGIN_DECLS

void conformance_socket_make_silent (Conformance *self, const char *path);
void conformance_socket_clear (Conformance *self);
char *conformance_make_long_directory (Conformance *self);

G_END_DECLS
