/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Hyper-V sockets of Windows as a transport. */

#include "hyperv-transport.h"

#include "hyperv-connect.h"
#include "hyperv-listener.h"
#include "hyperv-names.h"
#include "hyperv-probe.h"
#include "hyperv-winsock.h"

/* How long a virtual machine may be silent until that counts as a refusal, in milliseconds: Hyper-V
 * has no other way to say that nobody listens. */
#define REFUSAL_TIMEOUT              1000

#define HVSOCK_TYPE_HYPERV_TRANSPORT (hvsock_hyperv_transport_get_type ())
G_DECLARE_FINAL_TYPE (HvsockHypervTransport,
                      hvsock_hyperv_transport,
                      HVSOCK,
                      HYPERV_TRANSPORT,
                      HvsockTransport)

struct _HvsockHypervTransport
{
  HvsockTransport parent_instance;
};

G_DEFINE_FINAL_TYPE (HvsockHypervTransport, hvsock_hyperv_transport, HVSOCK_TYPE_TRANSPORT)

static HvsockProbe *
hvsock_hyperv_transport_probe (HvsockTransport *transport, GCancellable *cancellable)
{
  return hyperv_probe ();
}

static const char *
get_vm_name (HvsockAddress *address)
{
  return HVSOCK_IS_HYPERV_ADDRESS (address)
             ? hvsock_hyperv_address_get_vm_name (HVSOCK_HYPERV_ADDRESS (address))
             : NULL;
}

static gboolean
hvsock_hyperv_transport_has_name (HvsockTransport *transport, HvsockAddress *address)
{
  return get_vm_name (address) != NULL;
}

static void
looked_up_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  HvsockHypervAddress *address = g_task_get_task_data (task);
  HvsockGuid vm_id;
  GError *error = NULL;

  if (hyperv_names_look_up_finish (result, &vm_id, &error))
    g_task_return_pointer (
        task, hvsock_hyperv_address_new (&vm_id, hvsock_hyperv_address_get_service_id (address)),
        g_object_unref);
  else
    g_task_return_error (task, error);
}

static void
hvsock_hyperv_transport_resolve_async (HvsockTransport *transport,
                                       HvsockAddress *address,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (transport, cancellable, callback, user_data);

  g_task_set_source_tag (task, hvsock_hyperv_transport_resolve_async);
  g_task_set_task_data (task, g_object_ref (address), g_object_unref);
  hyperv_names_look_up_async (get_vm_name (address), cancellable, looked_up_cb,
                              g_steal_pointer (&task));
}

static void
hvsock_hyperv_transport_connect_async (HvsockTransport *transport,
                                       HvsockAddress *address,
                                       guint timeout,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (transport, cancellable, callback, user_data);

  g_task_set_source_tag (task, hvsock_hyperv_transport_connect_async);
  hyperv_connect (address, timeout, task);
}

static HvsockListener *
hvsock_hyperv_transport_listen (HvsockTransport *transport,
                                HvsockAddress *address,
                                GCancellable *cancellable,
                                GError **error)
{
  HvsockListener *listener = hyperv_listener_new (address, error);

  if (listener == NULL)
    {
      g_autofree char *uri = hvsock_address_to_uri (address);

      g_prefix_error (error, "cannot listen on '%s': ", uri);
    }
  return listener;
}

static void
hvsock_hyperv_transport_class_init (HvsockHypervTransportClass *klass)
{
  HvsockTransportClass *transport_class = HVSOCK_TRANSPORT_CLASS (klass);
  WSADATA winsock;

  WSAStartup (MAKEWORD (2, 2), &winsock);
  transport_class->probe = hvsock_hyperv_transport_probe;
  transport_class->has_name = hvsock_hyperv_transport_has_name;
  transport_class->resolve_async = hvsock_hyperv_transport_resolve_async;
  transport_class->connect_async = hvsock_hyperv_transport_connect_async;
  transport_class->listen = hvsock_hyperv_transport_listen;
  transport_class->refusal_timeout = REFUSAL_TIMEOUT;
}

static void
hvsock_hyperv_transport_init (HvsockHypervTransport *self)
{
}
