/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Tells whether a thread sleeps. */
typedef struct _ConformanceWatch ConformanceWatch;

ConformanceWatch *conformance_watch_new (void);
gboolean conformance_watch_is_asleep (ConformanceWatch *self);
void conformance_watch_free (ConformanceWatch *self);

G_END_DECLS
