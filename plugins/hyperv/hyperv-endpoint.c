/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Where an address leads to in terms of AF_HYPERV. A port stands for a service as well, which is
 * how Linux guests know it. */

#include "hyperv-endpoint.h"

#include "hyperv-port.h"

static HvsockAddress *
new_from_vsock (HvsockVsockAddress *address, GError **error)
{
  HvsockGuid service_id;

  if (hvsock_vsock_address_get_cid (address) != HVSOCK_CID_ANY ||
      hvsock_vsock_address_get_name (address) != NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           "on Windows a virtual machine has a GUID instead of a CID: use "
                           "hvsock://VM/PORT, where VM may be a name, or hvsock://parent/PORT for "
                           "the host");
      return NULL;
    }
  if (hvsock_vsock_address_get_port (address) == HVSOCK_PORT_ANY)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           "Windows does not find a free port: name one");
      return NULL;
    }
  if (hvsock_vsock_address_get_socket_type (address) != G_SOCKET_TYPE_STREAM ||
      hvsock_vsock_address_get_buffer_size (address) != 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           "the options type and buffer-size are for Linux");
      return NULL;
    }

  hvsock_guid_init_from_port (&service_id, hvsock_vsock_address_get_port (address));
  return hvsock_hyperv_address_new (hvsock_hyperv_address_find_vm_id ("wildcard"), &service_id);
}

gboolean
hyperv_endpoint_init (SOCKADDR_HV *self, HvsockAddress *address, GError **error)
{
  g_autoptr (HvsockAddress) hyperv = HVSOCK_IS_VSOCK_ADDRESS (address)
                                         ? new_from_vsock (HVSOCK_VSOCK_ADDRESS (address), error)
                                         : g_object_ref (address);

  return hyperv != NULL &&
         g_socket_address_to_native (G_SOCKET_ADDRESS (hyperv), self, sizeof *self, error);
}

SOCKET
hyperv_socket_open (DWORD *error)
{
  SOCKET socket = WSASocketW (AF_HYPERV, SOCK_STREAM, HV_PROTOCOL_RAW, NULL, 0,
                              WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);

  if (socket == INVALID_SOCKET)
    {
      *error = WSAGetLastError ();
      return INVALID_SOCKET;
    }

  *error = hyperv_port_add (socket);
  if (*error == ERROR_SUCCESS)
    return socket;

  closesocket (socket);
  return INVALID_SOCKET;
}

gpointer
hyperv_socket_get_extension (SOCKET socket, GUID id)
{
  gpointer function = NULL;
  DWORD n_bytes;

  if (WSAIoctl (socket, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id, &function,
                sizeof function, &n_bytes, NULL, NULL) != 0)
    return NULL;
  return function;
}
