/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#include "tool-run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEBIBYTE    (1024u * 1024u)
#define DEADLINE_MS 60000

static char buffer[256 * 1024];

static void
start (ToolRun *self, GStrv command, int input)
{
  self->pid = bench_fork (BENCH_PEER_CPU);
  if (self->pid == 0)
    {
      int output = open ("/dev/null", O_WRONLY | O_CLOEXEC);

      if (dup2 (input, STDIN_FILENO) < 0 || dup2 (output, STDOUT_FILENO) < 0)
        bench_fail ("dup2");
      execv (command[0], command);
      bench_fail (command[0]);
    }
}

static int
accept_tool (ToolRun *self)
{
  struct pollfd polled = { .fd = self->listener, .events = POLLIN };
  int fd;

  if (poll (&polled, 1, DEADLINE_MS) != 1)
    g_error ("'%s' has not connected", self->sender[0]);
  fd = accept4 (self->listener, NULL, NULL, SOCK_CLOEXEC);
  if (fd < 0)
    bench_fail ("accept");
  return fd;
}

/* Until the end of file, which the tool sends once it has sent everything. */
static void
drain (ToolRun *self, guint n)
{
  int fd = accept_tool (self);
  guint64 length = 0;
  gssize n_received;

  while ((n_received = recv (fd, buffer, sizeof buffer, 0)) > 0)
    length += n_received;
  if (n_received < 0)
    bench_fail ("recv");
  if (length != (guint64) n * MEBIBYTE)
    g_error ("'%s' has sent %" G_GUINT64_FORMAT " bytes", self->sender[0], length);
  close (fd);
}

void
tool_run_send_file (gpointer data, guint n)
{
  ToolRun *self = data;

  if (lseek (self->file, 0, SEEK_SET) != 0)
    bench_fail ("lseek");
  start (self, self->sender, self->file);
  drain (self, n);
}

static void
write_to_pipe (int fd, guint64 length)
{
  while (length > 0)
    {
      gssize n = write (fd, buffer, MIN (length, 64 * 1024));

      if (n <= 0)
        bench_fail ("write");
      length -= n;
    }
}

void
tool_run_send_pipe (gpointer data, guint n)
{
  ToolRun *self = data;
  int ends[2], source;

  if (pipe2 (ends, O_CLOEXEC) != 0)
    bench_fail ("pipe2");
  source = bench_fork (BENCH_CPU);
  if (source == 0)
    {
      write_to_pipe (ends[1], (guint64) n * MEBIBYTE);
      _exit (EXIT_SUCCESS);
    }
  close (ends[1]);
  start (self, self->sender, ends[0]);
  close (ends[0]);
  drain (self, n);
  bench_stop (source);
}

static void
wait_for_tool (ToolRun *self)
{
  int status;

  while (waitpid (self->pid, &status, 0) < 0)
    {
      if (errno != EINTR)
        bench_fail ("waitpid");
    }
  if (status != 0)
    g_error ("'%s' has failed", self->sender[0]);
  self->pid = 0;
}

void
tool_run_receive (gpointer data, guint n)
{
  ToolRun *self = data;
  guint64 length = (guint64) n * MEBIBYTE;
  int input = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  int fd;

  start (self, self->receiver, input);
  close (input);
  fd = accept_tool (self);
  while (length > 0)
    {
      gssize n_sent = send (fd, buffer, MIN (length, sizeof buffer), MSG_NOSIGNAL);

      if (n_sent <= 0)
        bench_fail ("send");
      length -= n_sent;
    }
  if (shutdown (fd, SHUT_WR) != 0)
    bench_fail ("shutdown");
  wait_for_tool (self);
  close (fd);
}

/* Whether it succeeded, and so that the next one has the machine for itself. */
void
tool_run_end (gpointer data)
{
  ToolRun *self = data;

  if (self->pid != 0)
    wait_for_tool (self);
}
