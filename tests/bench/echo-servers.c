/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#include "echo-servers.h"

#include <hvsock/hvsock.h>

#include <errno.h>
#include <gio/gunixsocketaddress.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/un.h>
#include <unistd.h>

#define BUFFER_SIZE 4096
#define BACKLOG     4096

/* The load waits for this byte. */
static void
tell_ready (int ready)
{
  if (write (ready, "", 1) != 1)
    bench_fail ("write");
}

static void
plain_watch (int epoll, int fd)
{
  struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

  if (epoll_ctl (epoll, EPOLL_CTL_ADD, fd, &event) != 0)
    bench_fail ("epoll_ctl");
}

static void
plain_accept (int epoll, int listener)
{
  int fd;

  while ((fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
    plain_watch (epoll, fd);
  if (errno != EAGAIN)
    bench_fail ("accept");
}

static void
plain_echo (int fd)
{
  char buffer[BUFFER_SIZE];
  gssize n = recv (fd, buffer, sizeof buffer, 0);

  if (n > 0 && send (fd, buffer, n, MSG_NOSIGNAL) == n)
    return;
  if (n < 0 && errno == EAGAIN)
    return;
  close (fd);
}

void
echo_server_plain (const BenchEndpoint *endpoint, int ready)
{
  const int epoll = epoll_create1 (EPOLL_CLOEXEC);
  const int listener = bench_plain_listen (endpoint);
  struct epoll_event events[64];
  int flag = 1;

  if (ioctl (listener, FIONBIO, &flag) != 0)
    bench_fail ("ioctl");
  plain_watch (epoll, listener);
  tell_ready (ready);
  for (;;)
    {
      const int n = epoll_wait (epoll, events, G_N_ELEMENTS (events), -1);

      for (int i = 0; i < n; i++)
        {
          if (events[i].data.fd == listener)
            plain_accept (epoll, listener);
          else
            plain_echo (events[i].data.fd);
        }
    }
}

typedef struct
{
  GIOStream *stream;
  GInputStream *in;
  GPollableOutputStream *out;
  char buffer[BUFFER_SIZE];
} Client;

static void
client_free (Client *self)
{
  g_io_stream_close (self->stream, NULL, NULL);
  g_object_unref (self->stream);
  g_free (self);
}

static void client_read (Client *self);

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Client *self = user_data;

  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL))
    client_read (self);
  else
    client_free (self);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Client *self = user_data;
  gssize n = g_input_stream_read_finish (self->in, result, NULL);
  gssize written;

  if (n <= 0)
    {
      client_free (self);
      return;
    }

  written = g_pollable_output_stream_write_nonblocking (self->out, self->buffer, n, NULL, NULL);
  if (written == n)
    client_read (self);
  else
    g_output_stream_write_all_async (G_OUTPUT_STREAM (self->out), self->buffer + MAX (written, 0),
                                     n - MAX (written, 0), G_PRIORITY_DEFAULT, NULL, written_cb,
                                     self);
}

static void
client_read (Client *self)
{
  g_input_stream_read_async (self->in, self->buffer, sizeof self->buffer, G_PRIORITY_DEFAULT, NULL,
                             read_cb, self);
}

/* Takes @stream. */
static void
client_start (GIOStream *stream)
{
  Client *self = g_new (Client, 1);

  self->stream = stream;
  self->in = g_io_stream_get_input_stream (stream);
  self->out = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (stream));
  client_read (self);
}

G_NORETURN static void
run (int ready)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  tell_ready (ready);
  g_main_loop_run (loop);
  g_assert_not_reached ();
}

static HvsockListener *
listen_by_hvsock (const BenchEndpoint *endpoint)
{
  g_autoptr (GError) error = NULL;
  HvsockListener *listener = hvsock_listen (endpoint->uri, NULL, &error);

  if (listener == NULL)
    g_error ("%s", error->message);
  return listener;
}

static void
hvsock_accepted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  HvsockListener *listener = HVSOCK_LISTENER (source);
  g_autoptr (GError) error = NULL;
  HvsockConnection *connection = hvsock_listener_accept_finish (listener, result, &error);

  if (connection == NULL)
    g_error ("%s", error->message);
  client_start (G_IO_STREAM (connection));
  hvsock_listener_accept_async (listener, NULL, hvsock_accepted_cb, NULL);
}

void
echo_server_hvsock (const BenchEndpoint *endpoint, int ready)
{
  hvsock_listener_accept_async (listen_by_hvsock (endpoint), NULL, hvsock_accepted_cb, NULL);
  run (ready);
}

static void
spliced_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GIOStream) stream = user_data;

  g_output_stream_splice_finish (G_OUTPUT_STREAM (source), result, NULL);
  g_io_stream_close (stream, NULL, NULL);
}

static void
accepted_to_splice_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  HvsockListener *listener = HVSOCK_LISTENER (source);
  g_autoptr (GError) error = NULL;
  HvsockConnection *connection = hvsock_listener_accept_finish (listener, result, &error);
  GIOStream *stream = G_IO_STREAM (connection);

  if (connection == NULL)
    g_error ("%s", error->message);
  g_output_stream_splice_async (g_io_stream_get_output_stream (stream),
                                g_io_stream_get_input_stream (stream), G_OUTPUT_STREAM_SPLICE_NONE,
                                G_PRIORITY_DEFAULT, NULL, spliced_cb, stream);
  hvsock_listener_accept_async (listener, NULL, accepted_to_splice_cb, NULL);
}

void
echo_server_hvsock_splice (const BenchEndpoint *endpoint, int ready)
{
  hvsock_listener_accept_async (listen_by_hvsock (endpoint), NULL, accepted_to_splice_cb, NULL);
  run (ready);
}

static void
gio_accepted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GSocketListener *listener = G_SOCKET_LISTENER (source);
  g_autoptr (GError) error = NULL;
  GSocketConnection *connection = g_socket_listener_accept_finish (listener, result, NULL, &error);

  if (connection == NULL)
    g_error ("%s", error->message);
  client_start (G_IO_STREAM (connection));
  g_socket_listener_accept_async (listener, NULL, gio_accepted_cb, NULL);
}

void
echo_server_gio (const BenchEndpoint *endpoint, int ready)
{
  const struct sockaddr_un *native = (const struct sockaddr_un *) &endpoint->listen.native;
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (native->sun_path);
  g_autoptr (GError) error = NULL;

  g_socket_listener_set_backlog (listener, BACKLOG);
  if (!g_socket_listener_add_address (listener, address, G_SOCKET_TYPE_STREAM,
                                      G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, &error))
    g_error ("%s", error->message);
  g_socket_listener_accept_async (listener, NULL, gio_accepted_cb, NULL);
  run (ready);
}
