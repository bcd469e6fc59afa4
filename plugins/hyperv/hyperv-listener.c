/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Listening on a Hyper-V socket. */

#include "hyperv-listener.h"

#include "hyperv-accept.h"
#include "hyperv-endpoint.h"
#include "hyperv-error.h"

#define HVSOCK_TYPE_HYPERV_LISTENER (hvsock_hyperv_listener_get_type ())
G_DECLARE_FINAL_TYPE (HvsockHypervListener,
                      hvsock_hyperv_listener,
                      HVSOCK,
                      HYPERV_LISTENER,
                      HvsockListener)

struct _HvsockHypervListener
{
  HvsockListener parent_instance;

  HypervListening listening;
};

G_DEFINE_FINAL_TYPE (HvsockHypervListener, hvsock_hyperv_listener, HVSOCK_TYPE_LISTENER)

static void
hvsock_hyperv_listener_accept_async (HvsockListener *listener,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (listener, cancellable, callback, user_data);

  g_task_set_source_tag (task, hvsock_hyperv_listener_accept_async);
  hyperv_accept (&HVSOCK_HYPERV_LISTENER (listener)->listening, task);
}

static HvsockConnection *
hvsock_hyperv_listener_accept_finish (HvsockListener *listener,
                                      GAsyncResult *result,
                                      GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, listener), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* The system ends the calls that are under way. */
static void
hvsock_hyperv_listener_close (HvsockListener *listener)
{
  HypervListening *listening = &HVSOCK_HYPERV_LISTENER (listener)->listening;

  g_mutex_lock (&listening->lock);
  if (listening->socket != INVALID_SOCKET)
    closesocket (listening->socket);
  listening->socket = INVALID_SOCKET;
  g_mutex_unlock (&listening->lock);
}

static void
hvsock_hyperv_listener_finalize (GObject *object)
{
  g_mutex_clear (&HVSOCK_HYPERV_LISTENER (object)->listening.lock);
  G_OBJECT_CLASS (hvsock_hyperv_listener_parent_class)->finalize (object);
}

static void
hvsock_hyperv_listener_class_init (HvsockHypervListenerClass *klass)
{
  HvsockListenerClass *listener_class = HVSOCK_LISTENER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = hvsock_hyperv_listener_finalize;
  listener_class->accept_async = hvsock_hyperv_listener_accept_async;
  listener_class->accept_finish = hvsock_hyperv_listener_accept_finish;
  listener_class->close = hvsock_hyperv_listener_close;
}

static void
hvsock_hyperv_listener_init (HvsockHypervListener *self)
{
  g_mutex_init (&self->listening.lock);
  self->listening.socket = INVALID_SOCKET;
}

static const char *
get_bind_remedy (DWORD error)
{
  switch (error)
    {
    case WSAEADDRINUSE:
      return ": another program listens on this service";
    case WSAEADDRNOTAVAIL:
      return ": no running virtual machine has this GUID";
    case WSAEACCES:
      return ": run as Administrator";
    default:
      return "";
    }
}

/* Returns a system error code, or 0. */
static DWORD
begin_to_listen (HypervListening *self, const SOCKADDR_HV *native)
{
  const GUID accept_ex = WSAID_ACCEPTEX;
  DWORD error;

  self->socket = hyperv_socket_open (&error);
  if (self->socket == INVALID_SOCKET)
    return error;

  self->accept_ex = hyperv_socket_get_extension (self->socket, accept_ex);
  if (self->accept_ex == NULL ||
      bind (self->socket, (const struct sockaddr *) native, sizeof *native) != 0 ||
      listen (self->socket, SOMAXCONN) != 0)
    return WSAGetLastError ();
  return ERROR_SUCCESS;
}

/* The error does not name @address. */
HvsockListener *
hyperv_listener_new (HvsockAddress *address, GError **error)
{
  g_autoptr (HvsockHypervListener) self = NULL;
  SOCKADDR_HV native;
  DWORD reason;

  if (!hyperv_endpoint_init (&native, address, error))
    return NULL;

  self = g_object_new (HVSOCK_TYPE_HYPERV_LISTENER, "local-address", address, NULL);
  reason = begin_to_listen (&self->listening, &native);
  if (reason != ERROR_SUCCESS)
    {
      g_autofree char *text = hyperv_error_describe (reason);

      g_set_error (error, G_IO_ERROR, hyperv_error_from_bind (reason), "%s%s", text,
                   get_bind_remedy (reason));
      return NULL;
    }
  return HVSOCK_LISTENER (g_steal_pointer (&self));
}
