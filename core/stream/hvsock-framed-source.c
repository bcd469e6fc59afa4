/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The wait of a pollable framed stream: for the base, unless there is nothing to wait for. */

#include "stream/hvsock-framed-link-private.h"

typedef struct
{
  GSource source;
  HvsockFramedLink *link;
  GIOCondition condition;
} FramedSource;

static gboolean
framed_source_prepare (GSource *source, int *timeout)
{
  FramedSource *self = (FramedSource *) source;

  *timeout = -1;
  return hvsock_framed_link_is_settled (self->link, self->condition);
}

static gboolean
framed_source_check (GSource *source)
{
  FramedSource *self = (FramedSource *) source;

  return hvsock_framed_link_is_settled (self->link, self->condition);
}

/* Its parent is dispatched as well. A wake-up was to look again. */
static gboolean
framed_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  g_source_set_ready_time (source, -1);
  return G_SOURCE_CONTINUE;
}

static void
framed_source_dispose (GSource *source)
{
  FramedSource *self = (FramedSource *) source;

  g_mutex_lock (&self->link->lock);
  self->link->sources = g_slist_remove (self->link->sources, source);
  g_mutex_unlock (&self->link->lock);
}

static void
framed_source_finalize (GSource *source)
{
  hvsock_framed_link_unref (((FramedSource *) source)->link);
}

static GSourceFuncs framed_source_funcs = {
  .prepare = framed_source_prepare,
  .check = framed_source_check,
  .dispatch = framed_source_dispatch,
  .finalize = framed_source_finalize,
};

static GSource *
create_base_source (HvsockFramedLink *link, GIOCondition condition)
{
  if (condition == G_IO_IN)
    return g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (link->base_input), NULL);
  return g_pollable_output_stream_create_source (G_POLLABLE_OUTPUT_STREAM (link->base_output),
                                                 NULL);
}

/* For @stream, one of the two of @link. */
GSource *
hvsock_framed_source_new (HvsockFramedLink *link,
                          gpointer stream,
                          GIOCondition condition,
                          GCancellable *cancellable)
{
  GSource *parent = g_pollable_source_new_full (stream, NULL, cancellable);
  g_autoptr (GSource) source = g_source_new (&framed_source_funcs, sizeof (FramedSource));
  g_autoptr (GSource) base_source = create_base_source (link, condition);
  FramedSource *self = (FramedSource *) source;

  g_source_set_static_name (source, "HvsockFramedSource");
  g_source_set_dispose_function (source, framed_source_dispose);
  self->link = hvsock_framed_link_ref (link);
  self->condition = condition;
  g_source_set_dummy_callback (base_source);
  g_source_add_child_source (source, base_source);
  g_source_add_child_source (parent, source);

  g_mutex_lock (&link->lock);
  link->sources = g_slist_prepend (link->sources, source);
  g_mutex_unlock (&link->lock);
  return parent;
}
