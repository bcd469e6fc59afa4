/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* GIO waits until a pipe takes something, and then writes all of it: for it not to block in that,
 * and the test with it, the test's end must be non-blocking. */

#include "tool-pipe.h"

#include <gio/gunixoutputstream.h>
#include <glib-unix.h>

void
tool_pipe_prepare (GOutputStream *pipe)
{
  g_autoptr (GError) error = NULL;

  if (pipe == NULL)
    return;
  g_unix_set_fd_nonblocking (g_unix_output_stream_get_fd (G_UNIX_OUTPUT_STREAM (pipe)), TRUE,
                             &error);
  g_assert_no_error (error);
}
