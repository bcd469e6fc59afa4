/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#include "echo-load.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define MESSAGE_SIZE 64
#define BATCH        32

typedef struct
{
  void (*carry_out) (EchoLoad *self, guint n);
  guint n;
} Order;

struct _EchoLoad
{
  const BenchEndpoint *endpoint;
  int pid;
  int orders[2]; /* a socket pair */

  /* In the process of the clients. */
  int epoll;
  GArray *fds;
};

static void
send_message (int fd)
{
  static const char message[MESSAGE_SIZE] = "the message";

  if (send (fd, message, sizeof message, MSG_NOSIGNAL) != sizeof message)
    bench_fail ("send");
}

static void
take_message (int fd)
{
  char message[MESSAGE_SIZE];

  if (recv (fd, message, sizeof message, MSG_WAITALL) != sizeof message ||
      strcmp (message, "the message") != 0)
    bench_fail ("recv");
}

static void
open_connections (EchoLoad *self, guint n)
{
  while (self->fds->len < n)
    {
      int fd = bench_plain_connect (self->endpoint);
      struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

      if (epoll_ctl (self->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        bench_fail ("epoll_ctl");
      g_array_append_val (self->fds, fd);
      send_message (fd);
      take_message (fd);
    }
}

/* Keeps a message under way on each connection until @n have come back. */
static void
send_messages (EchoLoad *self, guint n)
{
  struct epoll_event events[64];
  guint n_sent = 0, n_taken = 0;

  for (; n_sent < MIN (n, self->fds->len); n_sent++)
    send_message (g_array_index (self->fds, int, n_sent));

  while (n_taken < n)
    {
      const int n_events = epoll_wait (self->epoll, events, G_N_ELEMENTS (events), -1);

      for (int i = 0; i < n_events; i++, n_taken++)
        {
          take_message (events[i].data.fd);
          if (n_sent < n)
            {
              send_message (events[i].data.fd);
              n_sent++;
            }
        }
    }
}

/* Connections that send one message; some at a time, so that they wait for the server together. */
static void
visit (EchoLoad *self, guint n)
{
  int fds[BATCH];

  while (n > 0)
    {
      const guint n_now = MIN (n, BATCH);

      for (guint i = 0; i < n_now; i++)
        {
          fds[i] = bench_plain_connect (self->endpoint);
          send_message (fds[i]);
        }
      for (guint i = 0; i < n_now; i++)
        {
          take_message (fds[i]);
          close (fds[i]);
        }
      n -= n_now;
    }
}

G_NORETURN static void
take_orders (EchoLoad *self)
{
  Order order;

  self->epoll = epoll_create1 (EPOLL_CLOEXEC);
  self->fds = g_array_new (FALSE, FALSE, sizeof (int));
  while (read (self->orders[1], &order, sizeof order) == sizeof order)
    {
      order.carry_out (self, order.n);
      if (write (self->orders[1], "", 1) != 1)
        break;
    }
  exit (EXIT_SUCCESS);
}

EchoLoad *
echo_load_start (const BenchEndpoint *endpoint)
{
  EchoLoad *self = g_new0 (EchoLoad, 1);

  self->endpoint = endpoint;
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, self->orders) != 0)
    bench_fail ("socketpair");
  self->pid = bench_fork (BENCH_PEER_CPU);
  if (self->pid == 0)
    take_orders (self);
  close (self->orders[1]);
  return self;
}

void
echo_load_stop (EchoLoad *self)
{
  bench_stop (self->pid);
  close (self->orders[0]);
  g_free (self);
}

static void
give_order (EchoLoad *self, void (*carry_out) (EchoLoad *self, guint n), guint n)
{
  const Order order = { carry_out, n };
  char byte;

  if (write (self->orders[0], &order, sizeof order) != sizeof order ||
      read (self->orders[0], &byte, 1) != 1)
    bench_fail ("the clients");
}

void
echo_load_open (gpointer self, guint n_connections)
{
  give_order (self, open_connections, n_connections);
}

void
echo_load_send (gpointer self, guint n_messages)
{
  give_order (self, send_messages, n_messages);
}

void
echo_load_visit (gpointer self, guint n_visits)
{
  give_order (self, visit, n_visits);
}
