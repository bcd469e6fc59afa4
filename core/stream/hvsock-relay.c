/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Two moves between two streams, one for each direction, and what the end of one means for the
 * other. */

#include <hvsock/hvsock-relay.h>

#include <hvsock/hvsock-connection.h>

#include "stream/hvsock-move-private.h"

#define DEFAULT_PROGRESS_INTERVAL 1000

/**
 * HvsockRelay:
 *
 * Moves bytes both ways between two streams of any kind.
 *
 * Each direction goes on at its own pace. When one stream has given its last byte, the other is
 * told so by a half-close, and the relay goes on with the other direction: for a connection by
 * [method@Connection.shutdown], for a [class@Gio.SocketConnection] by [method@Gio.Socket.shutdown],
 * for any other stream by closing its output stream. Where the transport has no half-close, the
 * other side is not told before the relay has ended and its owner closes the stream.
 *
 * When a stream can not be written to any more, what it has still to say is moved before the relay
 * ends with that error. When a stream fails while it is read, the relay ends at once.
 *
 * On Linux, bytes go between descriptors inside the kernel (splice(2)), which also holds for
 * [method@Gio.OutputStream.splice] into a connection; connections are in non-blocking mode from
 * then on. Otherwise they go through a buffer. An idle direction holds neither buffer nor pipe. A
 * relay needs no thread, and lets the rest of the main loop have its turn.
 *
 * The streams are busy while the relay runs, and are not closed by it. When it is cancelled or
 * fails, bytes that were read and not yet written are lost.
 *
 * A relay belongs to the thread that runs it.
 *
 * Since: 1.0
 */

/* From one stream to the other. */
typedef struct
{
  HvsockRelay *relay;
  GIOStream *from;
  GIOStream *to;
  HvsockMove move;
} Direction;

struct _HvsockRelay
{
  GObject parent_instance;

  GIOStream *streams[2];
  Direction directions[2]; /* from the first, from the second */
  guint progress_interval;

  GTask *task; /* NULL unless it runs */
  GCancellable *stop;
  gulong cancelled_id;
  guint n_running;
  GError *error;
  GSource *progress;
  guint64 n_told; /* bytes of both directions */
};

enum
{
  PROP_0,
  PROP_FIRST,
  PROP_SECOND,
  PROP_BYTES_FROM_FIRST,
  PROP_BYTES_FROM_SECOND,
  PROP_PROGRESS_INTERVAL,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

enum
{
  SIGNAL_ENDED,
  SIGNAL_PROGRESS,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (HvsockRelay, hvsock_relay, G_TYPE_OBJECT)

static void
tell_progress (HvsockRelay *self)
{
  const guint64 from_first = self->directions[0].move.n_moved;
  const guint64 from_second = self->directions[1].move.n_moved;

  if (from_first + from_second == self->n_told)
    return;

  self->n_told = from_first + from_second;
  g_signal_emit (self, signals[SIGNAL_PROGRESS], 0, from_first, from_second);
}

static gboolean
progress_cb (gpointer user_data)
{
  tell_progress (user_data);
  return G_SOURCE_CONTINUE;
}

static void
watch_progress (HvsockRelay *self)
{
  if (self->progress_interval == 0 ||
      !g_signal_has_handler_pending (self, signals[SIGNAL_PROGRESS], 0, TRUE))
    return;

  self->progress = g_timeout_source_new (self->progress_interval);
  g_source_set_callback (self->progress, progress_cb, self, NULL);
  g_source_set_priority (self->progress, g_task_get_priority (self->task));
  g_source_attach (self->progress, g_task_get_context (self->task));
}

/* It runs as long as handlers are called, so that none of them can run it anew in between. */
static void
relay_finish (HvsockRelay *self)
{
  g_autoptr (GTask) task = NULL;

  if (self->progress != NULL)
    {
      tell_progress (self);
      g_source_destroy (self->progress);
      g_clear_pointer (&self->progress, g_source_unref);
    }
  task = g_steal_pointer (&self->task);
  g_cancellable_disconnect (g_task_get_cancellable (task), self->cancelled_id);
  g_clear_object (&self->stop);

  if (self->error != NULL)
    g_task_return_error (task, g_steal_pointer (&self->error));
  else
    g_task_return_boolean (task, TRUE);
}

/* Takes @error, which is %NULL when all went well. The first one is the cause of those after it. */
static void
direction_end (Direction *self, GError *error)
{
  g_autoptr (HvsockRelay) relay = g_object_ref (self->relay);
  GIOStream *failed = self->move.failed_to_read ? self->from : self->to;

  if (error == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    failed = NULL;
  g_signal_emit (relay, signals[SIGNAL_ENDED], 0, self->from, failed, error);
  if (relay->error == NULL)
    relay->error = error;
  else
    g_clear_error (&error);

  relay->n_running--;
  if (relay->n_running == 0)
    relay_finish (relay);
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  g_output_stream_close_finish (G_OUTPUT_STREAM (source), result, &error);
  direction_end (user_data, error);
}

/* Returns %FALSE for a stream that does not have it. */
static gboolean
half_close (GIOStream *stream, GError **error)
{
  GError *failure = NULL;

  if (HVSOCK_IS_CONNECTION (stream))
    hvsock_connection_shutdown (HVSOCK_CONNECTION (stream), FALSE, TRUE, &failure);
  else if (G_IS_SOCKET_CONNECTION (stream))
    g_socket_shutdown (g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream)), FALSE, TRUE,
                       &failure);
  else
    return FALSE;

  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    g_clear_error (&failure);
  if (failure != NULL)
    g_propagate_error (error, failure);
  return TRUE;
}

/* Nothing follows. */
static void
direction_pass_end (Direction *self)
{
  HvsockRelay *relay = self->relay;
  GError *error = NULL;

  if (half_close (self->to, &error))
    direction_end (self, error);
  else
    g_output_stream_close_async (self->move.to, g_task_get_priority (relay->task), relay->stop,
                                 closed_cb, self);
}

static void
moved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Direction *self = user_data;
  const gboolean failed_to_read = self->move.failed_to_read;
  g_autoptr (GCancellable) stop = g_object_ref (self->relay->stop);
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    {
      direction_pass_end (self);
      return;
    }

  /* Who takes nothing more may still wait for our end before it says its last. */
  if (!failed_to_read && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    half_close (self->to, NULL);
  direction_end (self, error);
  /* The other direction, which may end within this, is not the cause. */
  if (failed_to_read)
    g_cancellable_cancel (stop);
}

static void
direction_start (Direction *self)
{
  HvsockRelay *relay = self->relay;
  g_autoptr (GTask) task = g_task_new (relay, relay->stop, moved_cb, self);

  g_task_set_source_tag (task, direction_start);
  g_task_set_priority (task, g_task_get_priority (relay->task));
  hvsock_move_start (&self->move, task);
}

static void
direction_init (Direction *self, HvsockRelay *relay, GIOStream *from, GIOStream *to)
{
  self->relay = relay;
  self->from = from;
  self->to = to;
  hvsock_move_init (&self->move, HVSOCK_IS_CONNECTION (from) ? HVSOCK_CONNECTION (from) : NULL,
                    g_io_stream_get_input_stream (from), g_io_stream_get_output_stream (to));
}

static void
stop_cb (GCancellable *cancellable, GCancellable *stop)
{
  g_cancellable_cancel (stop);
}

/**
 * hvsock_relay_run_async:
 * @self: a relay
 * @io_priority: the I/O priority
 * @cancellable: (nullable): ends both directions with %G_IO_ERROR_CANCELLED
 * @callback: (scope async): called when both directions have ended
 * @user_data: data for @callback
 *
 * Moves bytes until both streams have given their last one, or one has failed.
 *
 * Errors are those of the streams. Calling this while the relay runs fails with
 * %G_IO_ERROR_PENDING.
 *
 * @callback runs in the thread-default main context of the caller, where the work is done as well.
 *
 * Since: 1.0
 */
void
hvsock_relay_run_async (HvsockRelay *self,
                        int io_priority,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (HVSOCK_IS_RELAY (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, hvsock_relay_run_async);
  g_task_set_priority (task, io_priority);
  if (self->task != NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING, "the relay runs already");
      return;
    }

  self->task = g_object_ref (task);
  self->stop = g_cancellable_new ();
  self->cancelled_id = cancellable == NULL
                           ? 0
                           : g_cancellable_connect (cancellable, G_CALLBACK (stop_cb),
                                                    g_object_ref (self->stop), g_object_unref);
  watch_progress (self);
  self->n_running = G_N_ELEMENTS (self->directions);
  direction_start (&self->directions[0]);
  direction_start (&self->directions[1]);
}

/**
 * hvsock_relay_run_finish:
 * @self: a relay
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Ends hvsock_relay_run_async().
 *
 * Returns: whether all bytes of both directions were moved
 *
 * Since: 1.0
 */
gboolean
hvsock_relay_run_finish (HvsockRelay *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (HVSOCK_IS_RELAY (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
hvsock_relay_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HvsockRelay *self = HVSOCK_RELAY (object);

  switch (id)
    {
    case PROP_FIRST:
      g_value_set_object (value, self->streams[0]);
      break;
    case PROP_SECOND:
      g_value_set_object (value, self->streams[1]);
      break;
    case PROP_BYTES_FROM_FIRST:
      g_value_set_uint64 (value, self->directions[0].move.n_moved);
      break;
    case PROP_BYTES_FROM_SECOND:
      g_value_set_uint64 (value, self->directions[1].move.n_moved);
      break;
    case PROP_PROGRESS_INTERVAL:
      g_value_set_uint (value, self->progress_interval);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hvsock_relay_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  HvsockRelay *self = HVSOCK_RELAY (object);

  switch (id)
    {
    case PROP_FIRST:
      self->streams[0] = g_value_dup_object (value);
      break;
    case PROP_SECOND:
      self->streams[1] = g_value_dup_object (value);
      break;
    case PROP_PROGRESS_INTERVAL:
      hvsock_relay_set_progress_interval (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hvsock_relay_constructed (GObject *object)
{
  HvsockRelay *self = HVSOCK_RELAY (object);

  G_OBJECT_CLASS (hvsock_relay_parent_class)->constructed (object);
  direction_init (&self->directions[0], self, self->streams[0], self->streams[1]);
  direction_init (&self->directions[1], self, self->streams[1], self->streams[0]);
}

static void
hvsock_relay_finalize (GObject *object)
{
  HvsockRelay *self = HVSOCK_RELAY (object);

  for (guint i = 0; i < G_N_ELEMENTS (self->streams); i++)
    {
      hvsock_move_clear (&self->directions[i].move);
      g_clear_object (&self->streams[i]);
    }
  G_OBJECT_CLASS (hvsock_relay_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags stream_flags =
      G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  const GParamFlags count_flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  /**
   * HvsockRelay:first:
   *
   * One stream.
   *
   * Since: 1.0
   */
  properties[PROP_FIRST] =
      g_param_spec_object ("first", NULL, NULL, G_TYPE_IO_STREAM, stream_flags);
  /**
   * HvsockRelay:second:
   *
   * The other stream.
   *
   * Since: 1.0
   */
  properties[PROP_SECOND] =
      g_param_spec_object ("second", NULL, NULL, G_TYPE_IO_STREAM, stream_flags);
  /**
   * HvsockRelay:bytes-from-first: (getter get_bytes_from_first)
   *
   * How many bytes of the first stream the second one has taken. Changes are not notified; the
   * signal `progress` is there for that.
   *
   * Since: 1.0
   */
  properties[PROP_BYTES_FROM_FIRST] =
      g_param_spec_uint64 ("bytes-from-first", NULL, NULL, 0, G_MAXUINT64, 0, count_flags);
  /**
   * HvsockRelay:bytes-from-second: (getter get_bytes_from_second)
   *
   * How many bytes of the second stream the first one has taken.
   *
   * Since: 1.0
   */
  properties[PROP_BYTES_FROM_SECOND] =
      g_param_spec_uint64 ("bytes-from-second", NULL, NULL, 0, G_MAXUINT64, 0, count_flags);
  /**
   * HvsockRelay:progress-interval: (getter get_progress_interval) (setter set_progress_interval)
   *
   * How often [signal@Relay::progress] is emitted at most, in milliseconds; 0 for never.
   *
   * Since: 1.0
   */
  properties[PROP_PROGRESS_INTERVAL] = g_param_spec_uint (
      "progress-interval", NULL, NULL, 0, G_MAXINT, DEFAULT_PROGRESS_INTERVAL,
      G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
hvsock_relay_class_init (HvsockRelayClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = hvsock_relay_get_property;
  object_class->set_property = hvsock_relay_set_property;
  object_class->constructed = hvsock_relay_constructed;
  object_class->finalize = hvsock_relay_finalize;
  install_properties (object_class);

  /**
   * HvsockRelay::ended:
   * @self: the relay
   * @from: the stream of which nothing more is moved
   * @failed: (nullable): @from if it could not be read, or the other stream if that could not be
   *   written to; %NULL if @from has ended and the other was told so, and for a cancellation
   * @error: (nullable): how it failed, or %G_IO_ERROR_CANCELLED
   *
   * One direction has ended.
   *
   * Since: 1.0
   */
  signals[SIGNAL_ENDED] = g_signal_new (
      "ended", HVSOCK_TYPE_RELAY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
      G_TYPE_IO_STREAM, G_TYPE_IO_STREAM, G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
  /**
   * HvsockRelay::progress:
   * @self: the relay
   * @from_first: [property@Relay:bytes-from-first]
   * @from_second: [property@Relay:bytes-from-second]
   *
   * Bytes were moved since the last time. A handler must be connected before the relay is run.
   *
   * Since: 1.0
   */
  signals[SIGNAL_PROGRESS] =
      g_signal_new ("progress", HVSOCK_TYPE_RELAY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_UINT64);
}

static void
hvsock_relay_init (HvsockRelay *self)
{
}

/**
 * hvsock_relay_new:
 * @first: a stream
 * @second: another stream
 *
 * Makes a relay, which does nothing before it is run.
 *
 * Returns: (transfer full): a relay
 *
 * Since: 1.0
 */
HvsockRelay *
hvsock_relay_new (GIOStream *first, GIOStream *second)
{
  g_return_val_if_fail (G_IS_IO_STREAM (first), NULL);
  g_return_val_if_fail (G_IS_IO_STREAM (second), NULL);

  return g_object_new (HVSOCK_TYPE_RELAY, "first", first, "second", second, NULL);
}

/**
 * hvsock_relay_get_bytes_from_first:
 * @self: a relay
 *
 * Gets how many bytes of the first stream the second one has taken so far.
 *
 * Returns: the number of bytes
 *
 * Since: 1.0
 */
guint64
hvsock_relay_get_bytes_from_first (HvsockRelay *self)
{
  g_return_val_if_fail (HVSOCK_IS_RELAY (self), 0);

  return self->directions[0].move.n_moved;
}

/**
 * hvsock_relay_get_bytes_from_second:
 * @self: a relay
 *
 * Gets how many bytes of the second stream the first one has taken so far.
 *
 * Returns: the number of bytes
 *
 * Since: 1.0
 */
guint64
hvsock_relay_get_bytes_from_second (HvsockRelay *self)
{
  g_return_val_if_fail (HVSOCK_IS_RELAY (self), 0);

  return self->directions[1].move.n_moved;
}

/**
 * hvsock_relay_get_progress_interval:
 * @self: a relay
 *
 * Gets how often [signal@Relay::progress] is emitted at most.
 *
 * Returns: the time in milliseconds, 0 for never
 *
 * Since: 1.0
 */
guint
hvsock_relay_get_progress_interval (HvsockRelay *self)
{
  g_return_val_if_fail (HVSOCK_IS_RELAY (self), 0);

  return self->progress_interval;
}

/**
 * hvsock_relay_set_progress_interval:
 * @self: a relay
 * @interval: the time in milliseconds, 0 for never
 *
 * Sets how often [signal@Relay::progress] is emitted at most, from the next run on.
 *
 * Since: 1.0
 */
void
hvsock_relay_set_progress_interval (HvsockRelay *self, guint interval)
{
  g_return_if_fail (HVSOCK_IS_RELAY (self));
  g_return_if_fail (interval <= G_MAXINT);

  if (self->progress_interval == interval)
    return;

  self->progress_interval = interval;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROGRESS_INTERVAL]);
}
