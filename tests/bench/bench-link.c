/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#include "bench-link.h"

#include <unistd.h>

/* @peer is one of the kinds in bench-peer.h. */
void
bench_link_open_plain (BenchLink *self, const BenchEndpoint *endpoint, char peer)
{
  *self = (BenchLink){ .fd = bench_plain_connect (endpoint) };
  bench_link_send (self, &peer, 1);
}

/* Takes @stream. */
static void
open_stream (BenchLink *self, GIOStream *stream, char peer)
{
  *self = (BenchLink){
    .fd = -1,
    .stream = stream,
    .in = g_io_stream_get_input_stream (stream),
    .out = g_io_stream_get_output_stream (stream),
  };
  bench_link_send (self, &peer, 1);
}

void
bench_link_open_hvsock (BenchLink *self, const BenchEndpoint *endpoint, char peer)
{
  open_stream (self, bench_hvsock_connect (endpoint), peer);
}

void
bench_link_open_gio (BenchLink *self, const BenchEndpoint *endpoint, char peer)
{
  open_stream (self, bench_gio_connect (endpoint), peer);
}

void
bench_link_close (BenchLink *self)
{
  g_autoptr (GError) error = NULL;

  if (self->stream == NULL)
    {
      if (close (self->fd) != 0)
        bench_fail ("close");
    }
  else
    {
      if (!g_io_stream_close (self->stream, NULL, &error))
        g_error ("%s", error->message);
      g_object_unref (self->stream);
    }
}

/* Sends all of it. */
void
bench_link_send (BenchLink *self, const void *data, gsize length)
{
  g_autoptr (GError) error = NULL;

  if (self->stream == NULL)
    {
      /* A socket that blocks takes all of it, unless it fails or a signal comes. */
      if (send (self->fd, data, length, MSG_NOSIGNAL) != (gssize) length)
        bench_fail ("send");
    }
  else if (!g_output_stream_write_all (self->out, data, length, NULL, NULL, &error))
    g_error ("%s", error->message);
}

/* Receives what has come: one byte at least. */
gsize
bench_link_receive (BenchLink *self, void *data, gsize length)
{
  g_autoptr (GError) error = NULL;
  gssize n;

  if (self->stream == NULL)
    {
      n = recv (self->fd, data, length, 0);
      if (n < 0)
        bench_fail ("recv");
    }
  else
    {
      n = g_input_stream_read (self->in, data, length, NULL, &error);
      if (n < 0)
        g_error ("%s", error->message);
    }
  if (n == 0)
    g_error ("the peer has closed");
  return n;
}
