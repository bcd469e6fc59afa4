/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Hyperkit's virtio-vsock device, which gives Unix sockets to the host's programs: one to ask for a
 * guest's port, and one for each port that guests reach on the host. */

#include "hyperkit-transport.h"

#include <errno.h>

#define HVSOCK_TYPE_HYPERKIT_TRANSPORT (hvsock_hyperkit_transport_get_type ())
G_DECLARE_FINAL_TYPE (HvsockHyperkitTransport,
                      hvsock_hyperkit_transport,
                      HVSOCK,
                      HYPERKIT_TRANSPORT,
                      HvsockFdTransport)

struct _HvsockHyperkitTransport
{
  HvsockFdTransport parent_instance;
};

G_DEFINE_FINAL_TYPE (HvsockHyperkitTransport, hvsock_hyperkit_transport, HVSOCK_TYPE_FD_TRANSPORT)

/* The sockets belong to virtual machines and not to the machine, so there is nothing to look at. */
static HvsockProbe *
hvsock_hyperkit_transport_probe (HvsockTransport *transport, GCancellable *cancellable)
{
  return hvsock_probe_new_available (HVSOCK_FEATURE_CONNECT | HVSOCK_FEATURE_LISTEN |
                                     HVSOCK_FEATURE_STREAM | HVSOCK_FEATURE_HALF_CLOSE);
}

static int
hvsock_hyperkit_transport_open_socket (HvsockFdTransport *transport,
                                       HvsockAddress *address,
                                       guint timeout,
                                       HvsockSocketTarget *target,
                                       GError **error)
{
  HvsockHyperkitAddress *hyperkit = HVSOCK_HYPERKIT_ADDRESS (address);
  g_autofree char *path =
      g_build_filename (hvsock_hyperkit_address_get_directory (hyperkit), "connect", NULL);

  return hvsock_unix_socket_open (path, target, error);
}

/* Hyperkit reads once, in the thread that serves all of the guest's sockets, and never answers. */
static gsize
hvsock_hyperkit_transport_get_greeting (HvsockFdTransport *transport,
                                        HvsockAddress *address,
                                        char greeting[HVSOCK_GREETING_MAX])
{
  HvsockHyperkitAddress *hyperkit = HVSOCK_HYPERKIT_ADDRESS (address);

  return g_snprintf (greeting, HVSOCK_GREETING_MAX, "%08x.%08x\n",
                     hvsock_hyperkit_address_get_guest_cid (hyperkit),
                     hvsock_hyperkit_address_get_port (hyperkit));
}

static const char *
hvsock_hyperkit_transport_get_remedy (HvsockFdTransport *transport,
                                      HvsockAddress *address,
                                      int errsv)
{
  switch (errsv)
    {
    case ENOENT:
      return "no virtual machine keeps its sockets in this directory";
    case ECONNREFUSED:
      return "the virtual machine of this directory does not run";
    default:
      return NULL;
    }
}

static HvsockListener *
hvsock_hyperkit_transport_listen (HvsockTransport *transport,
                                  HvsockAddress *address,
                                  GCancellable *cancellable,
                                  GError **error)
{
  HvsockHyperkitAddress *hyperkit = HVSOCK_HYPERKIT_ADDRESS (address);
  g_autofree char *name =
      g_strdup_printf ("%08x.%08x", HVSOCK_CID_HOST, hvsock_hyperkit_address_get_port (hyperkit));
  g_autofree char *path =
      g_build_filename (hvsock_hyperkit_address_get_directory (hyperkit), name, NULL);

  return hvsock_unix_socket_listen (path, address, error);
}

static void
hvsock_hyperkit_transport_class_init (HvsockHyperkitTransportClass *klass)
{
  HvsockTransportClass *transport_class = HVSOCK_TRANSPORT_CLASS (klass);
  HvsockFdTransportClass *fd_class = HVSOCK_FD_TRANSPORT_CLASS (klass);

  transport_class->probe = hvsock_hyperkit_transport_probe;
  transport_class->listen = hvsock_hyperkit_transport_listen;
  fd_class->open_socket = hvsock_hyperkit_transport_open_socket;
  fd_class->get_greeting = hvsock_hyperkit_transport_get_greeting;
  fd_class->get_remedy = hvsock_hyperkit_transport_get_remedy;
}

static void
hvsock_hyperkit_transport_init (HvsockHyperkitTransport *self)
{
}
