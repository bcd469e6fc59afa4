/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The vsock device of hypervisors that need no kernel module for it: Firecracker, Cloud Hypervisor,
 * vhost-device-vsock. A virtual machine has one Unix socket, at which the host's programs ask for a
 * port of the guest and are told whether they have it; for each port that guests reach on the host
 * there is one more socket. The three differ, and what is done here suits them all. */

#include "mux-transport.h"

#include <errno.h>
#include <string.h>

/* What an answer begins with. A number follows, which is not the same thing in all of them. */
#define ACCEPTED "OK "

/* The longest answer, with its newline. */
#define ANSWER_MAX                32

#define HVSOCK_TYPE_MUX_TRANSPORT (hvsock_mux_transport_get_type ())
G_DECLARE_FINAL_TYPE (HvsockMuxTransport,
                      hvsock_mux_transport,
                      HVSOCK,
                      MUX_TRANSPORT,
                      HvsockFdTransport)

struct _HvsockMuxTransport
{
  HvsockFdTransport parent_instance;
};

G_DEFINE_FINAL_TYPE (HvsockMuxTransport, hvsock_mux_transport, HVSOCK_TYPE_FD_TRANSPORT)

/* The sockets belong to virtual machines and not to the machine, so there is nothing to look at. */
static HvsockProbe *
hvsock_mux_transport_probe (HvsockTransport *transport, GCancellable *cancellable)
{
  HvsockProbe *probe = hvsock_probe_new_available (HVSOCK_FEATURE_CONNECT | HVSOCK_FEATURE_LISTEN |
                                                   HVSOCK_FEATURE_STREAM);

  hvsock_probe_add_detail (probe, "half-close", "depends on the hypervisor, so it is refused");
  return probe;
}

static int
hvsock_mux_transport_open_socket (HvsockFdTransport *transport,
                                  HvsockAddress *address,
                                  guint timeout,
                                  HvsockSocketTarget *target,
                                  GError **error)
{
  return hvsock_unix_socket_open (hvsock_mux_address_get_path (HVSOCK_MUX_ADDRESS (address)),
                                  target, error);
}

static gsize
hvsock_mux_transport_get_greeting (HvsockFdTransport *transport,
                                   HvsockAddress *address,
                                   char greeting[HVSOCK_GREETING_MAX])
{
  return g_snprintf (greeting, HVSOCK_GREETING_MAX, "CONNECT %u\n",
                     hvsock_mux_address_get_port (HVSOCK_MUX_ADDRESS (address)));
}

static gboolean
is_answer (const char *reply, gsize length)
{
  if (memcmp (reply, ACCEPTED, MIN (length, strlen (ACCEPTED))) != 0)
    return FALSE;

  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isprint (reply[i]))
        return FALSE;
    }
  return TRUE;
}

/* A refusal is no answer: the hypervisor hangs up. */
static gssize
hvsock_mux_transport_parse_reply (HvsockFdTransport *transport,
                                  HvsockAddress *address,
                                  const char *reply,
                                  gsize length,
                                  GError **error)
{
  const gsize looked_at = MIN (length, ANSWER_MAX);
  const char *newline = memchr (reply, '\n', looked_at);
  const gsize before_newline = newline == NULL ? looked_at : (gsize) (newline - reply);

  if (is_answer (reply, before_newline) &&
      (newline == NULL ? length < ANSWER_MAX : before_newline >= strlen (ACCEPTED)))
    return newline == NULL ? 0 : (gssize) before_newline + 1;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                       "the answer to CONNECT is not 'OK' and a number: this is not the vsock "
                       "socket of a virtual machine");
  return -1;
}

static const char *
hvsock_mux_transport_get_remedy (HvsockFdTransport *transport, HvsockAddress *address, int errsv)
{
  switch (errsv)
    {
    case ENOENT:
      return "no virtual machine has its vsock socket there";
    case ECONNREFUSED:
      return "the virtual machine of this socket does not run";
    case ECONNRESET:
      return "nobody listens on this port in the guest, or the guest is not up yet";
    default:
      return NULL;
    }
}

static HvsockListener *
hvsock_mux_transport_listen (HvsockTransport *transport,
                             HvsockAddress *address,
                             GCancellable *cancellable,
                             GError **error)
{
  HvsockMuxAddress *mux = HVSOCK_MUX_ADDRESS (address);
  g_autofree char *path = g_strdup_printf ("%s_%u", hvsock_mux_address_get_path (mux),
                                           hvsock_mux_address_get_port (mux));
  HvsockListener *listener = hvsock_unix_socket_listen (path, address, error);

  if (listener != NULL)
    g_object_set (listener, "can-half-close", FALSE, NULL);
  return listener;
}

static void
hvsock_mux_transport_class_init (HvsockMuxTransportClass *klass)
{
  HvsockTransportClass *transport_class = HVSOCK_TRANSPORT_CLASS (klass);
  HvsockFdTransportClass *fd_class = HVSOCK_FD_TRANSPORT_CLASS (klass);

  transport_class->probe = hvsock_mux_transport_probe;
  transport_class->listen = hvsock_mux_transport_listen;
  fd_class->open_socket = hvsock_mux_transport_open_socket;
  fd_class->get_greeting = hvsock_mux_transport_get_greeting;
  fd_class->parse_reply = hvsock_mux_transport_parse_reply;
  fd_class->get_remedy = hvsock_mux_transport_get_remedy;
  fd_class->lacks_half_close = TRUE;
}

static void
hvsock_mux_transport_init (HvsockMuxTransport *self)
{
}
