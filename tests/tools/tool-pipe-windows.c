/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* GIO writes to pipes in threads on Windows, so nothing blocks. But a process that is started
 * without its help would inherit the pipe, whose end would not come then. */

#include "tool-pipe.h"

#include <gio/gwin32outputstream.h>
#include <windows.h>

/* How often to try. */
#define ATTEMPTS 5

/* Wine does not start GLib's helper once in some thousand times, when many processes come and go.
 * Nothing of the tool has run then. */
GSubprocess *
tool_pipe_spawn (GSubprocessLauncher *launcher, const char *const *arguments)
{
  g_autoptr (GError) error = NULL;
  GSubprocess *process = NULL;

  for (guint i = 0; i < ATTEMPTS && process == NULL; i++)
    {
      g_clear_error (&error);
      process = g_subprocess_launcher_spawnv (launcher, arguments, &error);
      if (!g_error_matches (error, G_SPAWN_ERROR, G_SPAWN_ERROR_FAILED))
        break;
      g_test_message ("%s: %s", arguments[0], error->message);
    }
  g_assert_no_error (error);
  return process;
}

void
tool_pipe_prepare (GOutputStream *pipe)
{
  if (pipe != NULL)
    g_assert_true (SetHandleInformation (
        g_win32_output_stream_get_handle (G_WIN32_OUTPUT_STREAM (pipe)), HANDLE_FLAG_INHERIT, 0));
}
