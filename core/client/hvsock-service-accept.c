/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* From a listener of a service to the application: accepting, letting in, and handing over. */

#include "client/hvsock-service-private.h"

#include "client/hvsock-first-byte-private.h"

/* A connection on its way to the application. */
typedef struct
{
  GWeakRef service;
  HvsockListener *listener;
  HvsockConnection *connection;
} Incoming;

static Incoming *
incoming_new (HvsockService *service, HvsockListener *listener, HvsockConnection *connection)
{
  Incoming *self = g_new0 (Incoming, 1);

  g_weak_ref_init (&self->service, service);
  self->listener = g_object_ref (listener);
  self->connection = g_object_ref (connection);
  return self;
}

static void
incoming_free (gpointer data)
{
  Incoming *self = data;

  g_weak_ref_clear (&self->service);
  g_object_unref (self->listener);
  g_object_unref (self->connection);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Incoming, incoming_free)

/* A peer must not hold up the others by how long its end takes. */
static void
close_in_background (HvsockConnection *connection)
{
  g_io_stream_close_async (G_IO_STREAM (connection), G_PRIORITY_DEFAULT, NULL, NULL, NULL);
}

/* Nothing but closing, by a drain, is done to a connection on its way. */
static gboolean
is_closing (HvsockConnection *connection)
{
  GIOStream *stream = G_IO_STREAM (connection);

  return g_io_stream_has_pending (stream) || g_io_stream_is_closed (stream);
}

static void
serve (Incoming *self)
{
  g_autoptr (HvsockService) service = g_weak_ref_get (&self->service);

  if (service != NULL && !is_closing (self->connection))
    hvsock_service_emit_incoming (service, self->connection, self->listener);
}

void
hvsock_service_serve_in_thread (gpointer data, gpointer user_data)
{
  g_autoptr (Incoming) self = data;

  serve (self);
}

static void
hand_over (HvsockService *self, Incoming *incoming)
{
  g_autoptr (Incoming) taken = incoming;

  if (self->threads == NULL)
    serve (taken);
  else
    g_thread_pool_push (self->threads, g_steal_pointer (&taken), NULL);
}

static void
first_byte_cb (HvsockConnection *connection, gboolean has_spoken, gpointer data)
{
  Incoming *incoming = data;
  g_autoptr (HvsockService) self = g_weak_ref_get (&incoming->service);

  if (self == NULL)
    return;

  if (has_spoken)
    hand_over (self, incoming_new (self, incoming->listener, connection));
  else
    {
      hvsock_admission_count_silent (self->admission);
      close_in_background (connection);
    }
}

/* One that was accepted just before the service was stopped is served; not so after the drain,
 * which gives up the listeners. */
static void
take (HvsockService *self, HvsockListener *listener, HvsockConnection *connection)
{
  if (!g_ptr_array_find (self->listeners, listener, NULL) ||
      !hvsock_admission_admit (self->admission, connection))
    close_in_background (connection);
  else if (self->first_byte_timeout == 0)
    hand_over (self, incoming_new (self, listener, connection));
  else
    hvsock_first_byte_await (connection, self->first_byte_timeout, first_byte_cb,
                             incoming_new (self, listener, connection), incoming_free);
}

/* One accept. The service need not outlive it. */
typedef struct
{
  GWeakRef service;
  GCancellable *running;
} Accept;

static void
accept_free (Accept *self)
{
  g_weak_ref_clear (&self->service);
  g_object_unref (self->running);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Accept, accept_free)

/* A service that was started anew meanwhile has another accept under way. */
static void
accepted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Accept) accept = user_data;
  g_autoptr (HvsockService) self = g_weak_ref_get (&accept->service);
  HvsockListener *listener = HVSOCK_LISTENER (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockConnection) connection =
      hvsock_listener_accept_finish (listener, result, &error);

  if (self == NULL)
    return;
  if (connection != NULL)
    take (self, listener, connection);
  if (self->running != accept->running)
    return;

  if (connection != NULL)
    hvsock_service_accept_next (self, listener);
  else
    hvsock_service_emit_listener_failed (self, listener, error);
}

void
hvsock_service_accept_next (HvsockService *self, HvsockListener *listener)
{
  Accept *accept = g_new0 (Accept, 1);

  g_weak_ref_init (&accept->service, self);
  accept->running = g_object_ref (self->running);
  hvsock_listener_accept_async (listener, self->running, accepted_cb, accept);
}
