/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The socket families of Linux: AF_VSOCK and AF_UNIX. */

#include "address/hvsock-native-private.h"

#include <hvsock/hvsock-vsock-address.h>

#include <string.h>
#include <sys/socket.h>
#include <linux/vm_sockets.h>

static gboolean
write_vm (HvsockAddress *address, gpointer native, GError **error)
{
  HvsockVsockAddress *self = HVSOCK_VSOCK_ADDRESS (address);
  struct sockaddr_vm vm = {
    .svm_family = AF_VSOCK,
    .svm_cid = hvsock_vsock_address_get_cid (self),
    .svm_port = hvsock_vsock_address_get_port (self),
  };

  memcpy (native, &vm, sizeof vm);
  return TRUE;
}

static HvsockAddress *
read_vm (gconstpointer native, gsize length)
{
  struct sockaddr_vm vm;

  if (length < sizeof vm)
    return NULL;

  memcpy (&vm, native, sizeof vm);
  return vm.svm_family == AF_VSOCK ? hvsock_vsock_address_new (vm.svm_cid, vm.svm_port) : NULL;
}

static const HvsockNativeFamily sockaddr_vm_family = {
  hvsock_vsock_address_get_type, AF_VSOCK, sizeof (struct sockaddr_vm), write_vm, read_vm,
};

const HvsockNativeFamily *const hvsock_native_families[] = {
  &sockaddr_vm_family,
  &hvsock_native_sockaddr_un,
  NULL,
};
