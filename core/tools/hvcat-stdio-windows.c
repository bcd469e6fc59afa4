/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Standard input and output on Windows: handles of files, pipes or consoles, which take and give
 * bytes as they are. The C library's descriptors would change line ends. */

#include "hvcat-stdio.h"

#include "hvcat-input.h"
#include "hvcat-output.h"
#include "tool-console.h"

void
hvcat_stdio_init (void)
{
}

gboolean
hvcat_stdio_is_terminal (void)
{
  return tool_console_is (GetStdHandle (STD_INPUT_HANDLE));
}

/* A caller may have given one handle for both: messages are still to come, or input. */
static gboolean
is_shared (HANDLE output)
{
  return output == GetStdHandle (STD_ERROR_HANDLE) || output == GetStdHandle (STD_INPUT_HANDLE);
}

/* Standard input is for the next connection as well and is never closed. Some file systems tell
 * only when the output is closed that what was written is lost. */
GIOStream *
hvcat_stdio_open (gboolean close_output)
{
  HANDLE handle = GetStdHandle (STD_OUTPUT_HANDLE);
  g_autoptr (GInputStream) input = hvcat_input_new ();
  g_autoptr (GOutputStream) output = hvcat_output_new (handle, close_output && !is_shared (handle));

  return g_simple_io_stream_new (input, output);
}
