/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The signals that ask a tool to end. Separate because each platform has its own. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef void (*ToolSignalFunc) (gpointer user_data);

void tool_signals_watch (ToolSignalFunc clean_up, gpointer user_data);

G_END_DECLS
