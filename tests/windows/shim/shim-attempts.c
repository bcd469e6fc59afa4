/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Attempts to connect: to a listener, to nobody who refuses, and to nobody at all, which is a
 * virtual machine that never answers. */

#include "shim-private.h"

static SOCKET
new_socket (struct sockaddr_in *address)
{
  SOCKET socket = shim_system.WSASocketW (AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0,
                                          WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
  int length = sizeof *address;

  shim_loopback (address, 0);
  if (socket != INVALID_SOCKET &&
      (shim_system.bind (socket, (struct sockaddr *) address, length) != 0 ||
       shim_system.getsockname (socket, (struct sockaddr *) address, &length) != 0))
    {
      shim_system.closesocket (socket);
      return INVALID_SOCKET;
    }
  return socket;
}

static void
set_companion (ShimEnd *end, SOCKET companion)
{
  if (end->companion != INVALID_SOCKET)
    shim_system.closesocket (end->companion);
  end->companion = companion;
}

/* Finds what to connect to for @address: a port with nobody behind it if it is refused. Returns
 * FALSE with the target's port 0 if @address will not answer. */
BOOL
shim_target (ShimEnd *end, const SOCKADDR_HV *address, struct sockaddr_in *target)
{
  USHORT port = shim_name_look_up (address);

  end->remote = *address;
  shim_record ("connect", end, address);
  shim_loopback (target, port);
  if (port == 0 && !shim_is_here (address))
    return FALSE;

  if (port == 0)
    set_companion (end, new_socket (target));
  return TRUE;
}

/* Connects to a companion that never says a word, so that receiving is what pends. */
BOOL
shim_fall_silent (ShimEnd *end)
{
  struct sockaddr_in address;
  SOCKET listener = new_socket (&address);
  BOOL is_connected;

  if (listener == INVALID_SOCKET)
    return FALSE;

  is_connected =
      shim_system.listen (listener, 1) == 0 &&
      shim_system.connect (end->socket, (struct sockaddr *) &address, sizeof address) == 0;
  if (is_connected)
    set_companion (end, shim_system.accept (listener, NULL, NULL));
  shim_system.closesocket (listener);
  return is_connected;
}

static DWORD WINAPI
time_out (void *data)
{
  ShimEnd *end = data;

  if (WaitForSingleObject (end->is_over, end->connect_timeout) == WAIT_TIMEOUT)
    {
      InterlockedExchange (&end->is_timed_out, TRUE);
      CancelIoEx ((HANDLE) end->socket, end->attempt);
    }
  return 0;
}

/* @overlapped pends from now on. The timer is a thread, so that nothing of it outlives the socket.
 */
void
shim_attempt_begin (ShimEnd *end, OVERLAPPED *overlapped)
{
  shim_attempt_end (end);
  end->attempt = overlapped;
  end->is_timed_out = FALSE;
  end->is_over = CreateEventW (NULL, TRUE, FALSE, NULL);
  end->timer = CreateThread (NULL, 0, time_out, end, 0, NULL);
}

void
shim_attempt_end (ShimEnd *end)
{
  if (end->timer == NULL)
    return;

  SetEvent (end->is_over);
  WaitForSingleObject (end->timer, INFINITE);
  CloseHandle (end->timer);
  CloseHandle (end->is_over);
  end->timer = NULL;
}

/* An attempt that ran out of time was ended by cancelling it: this is what the system would say. */
BOOL WSAAPI
shim_WSAGetOverlappedResult (SOCKET socket,
                             OVERLAPPED *overlapped,
                             DWORD *length,
                             BOOL waits,
                             DWORD *flags)
{
  BOOL result = shim_system.WSAGetOverlappedResult (socket, overlapped, length, waits, flags);

  if (!result && GetLastError () == WSA_OPERATION_ABORTED && shim_is_timed_out (overlapped))
    SetLastError (WSAETIMEDOUT);
  return result;
}

BOOL WINAPI
shim_GetQueuedCompletionStatus (HANDLE port,
                                DWORD *length,
                                ULONG_PTR *key,
                                OVERLAPPED **overlapped,
                                DWORD timeout)
{
  BOOL result = shim_system.GetQueuedCompletionStatus (port, length, key, overlapped, timeout);

  if (!result && GetLastError () == ERROR_OPERATION_ABORTED && shim_is_timed_out (*overlapped))
    SetLastError (ERROR_SEM_TIMEOUT);
  return result;
}
