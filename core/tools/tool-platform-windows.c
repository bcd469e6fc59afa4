/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Arguments and text on Windows: UTF-8 in the program, UTF-16 to the console, and UTF-8 to files
 * and pipes, whatever the code page. */

#include "tool-platform.h"

#include "tool-console.h"

#include <stdio.h>

#define PROGRAM_SUFFIX ".exe"

/* Those of main() have lost what the code page lacks. */
char **
tool_platform_get_arguments (char **argv)
{
  return g_win32_get_command_line ();
}

char *
tool_platform_get_name (const char *program)
{
  char *name = g_path_get_basename (program);
  char *suffix = name + MAX (strlen (name), strlen (PROGRAM_SUFFIX)) - strlen (PROGRAM_SUFFIX);

  if (g_ascii_strcasecmp (suffix, PROGRAM_SUFFIX) == 0)
    *suffix = '\0';
  return name;
}

static void
write_text (HANDLE handle, FILE *stream, const char *text)
{
  if (tool_console_is (handle))
    tool_console_write (handle, text, strlen (text));
  else
    fputs (text, stream);
}

static void
print_cb (const char *text)
{
  write_text (GetStdHandle (STD_OUTPUT_HANDLE), stdout, text);
}

static void
print_error_cb (const char *text)
{
  write_text (GetStdHandle (STD_ERROR_HANDLE), stderr, text);
  fflush (stderr);
}

static const char *
get_domain (const GLogField *fields, gsize n_fields)
{
  for (gsize i = 0; i < n_fields; i++)
    {
      if (g_str_equal (fields[i].key, "GLIB_DOMAIN"))
        return fields[i].value;
    }
  return NULL;
}

/* All of it to standard error, since standard output is for data. GLib's own writer would do that,
 * but only where no thread was made yet, and on Windows GIO makes one before main(). */
static GLogWriterOutput
log_cb (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  g_autofree char *text = NULL;

  if (g_log_writer_default_would_drop (level, get_domain (fields, n_fields)))
    return G_LOG_WRITER_HANDLED;

  text = g_log_writer_format_fields (level, fields, n_fields, FALSE);
  g_printerr ("%s\n", text);
  return G_LOG_WRITER_HANDLED;
}

void
tool_platform_prepare_stdio (void)
{
  g_set_print_handler (print_cb);
  g_set_printerr_handler (print_error_cb);
  g_log_set_writer_func (log_cb, NULL, NULL);
}

/* Whether somebody may see messages as they come. */
gboolean
tool_platform_has_terminal (void)
{
  return tool_console_is (GetStdHandle (STD_ERROR_HANDLE));
}
