/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What Winsock gives out pointers to: ConnectEx and AcceptEx. */

#include "shim-private.h"

void *
shim_get_extension (SOCKET socket, GUID id)
{
  void *function = NULL;
  DWORD length;

  shim_system.WSAIoctl (socket, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id, &function,
                        sizeof function, &length, NULL, NULL);
  return function;
}

static BOOL
connect_silent (ShimEnd *end, OVERLAPPED *overlapped)
{
  WSABUF nothing = { 0, NULL };
  DWORD flags = 0;
  int result;

  if (!shim_fall_silent (end))
    return FALSE;

  result = shim_system.WSARecv (end->socket, &nothing, 1, NULL, &flags, overlapped, NULL);
  if (result != 0 && GetLastError () == WSA_IO_PENDING)
    {
      shim_attempt_begin (end, overlapped);
      SetLastError (WSA_IO_PENDING);
    }
  return result == 0;
}

BOOL PASCAL
shim_ConnectEx (SOCKET socket,
                const struct sockaddr *address,
                int length,
                void *buffer,
                DWORD buffer_length,
                DWORD *sent,
                OVERLAPPED *overlapped)
{
  LPFN_CONNECTEX connect_ex = shim_get_extension (socket, (GUID) WSAID_CONNECTEX);
  ShimEnd *end = shim_end_find (socket);
  struct sockaddr_in target;

  if (end == NULL)
    return connect_ex (socket, address, length, buffer, buffer_length, sent, overlapped);
  if (!shim_check_address (address, length))
    return FALSE;
  if (!end->is_bound)
    {
      SetLastError (WSAEINVAL);
      return FALSE;
    }

  if (!shim_target (end, (const SOCKADDR_HV *) address, &target))
    return connect_silent (end, overlapped);
  return connect_ex (socket, (struct sockaddr *) &target, sizeof target, buffer, buffer_length,
                     sent, overlapped);
}

/* What comes into the buffer are addresses of TCP, for which there is room: whoever wants to know
 * the peer asks the socket, after SO_UPDATE_ACCEPT_CONTEXT. */
BOOL PASCAL
shim_AcceptEx (SOCKET listener,
               SOCKET accepted,
               void *buffer,
               DWORD data_length,
               DWORD local_length,
               DWORD remote_length,
               DWORD *received,
               OVERLAPPED *overlapped)
{
  const DWORD needed = sizeof (SOCKADDR_HV) + 16;
  LPFN_ACCEPTEX accept_ex = shim_get_extension (listener, (GUID) WSAID_ACCEPTEX);
  ShimEnd *end = shim_end_find (listener);
  ShimEnd *accepted_end = shim_end_find (accepted);

  if (end != NULL)
    {
      if (local_length < needed || remote_length < needed)
        {
          SetLastError (WSAEFAULT);
          return FALSE;
        }
      if (accepted_end == NULL || accepted_end->is_bound || accepted_end->is_connected)
        {
          SetLastError (WSAEINVAL);
          return FALSE;
        }
    }
  return accept_ex (listener, accepted, buffer, data_length, local_length, remote_length, received,
                    overlapped);
}

int WSAAPI
shim_WSAIoctl (SOCKET socket,
               DWORD code,
               void *in,
               DWORD in_length,
               void *out,
               DWORD out_length,
               DWORD *length,
               OVERLAPPED *overlapped,
               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
  static const struct
  {
    GUID id;
    void *function;
  } stand_ins[] = {
    { WSAID_ACCEPTEX, (void *) shim_AcceptEx },
    { WSAID_CONNECTEX, (void *) shim_ConnectEx },
    { WSAID_GETACCEPTEXSOCKADDRS, NULL },
  };
  int result = shim_system.WSAIoctl (socket, code, in, in_length, out, out_length, length,
                                     overlapped, routine);

  if (result != 0 || code != SIO_GET_EXTENSION_FUNCTION_POINTER || shim_end_find (socket) == NULL)
    return result;

  for (unsigned i = 0; i < sizeof stand_ins / sizeof stand_ins[0]; i++)
    if (IsEqualGUID ((const GUID *) in, &stand_ins[i].id))
      *(void **) out = stand_ins[i].function;
  if (*(void **) out == NULL)
    {
      SetLastError (WSAEOPNOTSUPP);
      return SOCKET_ERROR;
    }
  return 0;
}
