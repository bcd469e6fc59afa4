/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* AF_VSOCK of Linux as a transport. */

#include "vsock-transport.h"

#include "vsock-endpoint.h"
#include "vsock-names.h"
#include "vsock-probe.h"

#include <errno.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#define HVSOCK_TYPE_VSOCK_TRANSPORT (hvsock_vsock_transport_get_type ())
G_DECLARE_FINAL_TYPE (HvsockVsockTransport,
                      hvsock_vsock_transport,
                      HVSOCK,
                      VSOCK_TRANSPORT,
                      HvsockFdTransport)

/* A week, in milliseconds: as good as for ever. */
#define LONGEST_TIMEOUT (7 * 24 * 3600 * 1000u)

struct _HvsockVsockTransport
{
  HvsockFdTransport parent_instance;
};

G_DEFINE_FINAL_TYPE (HvsockVsockTransport, hvsock_vsock_transport, HVSOCK_TYPE_FD_TRANSPORT)

static HvsockProbe *
hvsock_vsock_transport_probe (HvsockTransport *transport, GCancellable *cancellable)
{
  return vsock_probe ();
}

static const char *
get_name (HvsockAddress *address)
{
  return HVSOCK_IS_VSOCK_ADDRESS (address)
             ? hvsock_vsock_address_get_name (HVSOCK_VSOCK_ADDRESS (address))
             : NULL;
}

static gboolean
hvsock_vsock_transport_has_name (HvsockTransport *transport, HvsockAddress *address)
{
  return get_name (address) != NULL;
}

static void
looked_up_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  HvsockVsockAddress *address = g_task_get_task_data (task);
  guint32 cid;
  GError *error = NULL;

  if (vsock_names_look_up_finish (result, &cid, &error))
    g_task_return_pointer (
        task,
        hvsock_vsock_address_new_full (cid, hvsock_vsock_address_get_port (address),
                                       hvsock_vsock_address_get_socket_type (address),
                                       hvsock_vsock_address_get_buffer_size (address)),
        g_object_unref);
  else
    g_task_return_error (task, error);
}

static void
hvsock_vsock_transport_resolve_async (HvsockTransport *transport,
                                      HvsockAddress *address,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (transport, cancellable, callback, user_data);

  g_task_set_source_tag (task, hvsock_vsock_transport_resolve_async);
  g_task_set_task_data (task, g_object_ref (address), g_object_unref);
  vsock_names_look_up_async (get_name (address), cancellable, looked_up_cb,
                             g_steal_pointer (&task));
}

/* The system gives up after 2 s by itself, whatever the caller's deadline is. It refuses times that
 * its ticks cannot count, so the longest is one that all systems can. */
static void
set_connect_timeout (int fd, guint timeout)
{
  const guint most = timeout == 0 ? LONGEST_TIMEOUT : MIN (timeout, LONGEST_TIMEOUT);
  struct timeval limit = { .tv_sec = most / 1000, .tv_usec = most % 1000 * 1000 };

  setsockopt (fd, AF_VSOCK, SO_VM_SOCKETS_CONNECT_TIMEOUT, &limit, sizeof limit);
}

static int
hvsock_vsock_transport_open_socket (HvsockFdTransport *transport,
                                    HvsockAddress *address,
                                    guint timeout,
                                    HvsockSocketTarget *target,
                                    GError **error)
{
  VsockEndpoint endpoint;
  int fd;

  if (!vsock_endpoint_init (&endpoint, address, error))
    return -1;

  fd = vsock_endpoint_open_socket (&endpoint, error);
  if (fd < 0)
    return -1;

  set_connect_timeout (fd, timeout);
  memcpy (&target->native, &endpoint.native, sizeof endpoint.native);
  target->length = sizeof endpoint.native;
  return fd;
}

static const char *
hvsock_vsock_transport_get_remedy (HvsockFdTransport *transport, HvsockAddress *address, int errsv)
{
  switch (errsv)
    {
    case ECONNRESET:
      return "nobody listens on this port there";
    case ENODEV:
      return "no virtual machine has this CID, or the kernel module that leads to it is not loaded "
             "(vhost_vsock on a host, vmw_vsock_virtio_transport or hv_sock in a guest, "
             "vsock_loopback for CID 1)";
    case ETIMEDOUT:
      return "no virtual machine with this CID answers: it may be starting or stopped";
    default:
      return NULL;
    }
}

static const char *
get_bind_remedy (int errsv)
{
  switch (errsv)
    {
    case EACCES:
      return ": ports below 1024 need the capability CAP_NET_BIND_SERVICE";
    case EADDRINUSE:
      return ": another program listens on this port";
    case EADDRNOTAVAIL:
      return ": this machine does not have this CID";
    default:
      return "";
    }
}

/* The address with the port that the system has found, if that was asked for. */
static HvsockAddress *
get_bound_address (int fd, HvsockAddress *address, const VsockEndpoint *endpoint)
{
  struct sockaddr_vm bound;
  socklen_t length = sizeof bound;

  if (!HVSOCK_IS_VSOCK_ADDRESS (address) || endpoint->native.svm_port != VMADDR_PORT_ANY ||
      getsockname (fd, (struct sockaddr *) &bound, &length) != 0)
    return g_object_ref (address);

  return hvsock_vsock_address_new_full (endpoint->native.svm_cid, bound.svm_port, endpoint->type,
                                        endpoint->buffer_size);
}

static HvsockListener *
listen_at (HvsockAddress *address, GError **error)
{
  g_autoptr (HvsockAddress) bound = NULL;
  g_autoptr (HvsockListener) listener = NULL;
  VsockEndpoint endpoint;
  int fd;

  if (!vsock_endpoint_init (&endpoint, address, error))
    return NULL;

  fd = vsock_endpoint_open_socket (&endpoint, error);
  if (fd < 0)
    return NULL;

  if (bind (fd, (struct sockaddr *) &endpoint.native, sizeof endpoint.native) != 0 ||
      listen (fd, SOMAXCONN) != 0)
    {
      int errsv = errno;

      g_set_error (error, G_IO_ERROR, hvsock_io_error_from_bind_errno (errsv), "%s%s",
                   g_strerror (errsv), get_bind_remedy (errsv));
      close (fd);
      return NULL;
    }

  bound = get_bound_address (fd, address, &endpoint);
  listener = hvsock_listener_new_for_fd (fd, bound, error);
  if (listener == NULL)
    close (fd);
  return g_steal_pointer (&listener);
}

static HvsockListener *
hvsock_vsock_transport_listen (HvsockTransport *transport,
                               HvsockAddress *address,
                               GCancellable *cancellable,
                               GError **error)
{
  HvsockListener *listener = listen_at (address, error);

  if (listener == NULL)
    {
      g_autofree char *uri = hvsock_address_to_uri (address);

      g_prefix_error (error, "cannot listen on '%s': ", uri);
    }
  return listener;
}

static void
hvsock_vsock_transport_class_init (HvsockVsockTransportClass *klass)
{
  HvsockTransportClass *transport_class = HVSOCK_TRANSPORT_CLASS (klass);
  HvsockFdTransportClass *fd_class = HVSOCK_FD_TRANSPORT_CLASS (klass);

  transport_class->probe = hvsock_vsock_transport_probe;
  transport_class->has_name = hvsock_vsock_transport_has_name;
  transport_class->resolve_async = hvsock_vsock_transport_resolve_async;
  transport_class->listen = hvsock_vsock_transport_listen;
  fd_class->open_socket = hvsock_vsock_transport_open_socket;
  fd_class->get_remedy = hvsock_vsock_transport_get_remedy;
}

static void
hvsock_vsock_transport_init (HvsockVsockTransport *self)
{
}
