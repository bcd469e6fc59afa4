/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What both ends of a boundary say to each other: lines of text, and data that each of them can
 * make for itself and so compare. */

#pragma once

#include <hvsock/hvsock.h>

G_BEGIN_DECLS

/* Above 1024, so that nobody needs to be root. A scenario that listens takes a port of its own,
 * since the one before may still be closing. */
#define WIRE_AGENT_PORT 5000
#define WIRE_READY_PORT 5001

#define WIRE_READY      "ready"

GInputStream *wire_input (HvsockConnection *connection);
GOutputStream *wire_output (HvsockConnection *connection);

gboolean wire_send_line (HvsockConnection *connection, const char *line, GError **error);
char *wire_read_line (HvsockConnection *connection, GError **error);

gboolean wire_send (HvsockConnection *connection, guint64 seed, guint64 size, GError **error);
gboolean wire_receive (HvsockConnection *connection, guint64 seed, guint64 size, GError **error);
gboolean wire_exchange (HvsockConnection *connection,
                        guint64 own_seed,
                        guint64 peer_seed,
                        guint64 size,
                        GError **error);
void wire_fill (guint64 *state, gpointer buffer, gsize size);

G_END_DECLS
