/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What Hyper-V sockets can do on this machine. It looks only: a socket is made, and never connected
 * or bound. */

#include "hyperv-probe.h"

#include "hyperv-endpoint.h"
#include "hyperv-error.h"

static const char *
get_remedy (DWORD error)
{
  switch (error)
    {
    case WSAEAFNOSUPPORT:
    case WSAEPROTONOSUPPORT:
    case WSAESOCKTNOSUPPORT:
      return "turn on Hyper-V: on a host, as Administrator, by Enable-WindowsOptionalFeature "
             "-Online -All -FeatureName Microsoft-Hyper-V; a guest of Hyper-V has it from Windows "
             "10 1607 and Windows Server 2016 on";
    case WSAEACCES:
      return "run as Administrator";
    default:
      return NULL;
    }
}

HvsockProbe *
hyperv_probe (void)
{
  DWORD error;
  SOCKET socket = hyperv_socket_open (&error);

  if (socket == INVALID_SOCKET)
    {
      g_autofree char *text = hyperv_error_describe (error);
      g_autofree char *reason = g_strdup_printf ("socket(AF_HYPERV): %s", text);

      return hvsock_probe_new_unavailable (reason, get_remedy (error));
    }

  closesocket (socket);
  return hvsock_probe_new_available (HVSOCK_FEATURE_CONNECT | HVSOCK_FEATURE_LISTEN |
                                     HVSOCK_FEATURE_STREAM | HVSOCK_FEATURE_HALF_CLOSE |
                                     HVSOCK_FEATURE_PEER_ADDRESS);
}
