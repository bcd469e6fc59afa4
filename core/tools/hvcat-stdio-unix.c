/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Standard input and output on Unix: plain descriptors. Separate because each platform has its own
 * way to wait for input and for the peer's end at once. */

#include "hvcat-stdio.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#define LAST_INPUT_TIME 1000

static gboolean input_is_always_ready;

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

void
hvcat_stdio_init (void)
{
  struct stat status;

  fill_closed_descriptor (STDIN_FILENO, O_RDONLY);
  fill_closed_descriptor (STDOUT_FILENO, O_RDONLY);
  fill_closed_descriptor (STDERR_FILENO, O_WRONLY);

  signal (SIGPIPE, SIG_IGN);
  input_is_always_ready = fstat (STDIN_FILENO, &status) == 0 && S_ISREG (status.st_mode);
}

gboolean
hvcat_stdio_is_terminal (void)
{
  return isatty (STDIN_FILENO);
}

/* Returns FALSE when the peer has gone and no input is ready. */
gboolean
hvcat_stdio_wait_for_input (HvcatPeer *peer)
{
  struct pollfd fds[2] = { { .fd = STDIN_FILENO, .events = POLLIN } };

  if (input_is_always_ready)
    return TRUE;
  fds[1].fd = hvcat_peer_get_poll_fd (peer, &fds[1].events);

  for (;;)
    {
      int ready = poll (fds, G_N_ELEMENTS (fds), -1);

      if (ready < 0 && errno != EINTR)
        return TRUE;
      if (ready <= 0)
        continue;
      if (fds[0].revents != 0)
        return TRUE;
      if (hvcat_peer_is_gone (peer))
        return FALSE;
    }
}

/* A program that has just written its last ends a moment later, and its pipe with it. Returns FALSE
 * when the input is idle and has not ended. */
gboolean
hvcat_stdio_wait_for_last_input (void)
{
  struct pollfd poll_fd = { .fd = STDIN_FILENO, .events = POLLIN };

  return poll (&poll_fd, 1, LAST_INPUT_TIME) != 0;
}

/* Whoever started hvcat may have made a descriptor non-blocking, for all that share it. */
static void
wait_until_ready (int fd, short events)
{
  struct pollfd poll_fd = { .fd = fd, .events = events };

  poll (&poll_fd, 1, -1);
}

gssize
hvcat_stdio_read (void *buffer, gsize size, GError **error)
{
  for (;;)
    {
      gssize count = read (STDIN_FILENO, buffer, size);
      int errsv = errno;

      if (count >= 0)
        return count;
      if (errsv == EAGAIN)
        {
          wait_until_ready (STDIN_FILENO, POLLIN);
          continue;
        }
      if (errsv == EINTR)
        continue;
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errsv),
                   "cannot read standard input: %s", g_strerror (errsv));
      return -1;
    }
}

static void
set_output_error (GError **error, int errsv)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errsv),
               "cannot write to standard output: %s", g_strerror (errsv));
}

gboolean
hvcat_stdio_write_all (const void *buffer, gsize size, GError **error)
{
  const char *rest = buffer;

  while (size > 0)
    {
      gssize count = write (STDOUT_FILENO, rest, size);
      int errsv = errno;

      if (count >= 0)
        {
          rest += count;
          size -= (gsize) count;
        }
      else if (errsv == EAGAIN)
        wait_until_ready (STDOUT_FILENO, POLLOUT);
      else if (errsv != EINTR)
        {
          set_output_error (error, errsv);
          return FALSE;
        }
    }
  return TRUE;
}

/* Some file systems tell only here that what was written is lost. */
gboolean
hvcat_stdio_close_output (GError **error)
{
  if (close (STDOUT_FILENO) == 0 || errno == EINTR)
    return TRUE;
  set_output_error (error, errno);
  return FALSE;
}
