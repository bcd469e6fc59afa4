/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The pipe to a tool's standard input, whose writing must not block the test. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

void tool_pipe_unblock (GOutputStream *pipe);

G_END_DECLS
