/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Hyperkit's device (src/lib/pci_virtio_sock.c there), as an application on the host meets it in
 * the folder of a virtual machine:
 *
 * - It listens on <folder>/connect. Of each connection it makes one read of 18 bytes, CID and port
 *   as "%08x.%08x\n" in lower case, in the one thread that serves all of them: a client that
 * connects and writes nothing keeps every other one waiting. There is no reply; whatever is not
 * such a request, and a port that the guest refuses, is closed.
 * - A guest that connects to the host's port is given a connection to <folder>/00000002.<port>, and
 *   is reset if there is none.
 * - Each direction ends on its own.
 *
 * The stand-in does not reset a connection 30 s after a full local shutdown. */

#include "vm-device.h"

#include <unistd.h>

#define REQUEST_LENGTH 18
#define HOST_CID       2u

static char *
get_path (const char *location)
{
  return g_build_filename (location, "connect", NULL);
}

static char *
get_host_path (const char *location, guint32 port)
{
  return g_strdup_printf ("%s/%08x.%08x", location, HOST_CID, port);
}

static gboolean
parse_hex (const char *text, guint32 *number)
{
  *number = 0;
  for (guint i = 0; i < 8; i++)
    {
      if (!g_ascii_isxdigit (text[i]) || g_ascii_isupper (text[i]))
        return FALSE;
      *number = *number << 4 | (guint32) g_ascii_xdigit_value (text[i]);
    }
  return TRUE;
}

static gboolean
read_request (VmDevice *device, int fd, guint32 *port)
{
  char request[REQUEST_LENGTH];
  guint32 cid;

  return vm_device_wait_for (device, fd) && read (fd, request, sizeof request) == sizeof request &&
         parse_hex (request, &cid) && request[8] == '.' && parse_hex (request + 9, port) &&
         request[17] == '\n' && cid == vm_device_get_guest_cid (device);
}

const VmDeviceKind vm_hyperkit = {
  .get_path = get_path,
  .get_host_path = get_host_path,
  .read_request = read_request,
  .asks_in_turn = TRUE,
  .host_rule = RELAY_PASS_ON,
  .guest_rule = RELAY_PASS_ON,
};
