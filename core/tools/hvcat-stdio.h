/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Standard input and output as hvcat's pumps need them. Separate because each platform has its own
 * way to wait for input and for the peer's end at once. */

#pragma once

#include "hvcat-peer.h"

G_BEGIN_DECLS

void hvcat_stdio_init (void);
gboolean hvcat_stdio_is_terminal (void);
gboolean hvcat_stdio_wait_for_input (HvcatPeer *peer);
gboolean hvcat_stdio_wait_for_last_input (void);
gssize hvcat_stdio_read (void *buffer, gsize size, GError **error);
gboolean hvcat_stdio_write_all (const void *buffer, gsize size, GError **error);
gboolean hvcat_stdio_close_output (GError **error);

G_END_DECLS
