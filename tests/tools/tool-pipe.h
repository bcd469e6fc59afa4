/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Starting a tool, and the test's end of the pipe to its standard input: what GIO leaves to be done
 * for either. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

GSubprocess *tool_pipe_spawn (GSubprocessLauncher *launcher, const char *const *arguments);
void tool_pipe_prepare (GOutputStream *pipe);

G_END_DECLS
