/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#include "bench-peer.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

static char buffer[256 * 1024];

static void
echo (int fd)
{
  gssize n;

  while ((n = recv (fd, buffer, sizeof buffer, 0)) > 0)
    {
      if (send (fd, buffer, n, MSG_NOSIGNAL) != n)
        break;
    }
}

static void
drain (int fd)
{
  guint64 length;
  gssize n;

  while (recv (fd, &length, sizeof length, MSG_WAITALL) == sizeof length)
    {
      while (length > 0 && (n = recv (fd, buffer, MIN (length, sizeof buffer), 0)) > 0)
        length -= n;
      if (length > 0 || send (fd, "", 1, MSG_NOSIGNAL) != 1)
        break;
    }
}

static void
fill (int fd)
{
  guint64 length;
  gssize n;

  while (recv (fd, &length, sizeof length, MSG_WAITALL) == sizeof length)
    {
      while (length > 0 && (n = send (fd, buffer, MIN (length, sizeof buffer), MSG_NOSIGNAL)) > 0)
        length -= n;
      if (length > 0)
        break;
    }
}

/* In a process of its own, so that a busy connection sees nothing of the others. */
static void
serve (int fd, char kind)
{
  if (bench_fork (BENCH_PEER_CPU) != 0)
    {
      close (fd);
      return;
    }
  /* A copy of another connection would keep that one from ending. */
  if (fd > STDERR_FILENO + 1)
    close_range (STDERR_FILENO + 1, fd - 1, 0);
  close_range (fd + 1, ~0u, 0);

  if (kind == BENCH_PEER_ECHO)
    echo (fd);
  else if (kind == BENCH_PEER_DRAIN)
    drain (fd);
  else
    fill (fd);
  _exit (EXIT_SUCCESS);
}

static void
watch (int epoll, int fd)
{
  struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP, .data.fd = fd };

  if (epoll_ctl (epoll, EPOLL_CTL_ADD, fd, &event) != 0)
    bench_fail ("epoll_ctl");
}

static void
take_connection (int epoll, int listener)
{
  int fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
  char kind;

  if (fd < 0)
    bench_fail ("accept");
  if (recv (fd, &kind, 1, 0) != 1)
    close (fd);
  else if (kind == BENCH_PEER_HOLD)
    watch (epoll, fd);
  else
    serve (fd, kind);
}

static void
run_peer (int listener)
{
  const int epoll = epoll_create1 (EPOLL_CLOEXEC);
  struct epoll_event events[64];

  signal (SIGCHLD, SIG_IGN);
  watch (epoll, listener);
  for (;;)
    {
      const int n = epoll_wait (epoll, events, G_N_ELEMENTS (events), -1);

      for (int i = 0; i < n; i++)
        {
          if (events[i].data.fd == listener)
            take_connection (epoll, listener);
          else
            close (events[i].data.fd); /* held until the other end has closed it */
        }
    }
}

/* Returns the process, which listens from then on. */
int
bench_peer_start (const BenchEndpoint *endpoint)
{
  int listener = bench_plain_listen (endpoint);
  int pid = bench_fork (BENCH_PEER_CPU);

  if (pid == 0)
    run_peer (listener);
  close (listener);
  return pid;
}

/* Sends one byte to whom it accepts and waits until that one has closed: one at a time. */
static void
run_greeter (int listener)
{
  for (;;)
    {
      int fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
      char byte;

      if (fd < 0)
        bench_fail ("accept");
      if (send (fd, "", 1, MSG_NOSIGNAL) == 1)
        {
          while (recv (fd, &byte, 1, 0) > 0)
            continue;
        }
      close (fd);
    }
}

int
bench_greeter_start (const BenchEndpoint *endpoint)
{
  int listener = bench_plain_listen (endpoint);
  int pid = bench_fork (BENCH_PEER_CPU);

  if (pid == 0)
    run_greeter (listener);
  close (listener);
  return pid;
}
