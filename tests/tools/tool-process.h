/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A tool that runs as a process of its own, with what it wrote. Separate because each of the tests
 * here starts some. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  GSubprocess *process;
  GString *output;
  GString *messages;
  gboolean output_ended;
  gboolean messages_ended;
  gboolean has_exited;
} ToolProcess;

char *tool_path (const char *tool);

ToolProcess *tool_process_start (GSubprocessLauncher *launcher, const char *const *arguments);
ToolProcess *tool_process_start_valist (GSubprocessLauncher *launcher,
                                        const char *tool,
                                        va_list list);
ToolProcess *tool_process_new (const char *tool, ...) G_GNUC_NULL_TERMINATED;
void tool_process_free (ToolProcess *self);

void tool_process_write (ToolProcess *self, GBytes *data);
void tool_process_end_input (ToolProcess *self);
void tool_process_feed (ToolProcess *self, GBytes *data);

void tool_process_wait_for_message (ToolProcess *self, const char *text);
void tool_process_wait_for_output (ToolProcess *self, gsize size);
void tool_process_wait_for_output_end (ToolProcess *self);
int tool_process_wait (ToolProcess *self);

void tool_process_assert_ends (ToolProcess *self, int status, const char *message);
void tool_process_assert_output (ToolProcess *self, GBytes *expected);

GBytes *random_bytes (gsize size, guint32 seed);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ToolProcess, tool_process_free)

G_END_DECLS
