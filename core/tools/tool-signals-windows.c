/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What asks a tool to end on Windows: Ctrl-C, Ctrl-Break, and the end of the console or the
 * session. After the cleaning up it ends with the code that these have by default, so that the
 * caller sees what it was. */

#include "tool-signals.h"

#include <windows.h>

/* The handler has no data. */
static ToolSignalFunc clean_up;
static gpointer clean_up_data;

static gboolean
end_cb (gpointer data)
{
  clean_up (clean_up_data);
  ExitProcess ((UINT) STATUS_CONTROL_C_EXIT);
}

/* Runs in a thread of its own. Were it to return, the process would end at once. */
static BOOL WINAPI
control_cb (DWORD event)
{
  g_main_context_invoke_full (NULL, G_PRIORITY_HIGH, end_cb, NULL, NULL);
  Sleep (INFINITE);
  return FALSE;
}

/* A caller that had Ctrl-C ignored has it so still. */
void
tool_signals_watch (ToolSignalFunc func, gpointer user_data)
{
  clean_up = func;
  clean_up_data = user_data;
  SetConsoleCtrlHandler (control_cb, TRUE);
}
