/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Arguments and text on Unix: bytes. */

#include "tool-platform.h"

#include <errno.h>
#include <fcntl.h>
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

/* A standard descriptor that the caller closed would become the number of the next socket. It is
 * filled so that input is at its end and output fails as on a closed descriptor. */
static void
fill_closed_descriptor (int fd, int flags)
{
  if (fcntl (fd, F_GETFD) >= 0 || errno != EBADF)
    return;
  if (open ("/dev/null", flags) < 0)
    g_debug ("cannot open /dev/null in place of descriptor %d", fd);
}

/* Only the character set is taken from the locale: GLib's messages stay in the language of the
 * tools' own. Debug output goes to standard error, since standard output is for data. */
void
tool_platform_prepare_stdio (void)
{
  fill_closed_descriptor (STDIN_FILENO, O_RDONLY);
  fill_closed_descriptor (STDOUT_FILENO, O_RDONLY);
  fill_closed_descriptor (STDERR_FILENO, O_WRONLY);

  setlocale (LC_CTYPE, "");
  g_log_writer_default_set_use_stderr (TRUE);
}

/* Whether somebody may see messages as they come. */
gboolean
tool_platform_has_terminal (void)
{
  return isatty (STDERR_FILENO);
}
