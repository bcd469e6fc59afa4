/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Echoes in one main context, as one writes it with GIO: a message goes out, its echo is read
 * asynchronously, and the callback sends the next. Other streams of the same context may wait for
 * data at the same time. */

#pragma once

#include "bench-link.h"

G_BEGIN_DECLS

typedef struct _AsyncEcho AsyncEcho;

AsyncEcho *async_echo_new (BenchLinkOpen open,
                           const BenchEndpoint *endpoint,
                           gsize size,
                           guint n_idle);
void async_echo_free (AsyncEcho *self);
void async_echo_run (gpointer self, guint n);

G_END_DECLS
