/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A plain Unix socket as a transport: the shortest example of one. */

#include "unix-transport.h"

#define HVSOCK_TYPE_UNIX_TRANSPORT (hvsock_unix_transport_get_type ())
G_DECLARE_FINAL_TYPE (HvsockUnixTransport,
                      hvsock_unix_transport,
                      HVSOCK,
                      UNIX_TRANSPORT,
                      HvsockFdTransport)

struct _HvsockUnixTransport
{
  HvsockFdTransport parent_instance;
};

G_DEFINE_FINAL_TYPE (HvsockUnixTransport, hvsock_unix_transport, HVSOCK_TYPE_FD_TRANSPORT)

static HvsockProbe *
hvsock_unix_transport_probe (HvsockTransport *transport, GCancellable *cancellable)
{
  return hvsock_probe_new_available (HVSOCK_FEATURE_CONNECT | HVSOCK_FEATURE_LISTEN |
                                     HVSOCK_FEATURE_STREAM | HVSOCK_FEATURE_HALF_CLOSE);
}

static int
hvsock_unix_transport_open_socket (HvsockFdTransport *transport,
                                   HvsockAddress *address,
                                   guint timeout,
                                   HvsockSocketTarget *target,
                                   GError **error)
{
  const char *path = hvsock_unix_address_get_path (HVSOCK_UNIX_ADDRESS (address));

  return hvsock_unix_socket_open (path, target, error);
}

static HvsockListener *
hvsock_unix_transport_listen (HvsockTransport *transport,
                              HvsockAddress *address,
                              GCancellable *cancellable,
                              GError **error)
{
  const char *path = hvsock_unix_address_get_path (HVSOCK_UNIX_ADDRESS (address));

  return hvsock_unix_socket_listen (path, address, error);
}

static void
hvsock_unix_transport_class_init (HvsockUnixTransportClass *klass)
{
  HVSOCK_TRANSPORT_CLASS (klass)->probe = hvsock_unix_transport_probe;
  HVSOCK_TRANSPORT_CLASS (klass)->listen = hvsock_unix_transport_listen;
  HVSOCK_FD_TRANSPORT_CLASS (klass)->open_socket = hvsock_unix_transport_open_socket;
}

static void
hvsock_unix_transport_init (HvsockUnixTransport *self)
{
}
