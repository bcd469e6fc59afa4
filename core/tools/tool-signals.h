/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The signals that ask a tool to end. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef void (*ToolSignalFunc) (gpointer user_data);

void tool_signals_watch (ToolSignalFunc clean_up, gpointer user_data);
void tool_signals_clean_up (void);

/* Each platform has its own: from now on they call tool_signals_clean_up(), in the main loop. */
void tool_signals_start (void);

G_END_DECLS
