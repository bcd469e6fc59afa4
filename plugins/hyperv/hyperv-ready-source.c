/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Whether a stream can be read or written without waiting. The system does not tell that of its
 * sockets, so a reader who asks has some bytes asked for in advance. */

#include "hyperv-ready-source.h"

#include "hyperv-flow.h"

/* What is asked for in advance, in bytes. */
#define IN_ADVANCE (16 * 1024)

static gboolean
is_readable (HypervChannel *channel)
{
  HypervFlow *flow = &channel->input;
  gboolean has_news = flow->begin < flow->end || flow->error != ERROR_SUCCESS || flow->is_ended;

  if (!has_news && !flow->is_busy)
    hyperv_flow_receive (flow, IN_ADVANCE);
  return !flow->is_busy || flow->is_ended;
}

/* With the channel locked. */
static gboolean
is_ready (HypervChannel *channel, gboolean is_write)
{
  if (channel->is_closed)
    return TRUE;
  return is_write ? !channel->output.is_busy : is_readable (channel);
}

gboolean
hyperv_channel_is_ready (HypervChannel *self, gboolean is_write)
{
  gboolean ready;

  hyperv_channel_lock (self);
  ready = is_ready (self, is_write);
  hyperv_channel_unlock (self);
  return ready;
}

typedef struct
{
  GSource parent;
  HypervChannel *channel;
  gboolean is_write;
} ReadySource;

static gboolean
ready_source_check (GSource *source)
{
  ReadySource *self = (ReadySource *) source;

  return hyperv_channel_is_ready (self->channel, self->is_write);
}

/* The context is woken when it should look again. */
static gboolean
ready_source_prepare (GSource *source, int *timeout)
{
  ReadySource *self = (ReadySource *) source;
  HypervFlow *flow = self->is_write ? &self->channel->output : &self->channel->input;
  gboolean ready;

  *timeout = -1;
  hyperv_channel_lock (self->channel);
  ready = is_ready (self->channel, self->is_write);
  if (!ready)
    hyperv_flow_wake_once (flow, g_source_get_context (source));
  hyperv_channel_unlock (self->channel);
  return ready;
}

static gboolean
ready_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback == NULL ? G_SOURCE_CONTINUE : callback (user_data);
}

static void
ready_source_finalize (GSource *source)
{
  hyperv_channel_unref (((ReadySource *) source)->channel);
}

/* GIO gives each child source a closure, and so this is its callback. */
static gboolean
keep_source_cb (gpointer closure)
{
  return G_SOURCE_CONTINUE;
}

/* To be a child of GIO's source for pollable streams. */
GSource *
hyperv_ready_source_new (HypervChannel *channel, gboolean is_write)
{
  static GSourceFuncs funcs = {
    .prepare = ready_source_prepare,
    .check = ready_source_check,
    .dispatch = ready_source_dispatch,
    .finalize = ready_source_finalize,
    .closure_callback = keep_source_cb,
  };
  GSource *source = g_source_new (&funcs, sizeof (ReadySource));
  ReadySource *self = (ReadySource *) source;

  g_source_set_static_name (source, "HypervReadySource");
  self->channel = hyperv_channel_ref (channel);
  self->is_write = is_write;
  return source;
}
