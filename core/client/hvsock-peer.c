/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Who is at the other end of a connection: the virtual machine that its address names, or the user
 * who owns the process at the other end of a Unix socket. Nothing here is what a peer says of
 * itself. */

#include "client/hvsock-peer-private.h"

#include <hvsock/hvsock-hyperv-address.h>
#include <hvsock/hvsock-vsock-address.h>

HvsockPeer
hvsock_peer_of (HvsockConnection *connection)
{
  HvsockAddress *address = hvsock_connection_get_remote_address (connection);
  HvsockPeer self = { HVSOCK_PEER_UNKNOWN };
  int fd;

  if (HVSOCK_IS_VSOCK_ADDRESS (address))
    {
      self.kind = HVSOCK_PEER_CID;
      self.number = hvsock_vsock_address_get_cid (HVSOCK_VSOCK_ADDRESS (address));
      return self;
    }
  if (HVSOCK_IS_HYPERV_ADDRESS (address))
    {
      self.kind = HVSOCK_PEER_VM;
      self.vm_id = *hvsock_hyperv_address_get_vm_id (HVSOCK_HYPERV_ADDRESS (address));
      return self;
    }

  fd = hvsock_connection_get_fd (connection);
  if (fd >= 0 && hvsock_peer_find_user (fd, &self.number))
    self.kind = HVSOCK_PEER_USER;
  return self;
}

/* Two peers are the same when this is. */
char *
hvsock_peer_to_string (const HvsockPeer *self)
{
  g_autofree char *guid = NULL;

  switch (self->kind)
    {
    case HVSOCK_PEER_CID:
      return g_strdup_printf ("cid %u", self->number);
    case HVSOCK_PEER_VM:
      guid = hvsock_guid_to_string (&self->vm_id);
      return g_strdup_printf ("vm %s", guid);
    case HVSOCK_PEER_USER:
      return g_strdup_printf ("uid %u", self->number);
    default:
      return g_strdup ("unknown");
    }
}
