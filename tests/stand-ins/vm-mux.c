/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The devices of Firecracker, Cloud Hypervisor and vhost-device-vsock, as an application on the
 * host meets them at the Unix socket of a virtual machine:
 *
 * - A program connects and writes "CONNECT <port>\n"; the device answers "OK <number>\n" when the
 *   guest has taken the connection, and hangs up when it has not. Firecracker takes the line in one
 *   piece only; the others take it in pieces, of at most 32 bytes in all.
 * - What a program writes after the line without waiting for the answer is kept, but lost by
 *   vhost-device-vsock.
 * - When a program writes no more, Cloud Hypervisor tells the guest; the others close the
 * connection. When the guest writes no more, Cloud Hypervisor tells the program; the others do not.
 * - A guest that connects to the host's port is given a connection to <socket>_<port>, and is reset
 *   if there is none. */

#include "vm-device.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST      "CONNECT "
#define REQUEST_MAX  32
#define FIRST_NUMBER (1u << 30)

static char *
get_path (const char *location)
{
  return g_strdup (location);
}

static char *
get_host_path (const char *location, guint32 port)
{
  return g_strdup_printf ("%s_%u", location, port);
}

static gboolean
parse_request (const char *line, guint32 *port)
{
  guint64 number;

  if (!g_str_has_prefix (line, REQUEST) ||
      !g_ascii_string_to_unsigned (line + strlen (REQUEST), 10, 0, G_MAXUINT32, &number, NULL))
    return FALSE;

  *port = (guint32) number;
  return TRUE;
}

/* With what follows the line left where it is, or taken and lost. */
static gboolean
read_line (VmDevice *device, int fd, guint32 *port, gboolean in_pieces, gboolean loses_the_rest)
{
  char line[REQUEST_MAX + 1] = "";
  gsize length = 0;
  char *newline = NULL;

  do
    {
      ssize_t n;
      gsize taken;

      if (!vm_device_wait_for (device, fd))
        return FALSE;
      n = recv (fd, line + length, REQUEST_MAX - length, MSG_PEEK);
      if (n <= 0)
        return FALSE;

      newline = memchr (line + length, '\n', n);
      taken = newline == NULL || loses_the_rest ? (gsize) n : (gsize) (newline + 1 - line) - length;
      if (recv (fd, line + length, taken, 0) != (ssize_t) taken)
        return FALSE;
      length += n;
    }
  while (newline == NULL && in_pieces && length < REQUEST_MAX);

  if (newline == NULL)
    return FALSE;
  *newline = '\0';
  return parse_request (line, port);
}

static gboolean
firecracker_read_request (VmDevice *device, int fd, guint32 *port)
{
  return read_line (device, fd, port, FALSE, FALSE);
}

static gboolean
cloud_hypervisor_read_request (VmDevice *device, int fd, guint32 *port)
{
  return read_line (device, fd, port, TRUE, FALSE);
}

static gboolean
vhost_device_vsock_read_request (VmDevice *device, int fd, guint32 *port)
{
  return read_line (device, fd, port, TRUE, TRUE);
}

static void
answer (int fd, guint32 number)
{
  g_autofree char *line = g_strdup_printf ("OK %u\n", number);

  send (fd, line, strlen (line), MSG_NOSIGNAL);
}

/* The number is that of the port that stands for the program. */
static void
answer_with_host_port (VmDevice *device, int fd, guint32 port)
{
  static int n_given; /* atomic */

  answer (fd, FIRST_NUMBER + (guint32) g_atomic_int_add (&n_given, 1));
}

static void
answer_with_guest_port (VmDevice *device, int fd, guint32 port)
{
  answer (fd, port);
}

const VmDeviceKind vm_firecracker = {
  .get_path = get_path,
  .get_host_path = get_host_path,
  .read_request = firecracker_read_request,
  .answer = answer_with_host_port,
  .host_rule = RELAY_END_BOTH,
  .guest_rule = RELAY_KEEP_QUIET,
};

const VmDeviceKind vm_cloud_hypervisor = {
  .get_path = get_path,
  .get_host_path = get_host_path,
  .read_request = cloud_hypervisor_read_request,
  .answer = answer_with_host_port,
  .host_rule = RELAY_PASS_ON,
  .guest_rule = RELAY_PASS_ON,
};

const VmDeviceKind vm_vhost_device_vsock = {
  .get_path = get_path,
  .get_host_path = get_host_path,
  .read_request = vhost_device_vsock_read_request,
  .answer = answer_with_guest_port,
  .host_rule = RELAY_END_BOTH,
  .guest_rule = RELAY_KEEP_QUIET,
};
