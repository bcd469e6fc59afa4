/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Waits until a peer has said something, or has ended, without reading any of it. */

#include "client/hvsock-first-byte-private.h"

#include "base/hvsock-context-private.h"
#include "stream/hvsock-stream-private.h"

typedef struct
{
  HvsockConnection *connection;
  GMainContext *context;
  GSource *ready;
  GSource *late;
  HvsockFirstByteFunc func;
  gpointer data;
  GDestroyNotify destroy;
} FirstByte;

/* @func may begin operations, which belong to the context too. */
static void
first_byte_end (FirstByte *self, gboolean has_spoken)
{
  const gboolean has_entered = hvsock_context_enter (self->context);

  g_source_destroy (self->ready);
  g_source_unref (self->ready);
  g_source_destroy (self->late);
  g_source_unref (self->late);
  self->func (self->connection, has_spoken, self->data);
  self->destroy (self->data);
  hvsock_context_leave (self->context, has_entered);
  g_main_context_unref (self->context);
  g_object_unref (self->connection);
  g_free (self);
}

static gboolean
ready_cb (GObject *stream, gpointer user_data)
{
  first_byte_end (user_data, TRUE);
  return G_SOURCE_REMOVE;
}

static gboolean
late_cb (gpointer user_data)
{
  first_byte_end (user_data, FALSE);
  return G_SOURCE_REMOVE;
}

/* Calls @func once, in the thread-default main context of the caller, after @timeout milliseconds
 * at the latest. A connection whose streams cannot be polled is not waited for. */
void
hvsock_first_byte_await (HvsockConnection *connection,
                         guint timeout,
                         HvsockFirstByteFunc func,
                         gpointer data,
                         GDestroyNotify destroy)
{
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  FirstByte *self;

  if (!hvsock_stream_can_poll (input))
    {
      func (connection, TRUE, data);
      destroy (data);
      return;
    }

  self = g_new0 (FirstByte, 1);
  self->connection = g_object_ref (connection);
  self->context = g_main_context_ref_thread_default ();
  self->func = func;
  self->data = data;
  self->destroy = destroy;
  self->ready = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (input), NULL);
  g_source_set_callback (self->ready, G_SOURCE_FUNC (ready_cb), self, NULL);
  g_source_attach (self->ready, self->context);
  self->late = g_timeout_source_new (timeout);
  g_source_set_callback (self->late, late_cb, self, NULL);
  g_source_attach (self->late, self->context);
}
