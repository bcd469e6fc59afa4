/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* On Unix the library takes any descriptor. */

#include "hvcat-adopt.h"

#include <hvsock/hvsock-plugin.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

void
hvcat_adopt_send_at_once (GSocket *socket)
{
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
}

void
hvcat_adopt_take_both_families (GSocket *socket)
{
  g_socket_set_option (socket, IPPROTO_IPV6, IPV6_V6ONLY, FALSE, NULL);
}

static int
duplicate (GSocket *socket, GError **error)
{
  int fd = fcntl (g_socket_get_fd (socket), F_DUPFD_CLOEXEC, 0);
  int errsv = errno;

  if (fd < 0)
    g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errsv), g_strerror (errsv));
  return fd;
}

HvsockListener *
hvcat_adopt_listener (GSocket *socket, GError **error)
{
  HvsockListener *listener;
  int fd = duplicate (socket, error);

  if (fd < 0)
    return NULL;

  listener = hvsock_listener_new_for_fd (fd, NULL, error);
  if (listener == NULL)
    close (fd);
  return listener;
}

HvsockConnection *
hvcat_adopt_connection (GSocket *socket, GError **error)
{
  int fd = duplicate (socket, error);

  return fd < 0 ? NULL : hvsock_connection_new_for_fd (fd, NULL, NULL);
}
