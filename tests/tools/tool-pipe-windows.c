/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* GIO writes to pipes in threads on Windows, so nothing blocks. But a process that is started
 * without its help would inherit the pipe, whose end would not come then. */

#include "tool-pipe.h"

#include <gio/gwin32outputstream.h>
#include <windows.h>

void
tool_pipe_prepare (GOutputStream *pipe)
{
  if (pipe != NULL)
    g_assert_true (SetHandleInformation (
        g_win32_output_stream_get_handle (G_WIN32_OUTPUT_STREAM (pipe)), HANDLE_FLAG_INHERIT, 0));
}
