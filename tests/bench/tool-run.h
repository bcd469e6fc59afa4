/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* One run of a tool that connects to a socket and sends what is in its standard input, or writes
 * what it receives. The other end, and the other end of a pipe, are plain C. */

#pragma once

#include "bench-endpoint.h"

G_BEGIN_DECLS

typedef struct
{
  int listener;
  int file; /* what is sent: as large as the volume of a turn */
  GStrv sender;
  GStrv receiver;
  int pid; /* of the tool */
} ToolRun;

/* Each takes the volume in mebibytes. To send ends when the other end has all, to receive when the
 * tool has ended. */
void tool_run_send_file (gpointer self, guint n);
void tool_run_send_pipe (gpointer self, guint n);
void tool_run_receive (gpointer self, guint n);
void tool_run_end (gpointer self);

G_END_DECLS
