/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Connections one after the other: connect, whatever the transport wants to be told, the first byte
 * from the peer, close. */

#include "bench-peer.h"

#include <hvsock/hvsock.h>

#include <string.h>
#include <unistd.h>

static void
plain_run (gpointer data, guint n)
{
  char byte;

  while (n-- > 0)
    {
      int fd = bench_plain_connect (data);

      if (recv (fd, &byte, 1, 0) != 1)
        bench_fail ("recv");
      close (fd);
    }
}

/* Takes @stream. */
static void
greet_and_close (GIOStream *stream)
{
  g_autoptr (GError) error = NULL;
  char byte;

  if (g_input_stream_read (g_io_stream_get_input_stream (stream), &byte, 1, NULL, &error) != 1)
    g_error ("no greeting: %s", error != NULL ? error->message : "the peer has closed");
  if (!g_io_stream_close (stream, NULL, &error))
    g_error ("%s", error->message);
  g_object_unref (stream);
}

static void
hvsock_run (gpointer data, guint n)
{
  while (n-- > 0)
    greet_and_close (bench_hvsock_connect (data));
}

static void
gio_run (gpointer data, guint n)
{
  while (n-- > 0)
    greet_and_close (bench_gio_connect (data));
}

typedef struct
{
  const BenchEndpoint *endpoint;
  guint n_left;
  GIOStream *stream;
  char byte;
} Visitor;

static void visit (Visitor *self);

static void
greeted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Visitor *self = user_data;
  g_autoptr (GError) error = NULL;

  if (g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error) != 1)
    g_error ("no greeting: %s", error != NULL ? error->message : "the peer has closed");
  if (!g_io_stream_close (self->stream, NULL, &error))
    g_error ("%s", error->message);
  g_clear_object (&self->stream);
  if (--self->n_left > 0)
    visit (self);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Visitor *self = user_data;
  g_autoptr (GError) error = NULL;
  HvsockConnection *connection = hvsock_connect_finish (result, &error);

  if (connection == NULL)
    g_error ("%s", error->message);
  self->stream = G_IO_STREAM (connection);
  g_input_stream_read_async (g_io_stream_get_input_stream (self->stream), &self->byte, 1,
                             G_PRIORITY_DEFAULT, NULL, greeted_cb, self);
}

static void
visit (Visitor *self)
{
  hvsock_connect_async (self->endpoint->uri, NULL, connected_cb, self);
}

static void
hvsock_async_run (gpointer data, guint n)
{
  Visitor self = { .endpoint = data, .n_left = n };

  visit (&self);
  while (self.n_left > 0)
    g_main_context_iteration (NULL, TRUE);
}

int
main (int argc, char **argv)
{
  g_autoptr (Bench) bench = bench_new ("connect", &argc, &argv);
  int stand_in = bench_start_stand_in (bench);
  BenchEndpoint endpoint;
  const BenchContender contenders[] = {
    { "plain", plain_run, &endpoint },
    { "hvsock", hvsock_run, &endpoint },
    { "hvsock-async", hvsock_async_run, &endpoint },
    { "gio", gio_run, &endpoint },
  };
  int greeter;

  bench_endpoint_init_to_guest (&endpoint, bench);
  greeter = bench_greeter_start (&endpoint);

  /* The stand-in keeps what is left of two threads for each connection that it had. */
  if (strcmp (bench->transport, "hyperkit") == 0)
    bench->n = bench->is_quick ? 10 : 100;
  bench_compare (bench, "first byte", contenders, bench_has_gio (bench) ? 4 : 3);

  bench_stop (greeter);
  if (stand_in != 0)
    bench_stop (stand_in);
  return 0;
}
