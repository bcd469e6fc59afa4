/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What AF_VSOCK can do on this machine. It looks only: a socket is made and never connected. */

#include "vsock-probe.h"

#include "vsock-endpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEVICE "/dev/vsock"

static gboolean
can_open_socket (int type, int *errsv)
{
  int fd = socket (AF_VSOCK, type | SOCK_CLOEXEC, 0);

  *errsv = errno;
  if (fd < 0)
    return FALSE;

  close (fd);
  return TRUE;
}

/* What the system calls this machine, in words for people. */
static char *
describe_local_cid (void)
{
  int fd = open (DEVICE, O_RDONLY | O_CLOEXEC);
  unsigned int cid = VMADDR_CID_ANY;
  int errsv = errno;

  if (fd < 0)
    return g_strdup_printf ("unknown (%s: %s)", DEVICE, g_strerror (errsv));

  errsv = ioctl (fd, IOCTL_VM_SOCKETS_GET_LOCAL_CID, &cid) == 0 ? 0 : errno;
  close (fd);

  if (errsv != 0)
    return g_strdup_printf ("unknown (%s: %s)", DEVICE, g_strerror (errsv));
  if (cid == VMADDR_CID_ANY)
    return g_strdup ("none yet (no module connects this machine)");
  if (cid == HVSOCK_CID_LOCAL)
    return g_strdup_printf ("%u (loopback only)", cid);
  if (cid == VMADDR_CID_HOST)
    return g_strdup_printf ("%u (a host)", cid);
  return g_strdup_printf ("%u (a guest)", cid);
}

HvsockProbe *
vsock_probe (void)
{
  HvsockFeatures features = HVSOCK_FEATURE_CONNECT | HVSOCK_FEATURE_LISTEN | HVSOCK_FEATURE_STREAM |
                            HVSOCK_FEATURE_HALF_CLOSE | HVSOCK_FEATURE_PEER_ADDRESS;
  g_autofree char *local_cid = NULL;
  HvsockProbe *probe;
  int errsv;

  if (!can_open_socket (SOCK_STREAM, &errsv))
    {
      g_autofree char *reason = g_strdup_printf ("socket(AF_VSOCK): %s", g_strerror (errsv));

      return hvsock_probe_new_unavailable (reason, vsock_get_socket_remedy (errsv));
    }

  if (can_open_socket (SOCK_SEQPACKET, &errsv))
    features |= HVSOCK_FEATURE_SEQPACKET;

  probe = hvsock_probe_new_available (features);
  local_cid = describe_local_cid ();
  hvsock_probe_add_detail (probe, "local CID", local_cid);
  return probe;
}
