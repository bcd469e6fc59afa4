/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the agent in the guest does for the tests, and what the host serves to it. A connection
 * begins with a line, a verb and its arguments, and unless the other end has closed it by then, it
 * ends with one: "ok" and a result, or "error", domain, code and message.
 *
 *   echo                          sends back what comes, piece by piece
 *   send SEED SIZE                sends that and closes
 *   take SEED SIZE                reads that and the end
 *   exchange OWN PEER SIZE        both at once, each with its seed
 *   ask QUESTION                  sends the line, ends its direction; result: what is read to the
 * end answer                        reads to the end; result: what was read addresses result: this
 * end's and the peer's source, sink                  sends, or reads, for ever run COMMAND by a
 * shell, with the connection as input and output; result: its exit status crowd N URI what
 * crowd_run() does
 *
 * Two make another connection, and serve the rest of the line on that; the result comes on the
 * first:
 *
 *   dial MS URI VERB...           connects, by the deadline MS
 *   listen URI VERB...            says "listening", then accepts one connection */

#pragma once

#include "wire.h"

G_BEGIN_DECLS

#define SERVICE_LISTENING "listening"

typedef struct _Service Service;

Service *service_start (HvsockListener *listener);
void service_wait (Service *self);
void service_stop (Service *self);

char *service_perform (HvsockConnection *connection, const char *line, GError **error);

G_END_DECLS
