/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The functions of ws2_32.dll that know about AF_HYPERV. Whatever is asked about a socket of
 * another family goes on to the system's own. */

#include <initguid.h>

#include "shim-private.h"

#include <stdlib.h>
#include <string.h>

ShimSystem shim_system;

void
shim_init (HMODULE ws2_32)
{
#define FIND(name) shim_system.name = (__typeof__ (&name)) (void *) GetProcAddress (ws2_32, #name);
  SHIM_STAND_INS (FIND)
  FIND (WSARecv)
  FIND (select)
#undef FIND
  shim_system.GetQueuedCompletionStatus = GetQueuedCompletionStatus;
}

static int
fail (int error)
{
  SetLastError (error);
  return SOCKET_ERROR;
}

SOCKET WSAAPI
shim_socket (int family, int type, int protocol)
{
  if (family != AF_HYPERV)
    return shim_system.socket (family, type, protocol);
  shim_patch_caller (__builtin_return_address (0));
  return shim_WSASocketW (family, type, protocol, NULL, 0, WSA_FLAG_OVERLAPPED);
}

SOCKET WSAAPI
shim_WSASocketW (int family,
                 int type,
                 int protocol,
                 WSAPROTOCOL_INFOW *info,
                 GROUP group,
                 DWORD flags)
{
  BOOL no_delay = TRUE;
  SOCKET socket;

  if (family != AF_HYPERV)
    return shim_system.WSASocketW (family, type, protocol, info, group, flags);
  shim_patch_caller (__builtin_return_address (0));
  if (type != SOCK_STREAM || protocol != HV_PROTOCOL_RAW)
    {
      fail (type != SOCK_STREAM ? WSAESOCKTNOSUPPORT : WSAEPROTONOSUPPORT);
      return INVALID_SOCKET;
    }

  socket = shim_system.WSASocketW (AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, flags);
  if (socket == INVALID_SOCKET)
    return INVALID_SOCKET;
  shim_system.setsockopt (socket, IPPROTO_TCP, TCP_NODELAY, (char *) &no_delay, sizeof no_delay);
  shim_end_new (socket);
  return socket;
}

int WSAAPI
shim_bind (SOCKET socket, const struct sockaddr *address, int length)
{
  ShimEnd *end = shim_end_find (socket);
  const SOCKADDR_HV *hyperv = (const SOCKADDR_HV *) address;
  struct sockaddr_in target;

  if (end == NULL)
    return shim_system.bind (socket, address, length);
  if (!shim_check_address (address, length))
    return SOCKET_ERROR;
  if (end->is_bound || end->is_connected)
    return fail (WSAEINVAL);

  shim_record ("bind", end, hyperv);
  if (!IsEqualGUID (&hyperv->ServiceId, &HV_GUID_ZERO))
    {
      end->name = shim_name_claim (hyperv);
      if (end->name == NULL)
        return fail (WSAEADDRINUSE);
    }
  shim_loopback (&target, 0);
  if (shim_system.bind (socket, (struct sockaddr *) &target, sizeof target) != 0)
    return SOCKET_ERROR;
  end->local = *hyperv;
  end->is_bound = TRUE;
  return 0;
}

int WSAAPI
shim_listen (SOCKET socket, int backlog)
{
  ShimEnd *end = shim_end_find (socket);
  struct sockaddr_in own;
  int length = sizeof own;

  if (end == NULL)
    return shim_system.listen (socket, backlog);
  if (end->name == NULL)
    return fail (WSAEINVAL);
  if (shim_system.listen (socket, backlog) != 0 ||
      shim_system.getsockname (socket, (struct sockaddr *) &own, &length) != 0)
    return SOCKET_ERROR;

  shim_name_publish (end->name, own.sin_port);
  return 0;
}

/* Blocks as long as the time-out lasts, since nobody answers. */
static int
connect_silent (ShimEnd *end)
{
  fd_set sockets = { 1, { end->socket } };
  struct timeval timeout = { end->connect_timeout / 1000, end->connect_timeout % 1000 * 1000 };

  if (!shim_fall_silent (end) || shim_system.select (0, &sockets, NULL, NULL, &timeout) != 0)
    return SOCKET_ERROR;
  return fail (WSAETIMEDOUT);
}

int WSAAPI
shim_connect (SOCKET socket, const struct sockaddr *address, int length)
{
  ShimEnd *end = shim_end_find (socket);
  struct sockaddr_in target;

  if (end == NULL)
    return shim_system.connect (socket, address, length);
  if (!shim_check_address (address, length))
    return SOCKET_ERROR;
  if (!shim_target (end, (const SOCKADDR_HV *) address, &target))
    return connect_silent (end);
  if (shim_system.connect (socket, (struct sockaddr *) &target, sizeof target) != 0)
    return SOCKET_ERROR;

  end->is_connected = TRUE;
  return 0;
}

static int
give_address (const SOCKADDR_HV *hyperv, struct sockaddr *address, int *length)
{
  if (address == NULL || length == NULL || *length < (int) sizeof *hyperv)
    return fail (WSAEFAULT);

  memcpy (address, hyperv, sizeof *hyperv);
  *length = sizeof *hyperv;
  return 0;
}

/* Whoever connects has a service of its own, made up from its TCP port. */
static void
set_accepted (ShimEnd *end, const SOCKADDR_HV *local)
{
  struct sockaddr_in peer = { 0 };
  int length = sizeof peer;

  shim_system.getpeername (end->socket, (struct sockaddr *) &peer, &length);
  end->local = *local;
  end->remote.VmId = HV_GUID_LOOPBACK;
  end->remote.ServiceId.Data1 = peer.sin_port;
  end->is_connected = TRUE;
}

SOCKET WSAAPI
shim_accept (SOCKET socket, struct sockaddr *address, int *length)
{
  ShimEnd *end = shim_end_find (socket);
  ShimEnd *accepted_end;
  SOCKADDR_HV local;
  SOCKET accepted;

  if (end == NULL)
    return shim_system.accept (socket, address, length);

  local = end->local;
  accepted = shim_system.accept (socket, NULL, NULL);
  if (accepted == INVALID_SOCKET)
    return INVALID_SOCKET;
  accepted_end = shim_end_new (accepted);
  set_accepted (accepted_end, &local);
  if (address != NULL)
    give_address (&accepted_end->remote, address, length);
  return accepted;
}

int WSAAPI
shim_getsockname (SOCKET socket, struct sockaddr *address, int *length)
{
  ShimEnd *end = shim_end_find (socket);

  if (end == NULL)
    return shim_system.getsockname (socket, address, length);
  if (!end->is_bound && !end->is_connected)
    return fail (WSAEINVAL);
  return give_address (&end->local, address, length);
}

int WSAAPI
shim_getpeername (SOCKET socket, struct sockaddr *address, int *length)
{
  ShimEnd *end = shim_end_find (socket);

  if (end == NULL)
    return shim_system.getpeername (socket, address, length);
  if (!end->is_connected)
    return fail (WSAENOTCONN);
  return give_address (&end->remote, address, length);
}

static int
set_hyperv_option (ShimEnd *end, int option, const char *value, int length)
{
  ULONG number;

  if (value == NULL || length != sizeof number)
    return fail (WSAEFAULT);

  memcpy (&number, value, sizeof number);
  switch (option)
    {
    case HVSOCKET_CONNECT_TIMEOUT:
      if (number > HVSOCKET_CONNECT_TIMEOUT_MAX)
        return fail (WSAEINVAL);
      end->connect_timeout = number;
      return 0;
    case HVSOCKET_CONTAINER_PASSTHRU:
    case HVSOCKET_CONNECTED_SUSPEND:
      return 0;
    default:
      return fail (WSAENOPROTOOPT);
    }
}

int WSAAPI
shim_setsockopt (SOCKET socket, int level, int option, const char *value, int length)
{
  ShimEnd *end = shim_end_find (socket);
  ShimEnd *listener = NULL;
  int result;

  if (end != NULL && level == HV_PROTOCOL_RAW)
    return set_hyperv_option (end, option, value, length);
  result = shim_system.setsockopt (socket, level, option, value, length);
  if (end == NULL || level != SOL_SOCKET || result != 0)
    return result;

  if (option == SO_UPDATE_CONNECT_CONTEXT)
    end->is_connected = TRUE;
  else if (option == SO_UPDATE_ACCEPT_CONTEXT)
    {
      listener = shim_end_find (*(const SOCKET *) (const void *) value);
      if (listener == NULL)
        return fail (WSAENOTSOCK);
      set_accepted (end, &listener->local);
    }
  return 0;
}

/* Without its context, the system does not know that a socket is connected. */
int WSAAPI
shim_shutdown (SOCKET socket, int how)
{
  ShimEnd *end = shim_end_find (socket);

  if (end != NULL && !end->is_connected)
    return fail (WSAENOTCONN);
  return shim_system.shutdown (socket, how);
}

int WSAAPI
shim_closesocket (SOCKET socket)
{
  ShimEnd *end = shim_end_remove (socket);

  if (end == NULL)
    return shim_system.closesocket (socket);

  shim_attempt_end (end);
  if (end->name != NULL)
    CloseHandle (end->name);
  if (end->companion != INVALID_SOCKET)
    shim_system.closesocket (end->companion);
  free (end);
  return shim_system.closesocket (socket);
}
