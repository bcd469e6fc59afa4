/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The socket families of Windows: AF_HYPERV alone. */

#include "address/hvsock-native-private.h"

#include <hvsock/hvsock-hyperv-address.h>

#include <string.h>
#include <winsock2.h>
#include <hvsocket.h>

/* The headers of mingw-w64 lack it. */
#ifndef AF_HYPERV
#  define AF_HYPERV 34
#endif

static gboolean
write_hv (HvsockAddress *address, gpointer native, GError **error)
{
  HvsockHypervAddress *self = HVSOCK_HYPERV_ADDRESS (address);
  const HvsockGuid *vm_id = hvsock_hyperv_address_get_vm_id (self);
  SOCKADDR_HV hv = { .Family = AF_HYPERV };

  if (vm_id == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           "the VM's name must be resolved to its GUID first");
      return FALSE;
    }

  hvsock_guid_to_windows (vm_id, (guint8 *) &hv.VmId);
  hvsock_guid_to_windows (hvsock_hyperv_address_get_service_id (self), (guint8 *) &hv.ServiceId);
  memcpy (native, &hv, sizeof hv);
  return TRUE;
}

static HvsockAddress *
read_hv (gconstpointer native, gsize length)
{
  SOCKADDR_HV hv;
  HvsockGuid vm_id;
  HvsockGuid service_id;

  if (length < sizeof hv)
    return NULL;

  memcpy (&hv, native, sizeof hv);
  if (hv.Family != AF_HYPERV)
    return NULL;

  hvsock_guid_init_from_windows (&vm_id, (const guint8 *) &hv.VmId);
  hvsock_guid_init_from_windows (&service_id, (const guint8 *) &hv.ServiceId);
  return hvsock_hyperv_address_new (&vm_id, &service_id);
}

static const HvsockNativeFamily sockaddr_hv_family = {
  hvsock_hyperv_address_get_type, AF_HYPERV, sizeof (SOCKADDR_HV), write_hv, read_hv,
};

const HvsockNativeFamily *const hvsock_native_families[] = {
  &sockaddr_hv_family,
  NULL,
};
