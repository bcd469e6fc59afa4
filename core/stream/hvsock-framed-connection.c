/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A connection that speaks the shutdown framing over another stream. */

#include <hvsock/hvsock-framed-connection.h>

#include "stream/hvsock-blocking-call-private.h"
#include "stream/hvsock-framed-link-private.h"

/* How long closing waits for the peer, in milliseconds. */
#define CLOSE_TIMEOUT 1000

/**
 * HvsockFramedConnection:
 *
 * A connection that says in frames what a socket says by itself: which bytes are data, and when a
 * direction ends.
 *
 * It gives half-close where the transport has none, as over `vsock-mux`, or loses what is still on
 * its way when one direction is shut down, as older Windows hosts do. Both ends must speak it:
 * there is no handshake. A URI with the option `framing=shutdown` asks for it, and [class@Client]
 * then makes one of each connection, whichever transport it comes from; [ctor@FramedConnection.new]
 * makes one of any other stream.
 *
 * The protocol is the one of ocaml-hvsock, and of virtsock until 2018. A frame is a 32-bit number,
 * little endian, and data: up to 4096 is the number of bytes that follow, `0xdeadbeef` says that
 * its sender stops reading, `0xbeefdead` that it stops writing, and `0xdeaddead` that it closes,
 * which is answered with the same. A peer that announces more data fails reading with
 * %G_IO_ERROR_INVALID_DATA. That the base ends within a frame is %G_IO_ERROR_CONNECTION_CLOSED;
 * between two frames it is the end of the stream, as it is without framing of a peer that is gone.
 *
 * Closing says so to the peer and waits until it answers, for at most 1000 ms or
 * [property@Connection:timeout] if that is less; then the base is closed. What the peer has still
 * written is dropped. To wait longer, shut down writing and read to the end before. A connection
 * that is not closed before its last reference is gone does not wait, and says that it closes only
 * if there is room for it.
 *
 * An operation that is cancelled or timed out in the middle of a frame loses nothing: a read goes
 * on there, and the frame of a write counts as written and is sent before all else. That a peer
 * stops reading is noticed by reads, by looking whether there is something to read, and by each
 * write before it begins: one that waits for room while nobody reads does not hear of it.
 *
 * [property@Connection:timeout] is passed on to a base that is a [class@Connection]; other streams
 * wait for as long as they do. The streams can be polled where those of the base can.
 * [method@Connection.get_fd] gives -1, since whoever used the descriptor would break the framing.
 *
 * Since: 1.0
 */

struct _HvsockFramedConnection
{
  HvsockConnection parent_instance;

  GIOStream *base;
  HvsockFramedLink *link;
  GInputStream *input;
  GOutputStream *output;
  gboolean is_disposing;
};

enum
{
  PROP_0,
  PROP_BASE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (HvsockFramedConnection, hvsock_framed_connection, HVSOCK_TYPE_CONNECTION)

static GInputStream *
hvsock_framed_connection_get_input_stream (GIOStream *stream)
{
  return HVSOCK_FRAMED_CONNECTION (stream)->input;
}

static GOutputStream *
hvsock_framed_connection_get_output_stream (GIOStream *stream)
{
  return HVSOCK_FRAMED_CONNECTION (stream)->output;
}

/* A stream with an operation under way does not take the close; the link ends that. */
static void
start_close (HvsockFramedConnection *self, GTask *task)
{
  const guint timeout = hvsock_connection_get_timeout (HVSOCK_CONNECTION (self));

  g_input_stream_close (self->input, NULL, NULL);
  g_output_stream_close (self->output, NULL, NULL);
  hvsock_framed_link_close (self->link,
                            self->is_disposing ? 0
                            : timeout == 0     ? CLOSE_TIMEOUT
                                               : MIN (timeout, CLOSE_TIMEOUT),
                            task);
}

static gboolean
hvsock_framed_connection_close (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  g_autoptr (GTask) task = NULL;
  HvsockBlockingCall call;
  gboolean is_closed;

  /* Without a source object, since the last reference may be gone. */
  hvsock_blocking_call_begin (&call, cancellable);
  task = g_task_new (NULL, cancellable, hvsock_blocking_call_cb, &call);
  g_task_set_source_tag (task, hvsock_framed_connection_close);
  g_task_set_check_cancellable (task, FALSE);
  start_close (HVSOCK_FRAMED_CONNECTION (stream), task);
  hvsock_blocking_call_wait (&call);
  is_closed = g_task_propagate_boolean (task, error);
  hvsock_blocking_call_end (&call);
  return is_closed;
}

static void
hvsock_framed_connection_close_async (GIOStream *stream,
                                      int io_priority,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (stream, cancellable, callback, user_data);

  g_task_set_source_tag (task, hvsock_framed_connection_close_async);
  g_task_set_priority (task, io_priority);
  g_task_set_check_cancellable (task, FALSE);
  start_close (HVSOCK_FRAMED_CONNECTION (stream), task);
}

static gboolean
hvsock_framed_connection_close_finish (GIOStream *stream, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, stream), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static HvsockAddress *
hvsock_framed_connection_query_local_address (HvsockConnection *connection)
{
  GIOStream *base = HVSOCK_FRAMED_CONNECTION (connection)->base;
  HvsockAddress *address = NULL;

  if (HVSOCK_IS_CONNECTION (base))
    address = hvsock_connection_get_local_address (HVSOCK_CONNECTION (base));
  return address != NULL ? g_object_ref (address) : NULL;
}

static void
hvsock_framed_connection_set_timeout (HvsockConnection *connection, guint timeout)
{
  GIOStream *base = HVSOCK_FRAMED_CONNECTION (connection)->base;

  if (HVSOCK_IS_CONNECTION (base))
    hvsock_connection_set_timeout (HVSOCK_CONNECTION (base), timeout);
}

static gboolean
hvsock_framed_connection_shutdown (HvsockConnection *connection,
                                   gboolean read,
                                   gboolean write,
                                   GError **error)
{
  return hvsock_framed_link_shutdown (HVSOCK_FRAMED_CONNECTION (connection)->link, read, write,
                                      error);
}

static void
hvsock_framed_connection_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_BASE)
    g_value_set_object (value, HVSOCK_FRAMED_CONNECTION (object)->base);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
hvsock_framed_connection_set_property (GObject *object,
                                       guint id,
                                       const GValue *value,
                                       GParamSpec *pspec)
{
  if (id == PROP_BASE)
    HVSOCK_FRAMED_CONNECTION (object)->base = g_value_dup_object (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
hvsock_framed_connection_constructed (GObject *object)
{
  HvsockFramedConnection *self = HVSOCK_FRAMED_CONNECTION (object);
  HvsockConnection *connection = HVSOCK_CONNECTION (object);
  HvsockAddress *remote_address = hvsock_connection_get_remote_address (connection);
  HvsockAddress *local_address = NULL;

  G_OBJECT_CLASS (hvsock_framed_connection_parent_class)->constructed (object);
  /* It may have to be asked of the system, and is of use only without the other. */
  if (remote_address == NULL)
    local_address = hvsock_connection_get_local_address (connection);
  self->link = hvsock_framed_link_new (self->base, local_address, remote_address);
  self->input = hvsock_framed_input_stream_new (self->link);
  self->output = hvsock_framed_output_stream_new (self->link);
}

/* GIO closes what is open still. */
static void
hvsock_framed_connection_dispose (GObject *object)
{
  HVSOCK_FRAMED_CONNECTION (object)->is_disposing = TRUE;
  G_OBJECT_CLASS (hvsock_framed_connection_parent_class)->dispose (object);
}

static void
hvsock_framed_connection_finalize (GObject *object)
{
  HvsockFramedConnection *self = HVSOCK_FRAMED_CONNECTION (object);

  g_object_unref (self->input);
  g_object_unref (self->output);
  hvsock_framed_link_unref (self->link);
  g_object_unref (self->base);
  G_OBJECT_CLASS (hvsock_framed_connection_parent_class)->finalize (object);
}

static void
hvsock_framed_connection_class_init (HvsockFramedConnectionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);
  HvsockConnectionClass *connection_class = HVSOCK_CONNECTION_CLASS (klass);

  object_class->get_property = hvsock_framed_connection_get_property;
  object_class->set_property = hvsock_framed_connection_set_property;
  object_class->constructed = hvsock_framed_connection_constructed;
  object_class->dispose = hvsock_framed_connection_dispose;
  object_class->finalize = hvsock_framed_connection_finalize;
  stream_class->get_input_stream = hvsock_framed_connection_get_input_stream;
  stream_class->get_output_stream = hvsock_framed_connection_get_output_stream;
  stream_class->close_fn = hvsock_framed_connection_close;
  stream_class->close_async = hvsock_framed_connection_close_async;
  stream_class->close_finish = hvsock_framed_connection_close_finish;
  connection_class->query_local_address = hvsock_framed_connection_query_local_address;
  connection_class->set_timeout = hvsock_framed_connection_set_timeout;
  connection_class->shutdown = hvsock_framed_connection_shutdown;

  /**
   * HvsockFramedConnection:base: (getter get_base)
   *
   * The stream that the frames go over.
   *
   * Since: 1.0
   */
  properties[PROP_BASE] =
      g_param_spec_object ("base", NULL, NULL, G_TYPE_IO_STREAM,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
hvsock_framed_connection_init (HvsockFramedConnection *self)
{
}

/**
 * hvsock_framed_connection_new:
 * @base: a stream, of which nothing was read or written yet
 *
 * Speaks the shutdown framing over a stream of any kind. Nothing is sent yet. @base belongs to the
 * new connection from then on, and is closed with it. If it is a [class@Connection] the addresses
 * and the time-out are taken from it.
 *
 * Returns: (transfer full) (type HvsockFramedConnection): a connection
 *
 * Since: 1.0
 */
HvsockConnection *
hvsock_framed_connection_new (GIOStream *base)
{
  HvsockAddress *remote_address = NULL;
  guint timeout = 0;

  g_return_val_if_fail (G_IS_IO_STREAM (base), NULL);

  if (HVSOCK_IS_CONNECTION (base))
    {
      remote_address = hvsock_connection_get_remote_address (HVSOCK_CONNECTION (base));
      timeout = hvsock_connection_get_timeout (HVSOCK_CONNECTION (base));
    }
  return g_object_new (HVSOCK_TYPE_FRAMED_CONNECTION, "base", base, "remote-address",
                       remote_address, "timeout", timeout, NULL);
}

/**
 * hvsock_framed_connection_get_base:
 * @self: a framed connection
 *
 * Gets the stream that the frames go over. Reading, writing or closing it breaks the framing.
 *
 * Returns: (transfer none): the stream
 *
 * Since: 1.0
 */
GIOStream *
hvsock_framed_connection_get_base (HvsockFramedConnection *self)
{
  g_return_val_if_fail (HVSOCK_IS_FRAMED_CONNECTION (self), NULL);

  return self->base;
}
