/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* GIO writes to pipes in threads on Windows, so nothing blocks. */

#include "tool-pipe.h"

void
tool_pipe_unblock (GOutputStream *pipe)
{
}
