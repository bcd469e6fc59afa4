/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Standard input and output on Unix: plain descriptors. */

#include "hvcat-stdio.h"

#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether it is a socket that lets a write wait, for which the other direction would wait as well.
 */
static gboolean
is_blocking_socket (int fd)
{
  struct stat status;

  return fstat (fd, &status) == 0 && S_ISSOCK (status.st_mode) &&
         (fcntl (fd, F_GETFL) & O_NONBLOCK) == 0;
}

static void
make_blocking_again (void)
{
  fcntl (STDOUT_FILENO, F_SETFL, fcntl (STDOUT_FILENO, F_GETFL) & ~O_NONBLOCK);
}

void
hvcat_stdio_init (void)
{
  signal (SIGPIPE, SIG_IGN);
  if (is_blocking_socket (STDOUT_FILENO))
    {
      fcntl (STDOUT_FILENO, F_SETFL, fcntl (STDOUT_FILENO, F_GETFL) | O_NONBLOCK);
      atexit (make_blocking_again);
    }
}

gboolean
hvcat_stdio_is_terminal (void)
{
  return isatty (STDIN_FILENO);
}

/* Standard input is for the next connection as well and is never closed. Some file systems tell
 * only when the output is closed that what was written is lost. */
GIOStream *
hvcat_stdio_open (gboolean close_output)
{
  g_autoptr (GInputStream) input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr (GOutputStream) output = g_unix_output_stream_new (STDOUT_FILENO, close_output);

  return g_simple_io_stream_new (input, output);
}
