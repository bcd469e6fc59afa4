/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A tool that runs in a pseudo-console of Windows. The streams of a process that starts in one need
 * not be its console's, so this very program is started there first, and starts the tool with what
 * it finds. */

#include "tool-pseudo-console.h"

#include "tool-process.h"

#include <gio/gwin32inputstream.h>
#include <windows.h>

#define IN_CONSOLE "--in-console"
#define CHUNK_SIZE 4096

typedef struct
{
  GInputStream *stream;
  GString *text;
  gboolean has_ended;
} Output;

struct _ToolConsole
{
  HPCON console;
  HANDLE keys;
  HANDLE interrupts;
  Output screen;
  Output messages;
  gboolean has_exited;
  guint32 status;
};

/* Ctrl-C reaches every process of the console. This one is there to tell how the tool ended. */
static BOOL WINAPI
ignore_cb (DWORD event)
{
  return TRUE;
}

static HANDLE
open_console (const WCHAR *name)
{
  SECURITY_ATTRIBUTES inherited = { sizeof inherited, NULL, TRUE };

  return CreateFileW (name, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                      &inherited, OPEN_EXISTING, 0, NULL);
}

static DWORD WINAPI
interrupt_thread (void *input)
{
  DWORD n_read;
  char byte;

  while (ReadFile (input, &byte, 1, &n_read, NULL) && n_read > 0)
    GenerateConsoleCtrlEvent (CTRL_C_EVENT, 0);
  return 0;
}

gboolean
tool_console_main (int argc, char **argv, int *status)
{
  STARTUPINFOW startup = { .cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES };
  g_autofree gunichar2 *command_line = NULL;
  PROCESS_INFORMATION process;
  DWORD exit_code;

  if (argc < 3 || !g_str_equal (argv[1], IN_CONSOLE))
    return FALSE;

  SetConsoleCtrlHandler (ignore_cb, TRUE);
  startup.hStdInput = open_console (L"CONIN$");
  startup.hStdOutput = open_console (L"CONOUT$");
  startup.hStdError = GetStdHandle (STD_ERROR_HANDLE);
  command_line = g_utf8_to_utf16 (argv[2], -1, NULL, NULL, NULL);
  if (!CreateProcessW (NULL, command_line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process))
    g_error ("cannot start %s", argv[2]);
  CloseHandle (CreateThread (NULL, 0, interrupt_thread, GetStdHandle (STD_INPUT_HANDLE), 0, NULL));
  WaitForSingleObject (process.hProcess, INFINITE);
  GetExitCodeProcess (process.hProcess, &exit_code);
  *status = (int) exit_code;
  return TRUE;
}

static void read_next (Output *self);

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Output *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes =
      g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);

  g_assert_no_error (error);
  self->has_ended = g_bytes_get_size (bytes) == 0;
  g_string_append_len (self->text, g_bytes_get_data (bytes, NULL),
                       (gssize) g_bytes_get_size (bytes));
  if (!self->has_ended)
    read_next (self);
}

static void
read_next (Output *self)
{
  g_input_stream_read_bytes_async (self->stream, CHUNK_SIZE, G_PRIORITY_DEFAULT, NULL, read_cb,
                                   self);
}

/* Returns the end to write to. */
static HANDLE
output_start (Output *self)
{
  HANDLE read_end;
  HANDLE write_end;

  g_assert_true (CreatePipe (&read_end, &write_end, NULL, 0));
  self->stream = g_win32_input_stream_new (read_end, TRUE);
  self->text = g_string_new (NULL);
  read_next (self);
  return write_end;
}

static void
output_clear (Output *self)
{
  while (!self->has_ended)
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (self->stream);
  g_string_free (self->text, TRUE);
}

static void
exited_cb (GPid pid, int wait_status, gpointer data)
{
  ToolConsole *self = data;

  self->has_exited = TRUE;
  self->status = (guint32) wait_status;
  g_spawn_close_pid (pid);
}

static void
start_in_console (ToolConsole *self, const char *command_line, HANDLE interrupts, HANDLE messages)
{
  STARTUPINFOEXW startup = {
    .StartupInfo = {
      .cb = sizeof startup,
      .dwFlags = STARTF_USESTDHANDLES,
      .hStdInput = interrupts,
      .hStdError = messages,
    },
  };
  g_autofree gunichar2 *wide = g_utf8_to_utf16 (command_line, -1, NULL, NULL, NULL);
  PROCESS_INFORMATION process;
  SIZE_T size = 0;

  InitializeProcThreadAttributeList (NULL, 1, 0, &size);
  startup.lpAttributeList = g_malloc (size);
  g_assert_true (InitializeProcThreadAttributeList (startup.lpAttributeList, 1, 0, &size));
  g_assert_true (UpdateProcThreadAttribute (startup.lpAttributeList, 0,
                                            PROC_THREAD_ATTRIBUTE_PSEUDOCONSOLE, self->console,
                                            sizeof self->console, NULL, NULL));
  g_assert_true (SetHandleInformation (interrupts, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT));
  g_assert_true (SetHandleInformation (messages, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT));
  g_assert_true (CreateProcessW (NULL, wide, NULL, NULL, TRUE, EXTENDED_STARTUPINFO_PRESENT, NULL,
                                 NULL, &startup.StartupInfo, &process));
  DeleteProcThreadAttributeList (startup.lpAttributeList);
  g_free (startup.lpAttributeList);
  CloseHandle (process.hThread);
  g_child_watch_add (process.hProcess, exited_cb, self);
}

/* No argument needs quotes. */
static char *
make_command_line (const char *tool, va_list arguments)
{
  g_autofree char *path = tool_path (tool);
  g_autoptr (GString) command = g_string_new (path);
  g_auto (GStrv) own = g_win32_get_command_line ();
  const char *argument;

  while ((argument = va_arg (arguments, const char *)) != NULL)
    g_string_append_printf (command, " %s", argument);
  return g_strdup_printf ("\"%s\" " IN_CONSOLE " \"%s\"", own[0], command->str);
}

ToolConsole *
tool_console_new (const char *tool, ...)
{
  ToolConsole *self = g_new0 (ToolConsole, 1);
  HANDLE screen = output_start (&self->screen);
  HANDLE messages = output_start (&self->messages);
  const COORD size = { 80, 25 };
  g_autofree char *command_line = NULL;
  HANDLE keys;
  HANDLE interrupts;
  va_list arguments;

  va_start (arguments, tool);
  command_line = make_command_line (tool, arguments);
  va_end (arguments);
  g_assert_true (CreatePipe (&keys, &self->keys, NULL, 0));
  g_assert_true (CreatePipe (&interrupts, &self->interrupts, NULL, 0));
  g_assert_cmpint (CreatePseudoConsole (size, keys, screen, 0, &self->console), ==, S_OK);
  start_in_console (self, command_line, interrupts, messages);
  CloseHandle (keys);
  CloseHandle (interrupts);
  CloseHandle (screen);
  CloseHandle (messages);
  return self;
}

/* The tool must have ended. */
void
tool_console_free (ToolConsole *self)
{
  g_assert_true (self->has_exited);
  ClosePseudoConsole (self->console);
  CloseHandle (self->keys);
  CloseHandle (self->interrupts);
  output_clear (&self->screen);
  output_clear (&self->messages);
  g_free (self);
}

static void
write_all (HANDLE pipe, const char *text)
{
  DWORD n_written;

  g_assert_true (WriteFile (pipe, text, (DWORD) strlen (text), &n_written, NULL));
  g_assert_cmpuint (n_written, ==, strlen (text));
}

void
tool_console_type (ToolConsole *self, const char *keys)
{
  write_all (self->keys, keys);
}

/* As Ctrl-C does. */
void
tool_console_interrupt (ToolConsole *self)
{
  write_all (self->interrupts, "c");
}

/* What moves the cursor is left out. */
static char *
get_shown (ToolConsole *self)
{
  static const char *const sequence = "\033\\[[0-?]*[ -/]*[@-~]|\033\\][^\a]*\a";
  g_autoptr (GRegex) regex = g_regex_new (sequence, G_REGEX_RAW, 0, NULL);

  return g_regex_replace_literal (regex, self->screen.text->str, -1, 0, "", 0, NULL);
}

void
tool_console_wait_for_screen (ToolConsole *self, const char *text)
{
  for (;;)
    {
      g_autofree char *shown = get_shown (self);

      if (strstr (shown, text) != NULL)
        return;
      if (self->screen.has_ended || self->has_exited)
        g_error ("no '%s' on the screen: %s", text, shown);
      g_main_context_iteration (NULL, TRUE);
    }
}

void
tool_console_wait_for_message (ToolConsole *self, const char *text)
{
  while (strstr (self->messages.text->str, text) == NULL)
    {
      if (self->messages.has_ended)
        g_error ("no '%s' in the messages: %s", text, self->messages.text->str);
      g_main_context_iteration (NULL, TRUE);
    }
}

/* Returns the exit code. */
guint32
tool_console_wait (ToolConsole *self)
{
  while (!self->has_exited)
    g_main_context_iteration (NULL, TRUE);
  return self->status;
}
