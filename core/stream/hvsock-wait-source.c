/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A wait that is a GSource of its own, which the main context polls. */

#include "stream/hvsock-wait-source-private.h"

#include "stream/hvsock-wait-private.h"

typedef struct
{
  GSource source;
  HvsockChannel *channel;
  gboolean entered;
  gpointer fd_tag;    /* NULL for a wait that is for the time only */
  gpointer operation; /* NULL for a source that calls its callback, and then no cancellable but: */
  guint timeout;      /* after which that is called in any case, each time */
  HvsockReadyFunc ready;
  GCancellable *cancellable;
  gulong cancelled_id;
} WaitSource;

static gboolean
wait_source_prepare (GSource *source, int *timeout)
{
  WaitSource *self = (WaitSource *) source;

  *timeout = -1;
  return g_cancellable_is_cancelled (self->cancellable);
}

static gboolean
wait_source_check (GSource *source)
{
  WaitSource *self = (WaitSource *) source;

  return g_cancellable_is_cancelled (self->cancellable);
}

static gboolean
has_timed_out (WaitSource *self)
{
  gint64 ready_time = g_source_get_ready_time (&self->source);

  return ready_time >= 0 && ready_time <= g_source_get_time (&self->source) &&
         (self->fd_tag == NULL || g_source_query_unix_fd (&self->source, self->fd_tag) == 0) &&
         !hvsock_channel_is_closed (self->channel);
}

static void
wait_source_leave (WaitSource *self)
{
  if (self->entered)
    hvsock_channel_leave (self->channel);
  self->entered = FALSE;
  g_clear_pointer (&self->channel, hvsock_channel_unref);
}

/* In @timeout milliseconds; 0 is for none. */
static void
wait_source_set_timeout (WaitSource *self, guint timeout)
{
  if (self->entered && timeout > 0)
    g_source_set_ready_time (&self->source, g_get_monotonic_time () + timeout * (gint64) 1000);
}

/* The wait is over before anybody hears of it: if the operation ends the use of the channel, its
 * descriptor is closed by the time of the callback, and a listener's address is free again. */
static gboolean
wait_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  WaitSource *self = (WaitSource *) source;
  gboolean timed_out;

  if (self->operation == NULL)
    {
      wait_source_set_timeout (self, self->timeout);
      return callback (user_data);
    }

  timed_out = has_timed_out (self);
  wait_source_leave (self);
  self->ready (self->operation, timed_out);
  return G_SOURCE_REMOVE;
}

static void
wait_source_finalize (GSource *source)
{
  WaitSource *self = (WaitSource *) source;

  wait_source_leave (self);
  g_clear_object (&self->operation);
  g_clear_signal_handler (&self->cancelled_id, self->cancellable);
  g_clear_object (&self->cancellable);
}

static GSourceFuncs wait_source_funcs = {
  .prepare = wait_source_prepare,
  .check = wait_source_check,
  .dispatch = wait_source_dispatch,
  .finalize = wait_source_finalize,
};

/* It is ready at once if @channel is closed, and will be when it is: the system says so of a socket
 * that was shut down, and a listener's pipe does of one that is not. */
static WaitSource *
wait_source_new (HvsockChannel *channel, GIOCondition condition)
{
  GSource *source = g_source_new (&wait_source_funcs, sizeof (WaitSource));
  WaitSource *self = (WaitSource *) source;

  g_source_set_static_name (source, "HvsockWaitSource");
  self->channel = hvsock_channel_ref (channel);
  self->entered = hvsock_channel_enter (channel, NULL);
  if (!self->entered)
    g_source_set_ready_time (source, 0);
  else if (condition != 0)
    self->fd_tag = g_source_add_unix_fd (source, channel->fd, condition | G_IO_HUP | G_IO_ERR);
  if (self->entered && channel->is_listener)
    g_source_add_unix_fd (source, channel->closing[0], G_IO_IN | G_IO_HUP);
  return self;
}

static void
cancelled_cb (GCancellable *cancellable, gpointer context)
{
  g_main_context_wakeup (context);
}

/* A source of GLib's for @cancellable would do, but GLib 2.74 uses the context of one in the thread
 * that cancels without a reference, and its owner may drop it as soon as the operation is done. */
static void
wait_source_obey (WaitSource *self, GCancellable *cancellable, GMainContext *context)
{
  self->cancellable = g_object_ref (cancellable);
  self->cancelled_id =
      g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), g_main_context_ref (context),
                             (GDestroyNotify) g_main_context_unref);
}

/* With @condition 0 it is for the time only. @timeout is in milliseconds, 0 for none. */
void
hvsock_wait_source_park (HvsockChannel *channel,
                         GIOCondition condition,
                         guint timeout,
                         const HvsockWaiter *waiter)
{
  WaitSource *self = wait_source_new (channel, condition);
  g_autoptr (GSource) source = &self->source;

  self->operation = g_object_ref (waiter->operation);
  self->ready = waiter->ready;
  wait_source_set_timeout (self, timeout);
  if (waiter->cancellable != NULL)
    wait_source_obey (self, waiter->cancellable, waiter->context);
  g_source_set_priority (source, waiter->priority);
  g_source_attach (source, waiter->context);
}

typedef struct
{
  gpointer operation;
  HvsockReadyFunc ready;
} Deferred;

static gboolean
deferred_cb (gpointer user_data)
{
  const Deferred *self = user_data;

  self->ready (self->operation, FALSE);
  return G_SOURCE_REMOVE;
}

static void
deferred_free (gpointer user_data)
{
  Deferred *self = user_data;

  g_object_unref (self->operation);
  g_free (self);
}

/* Calls @waiter from its main context, without waiting for anything. */
void
hvsock_wait_source_defer (const HvsockWaiter *waiter)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  Deferred *deferred = g_new (Deferred, 1);

  *deferred = (Deferred){ g_object_ref (waiter->operation), waiter->ready };
  g_source_set_callback (source, deferred_cb, deferred, deferred_free);
  g_source_set_priority (source, waiter->priority);
  g_source_attach (source, waiter->context);
}

static gboolean
stay_ready_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* For a pollable @stream of @channel: a source that is dispatched while the channel is ready for
 * @condition, and once it is closed. A writer's is also when it ought to try again. */
GSource *
hvsock_wait_source_create (HvsockChannel *channel,
                           GIOCondition condition,
                           gpointer stream,
                           GCancellable *cancellable)
{
  GSource *source = g_pollable_source_new_full (stream, NULL, cancellable);
  WaitSource *self = wait_source_new (channel, condition);
  g_autoptr (GSource) ready = &self->source;

  if (condition == G_IO_OUT)
    self->timeout = HVSOCK_WAIT_LONGEST_TO_WRITE;
  wait_source_set_timeout (self, self->timeout);
  g_source_set_callback (ready, stay_ready_cb, NULL, NULL);
  g_source_add_child_source (source, ready);
  return source;
}
