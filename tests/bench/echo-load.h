/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The clients of an echo server, in a process of their own: ten thousand for each server are more
 * than one process may have. */

#pragma once

#include "bench-endpoint.h"

G_BEGIN_DECLS

typedef struct _EchoLoad EchoLoad;

EchoLoad *echo_load_start (const BenchEndpoint *endpoint);
void echo_load_stop (EchoLoad *self);

/* Each returns when it is done. */
void echo_load_open (gpointer self, guint n_connections);
void echo_load_send (gpointer self, guint n_messages);
void echo_load_visit (gpointer self, guint n_visits);

G_END_DECLS
