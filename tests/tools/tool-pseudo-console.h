/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A tool that runs in a console of its own, with what it shows there and what is typed. Separate
 * because it is long to make one on Windows. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _ToolConsole ToolConsole;

/* What the program that is started again does in the console. Returns FALSE in the first one. */
gboolean tool_console_main (int argc, char **argv, int *status);

ToolConsole *tool_console_new (const char *tool, ...) G_GNUC_NULL_TERMINATED;
void tool_console_free (ToolConsole *self);

void tool_console_type (ToolConsole *self, const char *keys);
void tool_console_interrupt (ToolConsole *self);
void tool_console_wait_for_screen (ToolConsole *self, const char *text);
void tool_console_wait_for_message (ToolConsole *self, const char *text);
guint32 tool_console_wait (ToolConsole *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ToolConsole, tool_console_free)

G_END_DECLS
