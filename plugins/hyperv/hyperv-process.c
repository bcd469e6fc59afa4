/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A program of Windows that says something and ends. GLib starts programs through a helper of its
 * own, and one that is for consoles would open a window on the desktop then, wherever the
 * application has no console. */

#include "hyperv-process.h"

#include <string.h>
#include <windows.h>

enum
{
  NOTHING, /* to read from, and for complaints */
  OUTPUT,
  N_ENDS
};

static void
append_entry (GArray *block, const wchar_t *entry)
{
  g_array_append_vals (block, entry, (guint) wcslen (entry) + 1);
}

/* What CreateProcess() takes. Not by way of GLib, which knows no variables that are not text. */
static GArray *
make_environment (const char *variable, const char *value)
{
  g_autofree char *text = g_strdup_printf ("%s=%s", variable, value);
  g_autofree gunichar2 *added = g_utf8_to_utf16 (text, -1, NULL, NULL, NULL);
  wchar_t *inherited = GetEnvironmentStringsW ();
  GArray *block = g_array_new (TRUE, FALSE, sizeof (wchar_t));

  for (const wchar_t *entry = inherited; *entry != L'\0'; entry += wcslen (entry) + 1)
    if (wcsnicmp (entry, (wchar_t *) added, strlen (variable) + 1) != 0)
      append_entry (block, entry);
  append_entry (block, (wchar_t *) added);
  FreeEnvironmentStringsW (inherited);
  return block;
}

/* Only @ends are inherited: other handles of this process are nobody else's business. */
static HANDLE
start_with (const char *path, const char *command_line, GArray *environment, HANDLE *ends)
{
  g_autofree gunichar2 *wide_path = g_utf8_to_utf16 (path, -1, NULL, NULL, NULL);
  g_autofree gunichar2 *wide_line = g_utf8_to_utf16 (command_line, -1, NULL, NULL, NULL);
  STARTUPINFOEXW startup = { .StartupInfo = { .cb = sizeof startup,
                                              .dwFlags = STARTF_USESTDHANDLES,
                                              .hStdInput = ends[NOTHING],
                                              .hStdOutput = ends[OUTPUT],
                                              .hStdError = ends[NOTHING] } };
  g_autofree gpointer attributes = NULL;
  PROCESS_INFORMATION process = { 0 };
  SIZE_T size = 0;

  InitializeProcThreadAttributeList (NULL, 1, 0, &size);
  startup.lpAttributeList = attributes = g_malloc (size);
  if (!InitializeProcThreadAttributeList (startup.lpAttributeList, 1, 0, &size))
    return NULL;

  if (UpdateProcThreadAttribute (startup.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST,
                                 ends, N_ENDS * sizeof *ends, NULL, NULL) &&
      CreateProcessW ((wchar_t *) wide_path, (wchar_t *) wide_line, NULL, NULL, TRUE,
                      CREATE_NO_WINDOW | CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT,
                      environment->data, NULL, &startup.StartupInfo, &process))
    CloseHandle (process.hThread);
  DeleteProcThreadAttributeList (startup.lpAttributeList);
  return process.hProcess;
}

/* Returns the process, and where to read what it says; or NULL with GetLastError(). */
static HANDLE
start (const char *path, const char *command_line, GArray *environment, HANDLE *input)
{
  SECURITY_ATTRIBUTES inherited = { .nLength = sizeof inherited, .bInheritHandle = TRUE };
  HANDLE ends[N_ENDS];
  HANDLE process;
  DWORD failure;

  if (!CreatePipe (input, &ends[OUTPUT], &inherited, 0))
    return NULL;

  SetHandleInformation (*input, HANDLE_FLAG_INHERIT, 0);
  ends[NOTHING] =
      CreateFileW (L"NUL", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                   &inherited, OPEN_EXISTING, 0, NULL);
  process = start_with (path, command_line, environment, ends);
  failure = GetLastError ();
  CloseHandle (ends[NOTHING]);
  CloseHandle (ends[OUTPUT]);
  if (process == NULL)
    CloseHandle (*input);
  SetLastError (failure);
  return process;
}

static void
cancelled_cb (GCancellable *cancellable, gpointer process)
{
  TerminateProcess (process, 1);
}

static GBytes *
read_all (HANDLE input)
{
  GByteArray *bytes = g_byte_array_new ();
  guint8 buffer[4096];
  DWORD n_read;

  /* To read nothing is not the end: .NET writes nothing to find out whether it can. */
  while (ReadFile (input, buffer, sizeof buffer, &n_read, NULL))
    g_byte_array_append (bytes, buffer, n_read);
  return g_byte_array_free_to_bytes (bytes);
}

GBytes *
hyperv_process_run (const char *path,
                    const char *command_line,
                    const char *variable,
                    const char *value,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autoptr (GArray) environment = make_environment (variable, value);
  HANDLE input;
  HANDLE process = start (path, command_line, environment, &input);
  GBytes *bytes;
  gulong cancelled;

  if (process == NULL)
    {
      g_autofree char *message = g_win32_error_message ((int) GetLastError ());

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "cannot start %s: %s", path, message);
      return NULL;
    }

  cancelled = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), process, NULL);
  bytes = read_all (input);
  g_cancellable_disconnect (cancellable, cancelled);
  CloseHandle (input);
  CloseHandle (process);
  return bytes;
}
