/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The socket families of Linux: AF_VSOCK and AF_UNIX. */

#include "address/hvsock-native-private.h"

#include <hvsock/hvsock-vsock-address.h>

#include <string.h>
#include <sys/socket.h>
#include <linux/vm_sockets.h>

/* The headers before Linux 5.11 lack it, and call its place one that must be zero. */
#ifndef VMADDR_FLAG_TO_HOST
#  define VMADDR_FLAG_TO_HOST 0x01
#  define svm_flags           svm_zero[0]
#endif

static gboolean
write_vm (HvsockAddress *address, gpointer native, GError **error)
{
  HvsockVsockAddress *self = HVSOCK_VSOCK_ADDRESS (address);
  struct sockaddr_vm vm = {
    .svm_family = AF_VSOCK,
    .svm_cid = hvsock_vsock_address_get_cid (self),
    .svm_port = hvsock_vsock_address_get_port (self),
    .svm_flags = hvsock_vsock_address_is_sibling (self) ? VMADDR_FLAG_TO_HOST : 0,
  };

  if (hvsock_vsock_address_get_name (self) != NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           "the machine's name must be resolved to its CID first");
      return FALSE;
    }

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
  if (vm.svm_family != AF_VSOCK)
    return NULL;

  return g_object_new (HVSOCK_TYPE_VSOCK_ADDRESS, "cid", vm.svm_cid, "port", vm.svm_port, "sibling",
                       (vm.svm_flags & VMADDR_FLAG_TO_HOST) != 0, NULL);
}

static const HvsockNativeFamily sockaddr_vm_family = {
  hvsock_vsock_address_get_type, AF_VSOCK, sizeof (struct sockaddr_vm), write_vm, read_vm,
};

const HvsockNativeFamily *const hvsock_native_families[] = {
  &sockaddr_vm_family,
  &hvsock_native_sockaddr_un,
  NULL,
};
