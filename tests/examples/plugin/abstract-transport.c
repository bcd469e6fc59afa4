/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Linux's abstract Unix sockets: names that are no files and vanish with their listener, see
 * unix(7). The library connects, waits, reads and writes; a transport over descriptors only says
 * what to connect, and where. All of these functions may be called from any thread. */

#include "abstract-address.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ABSTRACT_TYPE_TRANSPORT (abstract_transport_get_type ())
G_DECLARE_FINAL_TYPE (AbstractTransport, abstract_transport, ABSTRACT, TRANSPORT, HvsockFdTransport)

struct _AbstractTransport
{
  HvsockFdTransport parent_instance;
};

G_DEFINE_FINAL_TYPE (AbstractTransport, abstract_transport, HVSOCK_TYPE_FD_TRANSPORT)

/* For each URI of our scheme. A scheme that the library knows itself needs none of this. */
static HvsockAddress *
abstract_transport_parse_address (HvsockTransport *transport, const char *uri, GError **error)
{
  return abstract_address_new_from_uri (uri, error);
}

/* Whether the transport works on this machine; it may look, but connects to nobody. Ours always
 * does. Another may return hvsock_probe_new_unavailable() with the reason and what helps. */
static HvsockProbe *
abstract_transport_probe (HvsockTransport *transport, GCancellable *cancellable)
{
  return hvsock_probe_new_available (HVSOCK_FEATURE_CONNECT | HVSOCK_FEATURE_LISTEN |
                                     HVSOCK_FEATURE_STREAM | HVSOCK_FEATURE_HALF_CLOSE);
}

/* The library connects the socket, within its deadline, cancellable, and closes it on failure. The
 * socket must be non-blocking and close-on-exec. An error need not name the address. */
static int
abstract_transport_open_socket (HvsockFdTransport *transport,
                                HvsockAddress *address,
                                guint timeout,
                                HvsockSocketTarget *target,
                                GError **error)
{
  const char *name = abstract_address_get_name (ABSTRACT_ADDRESS (address));
  struct sockaddr_un native = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  if (fd < 0)
    {
      int errsv = errno;

      g_set_error (error, G_IO_ERROR, hvsock_io_error_from_connect_errno (errsv), "%s",
                   g_strerror (errsv));
      return -1;
    }

  /* A NUL before the name makes it abstract; the length alone says where it ends. */
  memcpy (native.sun_path + 1, name, strlen (name));
  memcpy (&target->native, &native, sizeof native);
  target->length = offsetof (struct sockaddr_un, sun_path) + 1 + strlen (name);
  return fd;
}

/* Here the error is the caller's as it is, so it names the operation and the URI. */
static HvsockListener *
abstract_transport_listen (HvsockTransport *transport,
                           HvsockAddress *address,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autofree char *uri = hvsock_address_to_uri (address);
  HvsockSocketTarget target;
  int fd;

  fd = abstract_transport_open_socket (HVSOCK_FD_TRANSPORT (transport), address, 0, &target, error);
  if (fd < 0)
    {
      g_prefix_error (error, "cannot listen on '%s': ", uri);
      return NULL;
    }

  if (bind (fd, (struct sockaddr *) &target.native, target.length) != 0 ||
      listen (fd, SOMAXCONN) != 0)
    {
      int errsv = errno;

      g_set_error (error, G_IO_ERROR, hvsock_io_error_from_bind_errno (errsv),
                   "cannot listen on '%s': %s", uri, g_strerror (errsv));
      close (fd);
      return NULL;
    }

  return hvsock_listener_new_for_fd (fd, address, error);
}

static void
abstract_transport_class_init (AbstractTransportClass *klass)
{
  HvsockTransportClass *transport_class = HVSOCK_TRANSPORT_CLASS (klass);

  transport_class->parse_address = abstract_transport_parse_address;
  transport_class->probe = abstract_transport_probe;
  transport_class->listen = abstract_transport_listen;
  HVSOCK_FD_TRANSPORT_CLASS (klass)->open_socket = abstract_transport_open_socket;
}

static void
abstract_transport_init (AbstractTransport *self)
{
}

/* The one symbol that the module exports. Name and schemes are those of the key file. */
HVSOCK_PLUGIN_DEFINE (abstract, PLUGIN_VERSION, abstract_transport_get_type, "abstract")
