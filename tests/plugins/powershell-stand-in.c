/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A stand-in for powershell.exe, which runs no script. It is told by its environment what to do:
 *
 * HVSOCK_STAND_IN_RECORD    the file to write what it was started with to: its process id, its
 *                           arguments and its environment, in UTF-8, each text ended by NUL and
 *                           begun with "P", "A" or "E"
 * HVSOCK_STAND_IN_ANSWER    the file to send to standard output as it is
 * HVSOCK_STAND_IN_STARTED   if set, the event to signal in place of an answer, and then to hang */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>
#include <shellapi.h>

/* A stand-in that a failed test forgets goes after so many milliseconds. */
#define LIFETIME 600000

static void
fail (const char *what)
{
  fprintf (stderr, "powershell-stand-in: %s\n", what);
  exit (2);
}

static const wchar_t *
get_required (const wchar_t *name)
{
  const wchar_t *value = _wgetenv (name);

  if (value == NULL)
    fail ("not told what to do");
  return value;
}

static void
write_text (FILE *file, char kind, const wchar_t *text)
{
  const int size = WideCharToMultiByte (CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
  char *bytes = malloc ((size_t) size);

  if (bytes == NULL || WideCharToMultiByte (CP_UTF8, 0, text, -1, bytes, size, NULL, NULL) != size)
    fail ("cannot convert a text");
  fputc (kind, file);
  fwrite (bytes, 1, (size_t) size, file);
  free (bytes);
}

static void
write_record (const wchar_t *path)
{
  FILE *file = _wfopen (path, L"wb");
  int argc;
  wchar_t **argv = CommandLineToArgvW (GetCommandLineW (), &argc);
  wchar_t *environment = GetEnvironmentStringsW ();

  if (file == NULL || argv == NULL || environment == NULL)
    fail ("cannot write the record");

  fprintf (file, "P%lu%c", GetCurrentProcessId (), '\0');
  for (int i = 0; i < argc; i++)
    write_text (file, 'A', argv[i]);
  for (const wchar_t *entry = environment; *entry != L'\0'; entry += wcslen (entry) + 1)
    write_text (file, 'E', entry);
  if (fclose (file) != 0)
    fail ("cannot write the record");

  FreeEnvironmentStringsW (environment);
  LocalFree (argv);
}

static void
hang (const wchar_t *started)
{
  HANDLE event = OpenEventW (EVENT_MODIFY_STATE, FALSE, started);

  if (event == NULL || !SetEvent (event))
    fail ("cannot signal the event");
  WaitForSingleObject (GetCurrentProcess (), LIFETIME);
}

static void
answer (const wchar_t *path)
{
  HANDLE file = CreateFileW (path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
  HANDLE output = GetStdHandle (STD_OUTPUT_HANDLE);
  char buffer[4096];
  DWORD n_read, n_written;

  if (file == INVALID_HANDLE_VALUE)
    fail ("cannot read the answer");
  while (ReadFile (file, buffer, sizeof buffer, &n_read, NULL) && n_read > 0)
    if (!WriteFile (output, buffer, n_read, &n_written, NULL) || n_written != n_read)
      fail ("cannot write the answer");
  CloseHandle (file);
}

int
main (void)
{
  const wchar_t *started = _wgetenv (L"HVSOCK_STAND_IN_STARTED");

  write_record (get_required (L"HVSOCK_STAND_IN_RECORD"));
  if (started != NULL)
    hang (started);
  else
    answer (get_required (L"HVSOCK_STAND_IN_ANSWER"));
  return 0;
}
