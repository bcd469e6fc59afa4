/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The test's end of the pipe to a tool's standard input: what GIO leaves to be done to it. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

void tool_pipe_prepare (GOutputStream *pipe);

G_END_DECLS
