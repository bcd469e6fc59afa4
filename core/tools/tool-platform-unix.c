/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Arguments and text on Unix: bytes. */

#include "tool-platform.h"

#include <locale.h>
#include <unistd.h>

char **
tool_platform_get_arguments (char **argv)
{
  return g_strdupv (argv);
}

char *
tool_platform_get_name (const char *program)
{
  return g_path_get_basename (program);
}

/* Only the character set is taken from the locale: GLib's messages stay in the language of the
 * tools' own. Debug output goes to standard error, since standard output is for data. */
void
tool_platform_prepare_output (void)
{
  setlocale (LC_CTYPE, "");
  g_log_writer_default_set_use_stderr (TRUE);
}

/* Whether somebody may see messages as they come. */
gboolean
tool_platform_has_terminal (void)
{
  return isatty (STDERR_FILENO);
}
