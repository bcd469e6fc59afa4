/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What asks a tool to end on Windows: Ctrl-C, Ctrl-Break, and the end of the console or the
 * session. After the cleaning up it ends with the code that these have by default, so that the
 * caller sees what it was. */

#include "tool-signals.h"

#include <windows.h>

static gboolean
end_cb (gpointer data)
{
  tool_signals_clean_up ();
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
tool_signals_start (void)
{
  SetConsoleCtrlHandler (control_cb, TRUE);
}
