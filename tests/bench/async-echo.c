/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#include "async-echo.h"

#include "bench-peer.h"

struct _AsyncEcho
{
  GMainContext *context;
  BenchLink link;
  gsize size;
  gsize n_received; /* of the message that is under way */
  guint n_left;     /* messages */
  char *buffer;

  BenchLink *idle;
  guint n_idle;
  guint n_pending; /* reads of idle streams */
};

static void receive (AsyncEcho *self);

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    g_error ("%s", error->message);
  receive (user_data);
}

/* A message nearly always fits into the socket, so that only the rest of it is worth a task. */
static void
send_message (AsyncEcho *self)
{
  g_autoptr (GError) error = NULL;
  gssize n = g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (self->link.out),
                                                         self->buffer, self->size, NULL, &error);

  self->n_received = 0;
  if (n == (gssize) self->size)
    {
      receive (self);
      return;
    }

  if (n < 0 && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    g_error ("%s", error->message);
  n = MAX (n, 0);
  g_output_stream_write_all_async (self->link.out, self->buffer + n, self->size - n,
                                   G_PRIORITY_DEFAULT, NULL, sent_cb, self);
}

static void
received_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  AsyncEcho *self = user_data;
  g_autoptr (GError) error = NULL;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  if (n <= 0)
    g_error ("no echo: %s", error != NULL ? error->message : "the peer has closed");

  self->n_received += n;
  if (self->n_received < self->size)
    receive (self);
  else if (--self->n_left > 0)
    send_message (self);
}

static void
receive (AsyncEcho *self)
{
  g_input_stream_read_async (self->link.in, self->buffer + self->n_received,
                             self->size - self->n_received, G_PRIORITY_DEFAULT, NULL, received_cb,
                             self);
}

void
async_echo_run (gpointer data, guint n)
{
  AsyncEcho *self = data;

  g_main_context_push_thread_default (self->context);
  self->n_left = n;
  send_message (self);
  while (self->n_left > 0)
    g_main_context_iteration (self->context, TRUE);
  g_main_context_pop_thread_default (self->context);
}

static void
idle_ended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  AsyncEcho *self = user_data;

  g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);
  self->n_pending--;
}

static void
open_idle (AsyncEcho *self, BenchLinkOpen open, const BenchEndpoint *endpoint)
{
  static char byte; /* nothing ever comes */

  for (guint i = 0; i < self->n_idle; i++, self->n_pending++)
    {
      open (&self->idle[i], endpoint, BENCH_PEER_HOLD);
      g_input_stream_read_async (self->idle[i].in, &byte, 1, G_PRIORITY_DEFAULT, NULL,
                                 idle_ended_cb, self);
    }
}

/* With @n_idle streams beside the one of the echoes. */
AsyncEcho *
async_echo_new (BenchLinkOpen open, const BenchEndpoint *endpoint, gsize size, guint n_idle)
{
  AsyncEcho *self = g_new0 (AsyncEcho, 1);

  self->context = g_main_context_new ();
  self->size = size;
  self->buffer = g_malloc0 (size);
  self->idle = g_new0 (BenchLink, n_idle);
  self->n_idle = n_idle;

  g_main_context_push_thread_default (self->context);
  open (&self->link, endpoint, BENCH_PEER_ECHO);
  open_idle (self, open, endpoint);
  g_main_context_pop_thread_default (self->context);
  return self;
}

/* A byte makes the peer close a connection that it holds, which ends the read. */
void
async_echo_free (AsyncEcho *self)
{
  if (self->n_pending != self->n_idle)
    g_error ("%u of %u idle streams were not idle", self->n_idle - self->n_pending, self->n_idle);

  for (guint i = 0; i < self->n_idle; i++)
    bench_link_send (&self->idle[i], "", 1);
  while (self->n_pending > 0)
    g_main_context_iteration (self->context, TRUE);
  for (guint i = 0; i < self->n_idle; i++)
    bench_link_close (&self->idle[i]);
  bench_link_close (&self->link);

  g_main_context_unref (self->context);
  g_free (self->buffer);
  g_free (self->idle);
  g_free (self);
}
