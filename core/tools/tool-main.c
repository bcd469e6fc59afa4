/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What each command-line tool does alike: start, options, messages. Separate so that it exists
 * once. */

#include "tool-main.h"

#include "tool-platform.h"

#include <errno.h>
#include <stdio.h>

static void
prepare_process (const char *program)
{
  g_autofree char *name = tool_platform_get_name (program);

  tool_platform_prepare_stdio ();
  g_set_prgname (name);
}

/* Reads the command line; --help and --version belong to every tool. When this returns FALSE, the
 * tool ends with *STATUS. */
gboolean
tool_start (char **argv,
            const char *parameters,
            const char *summary,
            const GOptionEntry *entries,
            char ***arguments,
            int *status)
{
  g_auto (GStrv) command_line = tool_platform_get_arguments (argv);
  gboolean help = FALSE;
  gboolean version = FALSE;
  const GOptionEntry common_entries[] = {
    { "help", 'h', 0, G_OPTION_ARG_NONE, &help, "Show this help", NULL },
    { "version", 'V', 0, G_OPTION_ARG_NONE, &version, "Show the version", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, arguments, NULL, NULL },
    { NULL },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (GOptionContext) context = NULL;

  prepare_process (command_line[0]);
  context = g_option_context_new (parameters);
  g_option_context_set_summary (context, summary);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_main_entries (context, common_entries, NULL);

  if (!g_option_context_parse_strv (context, &command_line, &error))
    {
      *status = tool_usage_error ("%s", error->message);
      return FALSE;
    }
  if (help)
    {
      g_autofree char *text = g_option_context_get_help (context, TRUE, NULL);

      *status = tool_print (text) ? TOOL_SUCCESS : TOOL_FAILURE;
    }
  else if (version)
    {
      g_autofree char *text =
          g_strdup_printf ("%s (libhvsock) %s\n", g_get_prgname (), HVSOCK_VERSION_S);

      *status = tool_print (text) ? TOOL_SUCCESS : TOOL_FAILURE;
    }
  return !help && !version;
}

/* Leaves *NUMBER as it is where no TEXT was given. When these return FALSE, the tool ends with
 * *STATUS. */
static gboolean
take_number (guint *number,
             guint min,
             const char *option,
             const char *text,
             const char *unit,
             int *status)
{
  guint64 value;

  if (text == NULL)
    return TRUE;
  if (!g_ascii_string_to_unsigned (text, 10, min, G_MAXINT, &value, NULL))
    {
      *status = tool_usage_error ("the %s '%s' is not a number%s from %u to %d", option, text, unit,
                                  min, G_MAXINT);
      return FALSE;
    }
  *number = (guint) value;
  return TRUE;
}

gboolean
tool_take_time (guint *time, const char *option, const char *text, int *status)
{
  return take_number (time, 0, option, text, " of milliseconds", status);
}

gboolean
tool_take_number (guint *number, guint min, const char *option, const char *text, int *status)
{
  return take_number (number, min, option, text, "", status);
}

static void complain (const char *format, va_list arguments) G_GNUC_PRINTF (1, 0);

static void
complain (const char *format, va_list arguments)
{
  g_autofree char *message = g_strdup_vprintf (format, arguments);

  g_printerr ("%s: %s\n", g_get_prgname (), message);
}

void
tool_complain (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  complain (format, arguments);
  va_end (arguments);
}

int
tool_usage_error (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  complain (format, arguments);
  va_end (arguments);

  g_printerr ("Try '%s --help' for more information.\n", g_get_prgname ());
  return TOOL_USAGE;
}

/* A malformed URI is a mistake in the command line; everything else is met on the way. */
int
tool_status_from_error (const GError *error)
{
  if (g_error_matches (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI))
    return TOOL_USAGE;
  return TOOL_FAILURE;
}

/* What does not reach standard output (a full disk, say) must not look like success. */
gboolean
tool_print (const char *text)
{
  int errsv;

  g_print ("%s", text);
  if (fflush (stdout) == 0 && !ferror (stdout))
    return TRUE;
  errsv = errno;
  tool_complain ("cannot write to standard output: %s", g_strerror (errsv));
  return FALSE;
}
