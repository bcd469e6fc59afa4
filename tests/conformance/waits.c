/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* How scenarios wait: for events only, and as long as it takes, since a deadline bounds each
 * scenario. */

#include "waits.h"

#include "watch.h"

struct _ConformanceThread
{
  GThread *thread;
  GThreadFunc func;
  gpointer data;
  ConformanceWatch *watch; /* atomic; NULL before it runs */
};

static void
iterate (void)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

  g_main_context_iteration (context, TRUE);
}

void
conformance_result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **place = user_data;

  g_assert_null (*place);
  *place = g_object_ref (result);
}

void
conformance_wait (GAsyncResult **result)
{
  while (*result == NULL)
    iterate ();
}

typedef struct
{
  GCancellable *cancellable;
  GAsyncResult **result;
} Cancellation;

static gboolean
cancel_cb (gpointer user_data)
{
  Cancellation *self = user_data;

  g_assert_null (*self->result);
  g_cancellable_cancel (self->cancellable);
  g_assert_null (*self->result);
  return G_SOURCE_REMOVE;
}

/* Cancels what waits, and waits for its result. It is cancelled by a callback of the main loop that
 * the result comes in, as a button does it: the result must not come before that has returned,
 * since who gets it may disconnect from the cancellable, which would wait for the cancellation to
 * end. */
void
conformance_cancel (GCancellable *cancellable, GAsyncResult **result)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  g_autoptr (GSource) source = g_idle_source_new ();
  Cancellation cancellation = { cancellable, result };

  g_source_set_callback (source, cancel_cb, &cancellation, NULL);
  g_source_attach (source, context);
  conformance_wait (result);
}

gboolean
conformance_flag_cb (gpointer user_data)
{
  gboolean *flag = user_data;

  *flag = TRUE;
  return G_SOURCE_REMOVE;
}

void
conformance_wait_flag (gboolean *flag)
{
  while (!*flag)
    iterate ();
}

/* Dispatches whatever is ready, so that pending operations have had their try. */
void
conformance_turn (void)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

  while (g_main_context_iteration (context, FALSE))
    continue;
}

gboolean
conformance_pollable_cb (GObject *stream, gpointer user_data)
{
  g_assert_true (G_IS_POLLABLE_INPUT_STREAM (stream) || G_IS_POLLABLE_OUTPUT_STREAM (stream));
  return conformance_flag_cb (user_data);
}

static void
wait_source (GSource *source)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  gboolean is_ready = FALSE;

  g_source_set_callback (source, G_SOURCE_FUNC (conformance_pollable_cb), &is_ready, NULL);
  g_source_attach (source, context);
  conformance_wait_flag (&is_ready);
  g_source_destroy (source);
}

/* Until @stream is readable, or closed, or @cancellable is cancelled. */
void
conformance_wait_readable (GInputStream *stream, GCancellable *cancellable)
{
  g_autoptr (GSource) source =
      g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (stream), cancellable);

  wait_source (source);
}

void
conformance_wait_writable (GOutputStream *stream, GCancellable *cancellable)
{
  g_autoptr (GSource) source =
      g_pollable_output_stream_create_source (G_POLLABLE_OUTPUT_STREAM (stream), cancellable);

  wait_source (source);
}

static gpointer
run (gpointer data)
{
  ConformanceThread *self = data;

  g_atomic_pointer_set (&self->watch, conformance_watch_new ());
  return self->func (self->data);
}

/* Can be watched as soon as this returns: later, a scenario may have no descriptor left. */
ConformanceThread *
conformance_thread_new (GThreadFunc func, gpointer data)
{
  ConformanceThread *self = g_new0 (ConformanceThread, 1);

  self->func = func;
  self->data = data;
  self->thread = g_thread_new ("conformance", run, self);
  while (g_atomic_pointer_get (&self->watch) == NULL)
    g_thread_yield ();
  return self;
}

/* Until the thread waits in the system, most likely in the call that the scenario is about; or is
 * gone. */
void
conformance_thread_wait_asleep (ConformanceThread *self)
{
  while (!conformance_watch_is_asleep (self->watch))
    g_thread_yield ();
}

gpointer
conformance_thread_join (ConformanceThread *self)
{
  gpointer result = g_thread_join (self->thread);

  conformance_watch_free (self->watch);
  g_free (self);
  return result;
}
