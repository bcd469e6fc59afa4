/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* One completion port for all sockets of the process, and one thread that waits at it: the end of
 * each overlapped call is told to the function that came with it. The module stays loaded, so both
 * stay until the process ends. */

#include "hyperv-port.h"

static gpointer
tell_completions (gpointer port)
{
  for (;;)
    {
      OVERLAPPED *overlapped = NULL;
      ULONG_PTR key;
      DWORD n_bytes = 0;
      DWORD error = ERROR_SUCCESS;

      if (!GetQueuedCompletionStatus (port, &n_bytes, &key, &overlapped, INFINITE))
        error = GetLastError ();
      if (overlapped != NULL)
        {
          HypervPacket *packet = (HypervPacket *) overlapped;

          packet->func (packet, error, n_bytes);
        }
    }
  return NULL;
}

static gpointer
open_port (gpointer data)
{
  HANDLE port = CreateIoCompletionPort (INVALID_HANDLE_VALUE, NULL, 0, 1);

  if (port != NULL)
    g_thread_unref (g_thread_new ("hvsock-hyperv", tell_completions, port));
  return port;
}

/* What is begun with @self next ends with a call of @func. */
void
hyperv_packet_init (HypervPacket *self, HypervPacketFunc func)
{
  *self = (HypervPacket){ .func = func };
}

/* Has the overlapped calls of @socket end at the port. Returns a system error code, or 0. */
DWORD
hyperv_port_add (SOCKET socket)
{
  static GOnce once = G_ONCE_INIT;
  HANDLE port = g_once (&once, open_port, NULL);

  if (port == NULL)
    return ERROR_NOT_ENOUGH_MEMORY;
  if (CreateIoCompletionPort ((HANDLE) socket, port, 0, 0) == NULL)
    return GetLastError ();
  return ERROR_SUCCESS;
}

/* Returns whether calls on @socket that succeed at once are from now on not told. */
gboolean
hyperv_port_skip_success (SOCKET socket)
{
  return SetFileCompletionNotificationModes ((HANDLE) socket, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS |
                                                                  FILE_SKIP_SET_EVENT_ON_HANDLE);
}
