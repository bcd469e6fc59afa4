/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Standard input and output on Unix: plain descriptors. While a write to one that blocks waits, so
 * does the other direction: it is kept from blocking where that can be done. */

#include "hvcat-stdio.h"

#include "tool-signals.h"

#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HVCAT_TYPE_OUTPUT (hvcat_output_get_type ())
G_DECLARE_FINAL_TYPE (HvcatOutput, hvcat_output, HVCAT, OUTPUT, GUnixOutputStream)

struct _HvcatOutput
{
  GUnixOutputStream parent_instance;
};

G_DEFINE_FINAL_TYPE (HvcatOutput, hvcat_output, G_TYPE_UNIX_OUTPUT_STREAM)

/* The socket that was made non-blocking, for all who share it; -1 for none. */
static int borrowed = -1;

static void
give_back (void)
{
  if (borrowed >= 0)
    fcntl (borrowed, F_SETFL, fcntl (borrowed, F_GETFL) & ~O_NONBLOCK);
  borrowed = -1;
}

static void
signal_cb (gpointer data)
{
  give_back ();
}

/* A descriptor of its own would keep the socket open, and whoever reads from it waiting for the
 * end. One that is standard input as well is never closed, and still in use when the output ends.
 */
static void
borrow_socket (const struct stat *output, int flags)
{
  static gboolean is_watched = FALSE;
  struct stat input;

  if (!is_watched)
    {
      atexit (give_back);
      tool_signals_watch (signal_cb, NULL);
      is_watched = TRUE;
    }
  borrowed = STDOUT_FILENO;
  if (fstat (STDIN_FILENO, &input) == 0 && input.st_dev == output->st_dev &&
      input.st_ino == output->st_ino)
    borrowed = STDIN_FILENO;
  fcntl (STDOUT_FILENO, F_SETFL, flags | O_NONBLOCK);
}

/* Opened anew, a pipe is non-blocking for nobody else. Where that is not possible (only Linux has
 * this way, and a pipe of another user is refused) it stays as it is. */
static void
reopen_pipe (int flags)
{
  int fd = open ("/proc/self/fd/1", (flags & O_ACCMODE) | O_NONBLOCK | O_CLOEXEC);

  if (fd < 0)
    return;
  dup2 (fd, STDOUT_FILENO);
  close (fd);
}

static void
keep_output_from_blocking (void)
{
  const int flags = fcntl (STDOUT_FILENO, F_GETFL);
  struct stat status;

  if (flags < 0 || (flags & O_NONBLOCK) != 0 || fstat (STDOUT_FILENO, &status) != 0)
    return;
  if (S_ISSOCK (status.st_mode))
    borrow_socket (&status, flags);
  else if (S_ISFIFO (status.st_mode))
    reopen_pipe (flags);
}

static void
before_close (void)
{
  if (borrowed == STDOUT_FILENO)
    give_back ();
}

static gboolean
hvcat_output_close (GOutputStream *stream, GCancellable *cancellable, GError **error)
{
  before_close ();
  return G_OUTPUT_STREAM_CLASS (hvcat_output_parent_class)->close_fn (stream, cancellable, error);
}

static void
hvcat_output_close_async (GOutputStream *stream,
                          int io_priority,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  before_close ();
  G_OUTPUT_STREAM_CLASS (hvcat_output_parent_class)
      ->close_async (stream, io_priority, cancellable, callback, user_data);
}

static void
hvcat_output_class_init (HvcatOutputClass *klass)
{
  GOutputStreamClass *stream_class = G_OUTPUT_STREAM_CLASS (klass);

  stream_class->close_fn = hvcat_output_close;
  stream_class->close_async = hvcat_output_close_async;
}

static void
hvcat_output_init (HvcatOutput *self)
{
}

void
hvcat_stdio_init (void)
{
  signal (SIGPIPE, SIG_IGN);
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
  g_autoptr (GOutputStream) output = NULL;

  keep_output_from_blocking ();
  output = g_object_new (HVCAT_TYPE_OUTPUT, "fd", STDOUT_FILENO, "close-fd", close_output, NULL);
  return g_simple_io_stream_new (input, output);
}
