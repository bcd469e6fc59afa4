/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Tells the service manager that hvcat listens, by the protocol of systemd, sd_notify(3): one
 * datagram to the Unix socket that NOTIFY_SOCKET names. */

#include "hvcat-notify.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>

static const char message[] = "READY=1\n";

/* "@" stands for the zero byte of an abstract name. */
static GSocketAddress *
parse_address (const char *text, GError **error)
{
  if (text[0] == '/')
    return g_unix_socket_address_new (text);
  if (text[0] == '@' && g_unix_socket_address_abstract_names_supported ())
    return g_unix_socket_address_new_with_type (text + 1, -1, G_UNIX_SOCKET_ADDRESS_ABSTRACT);

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                       "it is not the path of a Unix socket, nor '@' and the abstract name of one");
  return NULL;
}

static gboolean
send_message (const char *name, GError **error)
{
  g_autoptr (GSocketAddress) address = parse_address (name, error);
  g_autoptr (GSocket) socket = NULL;

  if (address == NULL)
    return FALSE;
  socket =
      g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_DEFAULT, error);
  return socket != NULL &&
         g_socket_send_to (socket, address, message, sizeof message - 1, NULL, error) >= 0;
}

/* Where no service manager waits for it, there is nothing to do. */
gboolean
hvcat_notify_ready (GError **error)
{
  const char *name = g_getenv ("NOTIFY_SOCKET");

  if (name == NULL || send_message (name, error))
    return TRUE;

  g_prefix_error (error, "cannot notify '%s': ", name);
  return FALSE;
}
