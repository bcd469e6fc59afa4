/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What a socket receives, until the receiving is ended. Separate because only Windows needs it:
 * elsewhere a shutdown wakes whoever waits. */

#include "hvcat-socket-input.h"

struct _HvcatSocketInput
{
  GInputStream parent_instance;

  GInputStream *inner;
  GCancellable *ended;
};

static void pollable_iface_init (GPollableInputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (HvcatSocketInput,
                               hvcat_socket_input,
                               G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      pollable_iface_init))

static gssize
read_bytes (GInputStream *stream,
            void *buffer,
            gsize count,
            GCancellable *cancellable,
            GError **error)
{
  HvcatSocketInput *self = HVCAT_SOCKET_INPUT (stream);

  if (g_cancellable_is_cancelled (self->ended))
    return 0;
  return g_input_stream_read (self->inner, buffer, count, cancellable, error);
}

static gboolean
is_readable (GPollableInputStream *stream)
{
  HvcatSocketInput *self = HVCAT_SOCKET_INPUT (stream);

  return g_cancellable_is_cancelled (self->ended) ||
         g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (self->inner));
}

/* Its end makes it readable as well. */
static GSource *
create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  HvcatSocketInput *self = HVCAT_SOCKET_INPUT (stream);
  g_autoptr (GSource) received =
      g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (self->inner), cancellable);

  return g_pollable_source_new_full (stream, received, self->ended);
}

static void
hvcat_socket_input_finalize (GObject *object)
{
  HvcatSocketInput *self = HVCAT_SOCKET_INPUT (object);

  g_clear_object (&self->inner);
  g_clear_object (&self->ended);
  G_OBJECT_CLASS (hvcat_socket_input_parent_class)->finalize (object);
}

static void
hvcat_socket_input_class_init (HvcatSocketInputClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = hvcat_socket_input_finalize;
  G_INPUT_STREAM_CLASS (klass)->read_fn = read_bytes;
}

static void
pollable_iface_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = is_readable;
  iface->create_source = create_source;
}

static void
hvcat_socket_input_init (HvcatSocketInput *self)
{
  self->ended = g_cancellable_new ();
}

HvcatSocketInput *
hvcat_socket_input_new (GInputStream *inner)
{
  HvcatSocketInput *self = g_object_new (HVCAT_TYPE_SOCKET_INPUT, NULL);

  self->inner = g_object_ref (inner);
  return self;
}

void
hvcat_socket_input_end (HvcatSocketInput *self)
{
  g_cancellable_cancel (self->ended);
}
