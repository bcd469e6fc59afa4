/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A listener whose connections speak the shutdown framing. */

#include "stream/hvsock-framed-listener-private.h"

#include <hvsock/hvsock-framed-connection.h>

#define HVSOCK_TYPE_FRAMED_LISTENER (hvsock_framed_listener_get_type ())
G_DECLARE_FINAL_TYPE (HvsockFramedListener,
                      hvsock_framed_listener,
                      HVSOCK,
                      FRAMED_LISTENER,
                      HvsockListener)

struct _HvsockFramedListener
{
  HvsockListener parent_instance;

  HvsockListener *base;
};

G_DEFINE_FINAL_TYPE (HvsockFramedListener, hvsock_framed_listener, HVSOCK_TYPE_LISTENER)

/* Takes @accepted, which may be %NULL. */
static HvsockConnection *
wrap (HvsockListener *listener, HvsockConnection *accepted)
{
  g_autoptr (HvsockConnection) base = accepted;
  HvsockAddress *local_address = hvsock_listener_get_local_address (listener);

  if (base == NULL)
    return NULL;

  /* One that stands for several: the base knows which of them it was. */
  if (local_address != NULL && hvsock_address_is_listen_only (local_address))
    local_address = NULL;
  return g_object_new (HVSOCK_TYPE_FRAMED_CONNECTION, "base", base, "local-address", local_address,
                       "remote-address", hvsock_connection_get_remote_address (base), NULL);
}

static HvsockConnection *
hvsock_framed_listener_accept (HvsockListener *listener, GCancellable *cancellable, GError **error)
{
  HvsockListener *base = HVSOCK_FRAMED_LISTENER (listener)->base;

  return wrap (listener, hvsock_listener_accept (base, cancellable, error));
}

static void
accepted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  HvsockConnection *accepted =
      hvsock_listener_accept_finish (HVSOCK_LISTENER (source), result, &error);

  if (accepted != NULL)
    g_task_return_pointer (task, wrap (g_task_get_source_object (task), accepted), g_object_unref);
  else
    g_task_return_error (task, error);
}

static void
hvsock_framed_listener_accept_async (HvsockListener *listener,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  GTask *task = g_task_new (listener, cancellable, callback, user_data);

  g_task_set_source_tag (task, hvsock_framed_listener_accept_async);
  /* A peer that was accepted is handed over even when the cancellation comes in between. */
  g_task_set_check_cancellable (task, FALSE);
  hvsock_listener_accept_async (HVSOCK_FRAMED_LISTENER (listener)->base, cancellable, accepted_cb,
                                task);
}

static HvsockConnection *
hvsock_framed_listener_accept_finish (HvsockListener *listener,
                                      GAsyncResult *result,
                                      GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, listener), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
hvsock_framed_listener_close (HvsockListener *listener)
{
  hvsock_listener_close (HVSOCK_FRAMED_LISTENER (listener)->base);
}

static void
hvsock_framed_listener_finalize (GObject *object)
{
  g_object_unref (HVSOCK_FRAMED_LISTENER (object)->base);
  G_OBJECT_CLASS (hvsock_framed_listener_parent_class)->finalize (object);
}

static void
hvsock_framed_listener_class_init (HvsockFramedListenerClass *klass)
{
  HvsockListenerClass *listener_class = HVSOCK_LISTENER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = hvsock_framed_listener_finalize;
  listener_class->accept = hvsock_framed_listener_accept;
  listener_class->accept_async = hvsock_framed_listener_accept_async;
  listener_class->accept_finish = hvsock_framed_listener_accept_finish;
  listener_class->close = hvsock_framed_listener_close;
}

static void
hvsock_framed_listener_init (HvsockFramedListener *self)
{
}

/* Takes @base, whose address is @local_address, with framing. */
HvsockListener *
hvsock_framed_listener_new (HvsockListener *base, HvsockAddress *local_address)
{
  HvsockFramedListener *self =
      g_object_new (HVSOCK_TYPE_FRAMED_LISTENER, "local-address", local_address, NULL);

  self->base = base;
  return HVSOCK_LISTENER (self);
}
