/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A blocking call made of an asynchronous one. The operation is begun and waited for between
 * hvsock_blocking_call_begin() and _end(), with hvsock_blocking_call_cb() as its callback. */

#include "stream/hvsock-blocking-call-private.h"

void
hvsock_blocking_call_begin (HvsockBlockingCall *self, GCancellable *cancellable)
{
  self->context = g_main_context_new ();
  self->cancellable = cancellable;
  self->result = NULL;
  g_main_context_push_thread_default (self->context);
}

void
hvsock_blocking_call_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  HvsockBlockingCall *self = user_data;

  self->result = g_object_ref (result);
}

void
hvsock_blocking_call_wait (HvsockBlockingCall *self)
{
  while (self->result == NULL)
    g_main_context_iteration (self->context, TRUE);
}

static void
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
}

/* The operation may have waited for the cancellable by a source of GLib's, and GLib 2.74 uses the
 * context of one in the thread that cancels without a reference. So a cancellation that is on its
 * way is waited for, as disconnecting from it does. */
static void
wait_for_cancellation (GCancellable *cancellable)
{
  gulong id = g_signal_connect (cancellable, "cancelled", G_CALLBACK (cancelled_cb), NULL);

  g_cancellable_disconnect (cancellable, id);
}

void
hvsock_blocking_call_end (HvsockBlockingCall *self)
{
  g_main_context_pop_thread_default (self->context);
  g_object_unref (self->result);
  if (self->cancellable != NULL)
    wait_for_cancellation (self->cancellable);
  g_main_context_unref (self->context);
}
