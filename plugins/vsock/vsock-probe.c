/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What AF_VSOCK can do on this machine, and what to do for more. It looks only: a socket is made,
 * and never connected or bound. */

#include "vsock-probe.h"

#include "vsock-endpoint.h"
#include "vsock-facts.h"

#include <errno.h>
#include <unistd.h>

#define VHOST_DEVICE "/dev/vhost-vsock"

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

static const char *
get_role (const VsockFacts *facts)
{
  if (facts->host.answer == VSOCK_YES)
    return facts->guests.answer == VSOCK_YES ? "guest and host" : "guest";
  if (facts->guests.answer == VSOCK_YES)
    return "host";
  if (facts->host.answer == VSOCK_UNKNOWN || facts->guests.answer == VSOCK_UNKNOWN ||
      facts->loopback.answer == VSOCK_UNKNOWN)
    return "unknown";
  return facts->loopback.answer == VSOCK_YES ? "loopback only" : "none";
}

static void
add_finding (HvsockProbe *probe, const char *name, VsockFinding finding)
{
  static const char *const words[] = { "unknown", "no", "yes" };
  g_autofree char *explained = NULL;

  if (finding.comment != NULL)
    explained = g_strdup_printf ("%s (%s)", words[finding.answer], finding.comment);
  hvsock_probe_add_detail (probe, name, explained != NULL ? explained : words[finding.answer]);
}

static void
add_details (HvsockProbe *probe, const VsockFacts *facts)
{
  g_autofree char *cid = NULL;

  if (facts->cid_errsv != 0)
    cid = g_strdup_printf ("unknown (%s: %s)", VSOCK_DEVICE, g_strerror (facts->cid_errsv));
  else if (facts->cid == VMADDR_CID_ANY)
    cid = g_strdup ("any");
  else
    cid = g_strdup_printf ("%u", facts->cid);

  hvsock_probe_add_detail (probe, "local CID", cid);
  hvsock_probe_add_detail (probe, "role", get_role (facts));
  add_finding (probe, "reaches host", facts->host);
  add_finding (probe, "reaches guests", facts->guests);
  add_finding (probe, "loopback", facts->loopback);
}

/* What a device that cannot be opened is for, and what helps. */
static void
add_device_note (HvsockProbe *probe, const char *device, int errsv, const char *use)
{
  const char *remedy;
  g_autofree char *note = NULL;

  switch (errsv)
    {
    case ENOENT:
      remedy = ": hand it into the container or the jail";
      break;
    case EACCES:
      remedy = ": let this user open it, by its group or a udev rule";
      break;
    case EPERM:
      remedy = ": allow it among the devices of the container or the service";
      break;
    default:
      remedy = "";
    }
  note = g_strdup_printf ("%s (%s): %s%s", device, use, g_strerror (errsv), remedy);
  hvsock_probe_add_note (probe, note);
}

static void
add_reach_notes (HvsockProbe *probe, const VsockFacts *facts)
{
  const char *missing = vsock_find_missing_driver ();
  g_autofree char *note = NULL;

  if (facts->is_local_namespace)
    note = g_strdup (
        "this network namespace has AF_VSOCK to itself, and reaches only what was started "
        "in it: use one whose net.vsock.ns_mode is global");
  else if (missing != NULL)
    note = g_strdup_printf ("the host has a device for this machine, which is not used: load the "
                            "kernel module %s",
                            missing);
  else if (facts->host.answer == VSOCK_NO && facts->guests.answer == VSOCK_NO)
    note = g_strdup ("no other machine is reached: in a guest, give the virtual machine a vsock "
                     "device; on a host, load the kernel module vhost_vsock");
  else if (facts->guests.answer == VSOCK_NO && vsock_machine_has_kvm ())
    note = g_strdup ("virtual machines that run here are not reached: load the kernel module "
                     "vhost_vsock, or use the sockets of their hypervisor");

  if (note != NULL)
    hvsock_probe_add_note (probe, note);
  if (facts->loopback.answer == VSOCK_NO)
    hvsock_probe_add_note (probe,
                           "CID 1 does not lead back to this machine: load the kernel module "
                           "vsock_loopback");
}

static void
add_notes (HvsockProbe *probe, const VsockFacts *facts)
{
  if (facts->cid_errsv != 0)
    add_device_note (probe, VSOCK_DEVICE, facts->cid_errsv, "tells the local CID, and no more");

  /* Not opened, which would load a module. */
  if (facts->guests.answer == VSOCK_YES && access (VHOST_DEVICE, R_OK | W_OK) != 0)
    add_device_note (probe, VHOST_DEVICE, errno, "for virtual machines that start here");
  add_reach_notes (probe, facts);
}

HvsockProbe *
vsock_probe (void)
{
  HvsockFeatures features = HVSOCK_FEATURE_CONNECT | HVSOCK_FEATURE_LISTEN | HVSOCK_FEATURE_STREAM |
                            HVSOCK_FEATURE_HALF_CLOSE | HVSOCK_FEATURE_PEER_ADDRESS;
  HvsockProbe *probe;
  VsockFacts facts;
  int errsv;

  if (!can_open_socket (SOCK_STREAM, &errsv))
    {
      g_autofree char *reason = g_strdup_printf ("socket(AF_VSOCK): %s", g_strerror (errsv));

      return hvsock_probe_new_unavailable (reason, vsock_get_socket_remedy (errsv));
    }

  if (can_open_socket (SOCK_SEQPACKET, &errsv))
    features |= HVSOCK_FEATURE_SEQPACKET;

  probe = hvsock_probe_new_available (features);
  vsock_facts_init (&facts);
  add_details (probe, &facts);
  add_notes (probe, &facts);
  return probe;
}
