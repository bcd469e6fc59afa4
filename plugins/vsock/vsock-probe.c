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

/* Returns %FALSE with errno. */
static gboolean
get_local_cid (unsigned int *cid)
{
  int fd = open (DEVICE, O_RDONLY | O_CLOEXEC);
  gboolean is_known;
  int errsv;

  if (fd < 0)
    return FALSE;

  is_known = ioctl (fd, IOCTL_VM_SOCKETS_GET_LOCAL_CID, cid) == 0;
  errsv = errno;
  close (fd);
  errno = errsv;
  return is_known;
}

static const char *
get_role (unsigned int cid)
{
  switch (cid)
    {
    case VMADDR_CID_ANY:
      return "none yet: no module connects this machine";
    case HVSOCK_CID_LOCAL:
      return "loopback only";
    case VMADDR_CID_HOST:
      return "host";
    default:
      return "guest";
    }
}

static void
add_local_cid (HvsockProbe *probe)
{
  g_autofree char *text = NULL;
  unsigned int cid;

  if (get_local_cid (&cid))
    {
      text = cid == VMADDR_CID_ANY ? g_strdup ("any") : g_strdup_printf ("%u", cid);
      hvsock_probe_add_detail (probe, "local CID", text);
      hvsock_probe_add_detail (probe, "role", get_role (cid));
    }
  else
    {
      text = g_strdup_printf ("unknown (%s: %s)", DEVICE, g_strerror (errno));
      hvsock_probe_add_detail (probe, "local CID", text);
    }
}

HvsockProbe *
vsock_probe (void)
{
  HvsockFeatures features = HVSOCK_FEATURE_CONNECT | HVSOCK_FEATURE_LISTEN | HVSOCK_FEATURE_STREAM |
                            HVSOCK_FEATURE_HALF_CLOSE | HVSOCK_FEATURE_PEER_ADDRESS;
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
  add_local_cid (probe);
  return probe;
}
