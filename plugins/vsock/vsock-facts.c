/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Whom AF_VSOCK reaches from this machine. The kernel tells its CID and no more, so the rest is
 * read from sysfs: it names drivers and devices that are at work, whether they were loaded as
 * modules or are built in. Separate from the probe, which says what follows. */

#include "vsock-facts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#define VIRTIO_DRIVER   "/sys/bus/virtio/drivers/vmw_vsock_virtio_transport"
#define VIRTIO_DEVICES  "/sys/bus/virtio/devices"
#define VIRTIO_ID_VSOCK 0x13

static const char *const no_sysfs = "/sys is not mounted";

static gboolean
exists (const char *path)
{
  return access (path, F_OK) == 0;
}

static gboolean
file_begins_with (const char *path, const char *text)
{
  g_autofree char *contents = NULL;

  return g_file_get_contents (path, &contents, NULL, NULL) && g_str_has_prefix (contents, text);
}

/* Without it nothing is said by what is missing there. */
static gboolean
has_sysfs (void)
{
  return exists ("/sys/module");
}

/* Returns 0 or errno. */
static int
read_cid (unsigned int *cid)
{
  int fd = open (VSOCK_DEVICE, O_RDONLY | O_CLOEXEC);
  int errsv = 0;

  if (fd < 0)
    return errno;

  if (ioctl (fd, IOCTL_VM_SOCKETS_GET_LOCAL_CID, cid) != 0)
    errsv = errno;
  close (fd);
  return errsv;
}

/* Newer kernels can give a network namespace CIDs and ports of its own. */
static gboolean
is_local_namespace (void)
{
  return file_begins_with ("/proc/sys/net/vsock/ns_mode", "local");
}

/* A driver's folder has a link for each of its devices. */
static gboolean
has_virtio_link (void)
{
  g_autoptr (GDir) links = g_dir_open (VIRTIO_DRIVER, 0, NULL);
  const char *name;

  while (links != NULL && (name = g_dir_read_name (links)) != NULL)
    if (g_str_has_prefix (name, "virtio"))
      return TRUE;
  return FALSE;
}

static gboolean
has_virtio_device (void)
{
  g_autoptr (GDir) devices = g_dir_open (VIRTIO_DEVICES, 0, NULL);
  const char *name;

  while (devices != NULL && (name = g_dir_read_name (devices)) != NULL)
    {
      g_autofree char *path = g_build_filename (VIRTIO_DEVICES, name, "device", NULL);
      g_autofree char *id = NULL;

      if (g_file_get_contents (path, &id, NULL, NULL) &&
          g_ascii_strtoull (id, NULL, 0) == VIRTIO_ID_VSOCK)
        return TRUE;
    }
  return FALSE;
}

static gboolean
has_hyperv_link (void)
{
  return exists ("/sys/bus/vmbus/drivers/hv_sock");
}

/* The firmware tells it even where the bus has no driver. */
static gboolean
is_guest_of_hyperv (void)
{
  return exists ("/sys/bus/vmbus") ||
         (file_begins_with ("/sys/class/dmi/id/sys_vendor", "Microsoft Corporation") &&
          file_begins_with ("/sys/class/dmi/id/product_name", "Virtual Machine"));
}

const char *
vsock_find_missing_driver (void)
{
  if (is_guest_of_hyperv () && !has_hyperv_link ())
    return "hv_sock";
  if (has_virtio_device () && !has_virtio_link ())
    return "vmw_vsock_virtio_transport";
  return NULL;
}

/* The CID comes first: a guest of VMware shows in nothing else, and where there is no sysfs nobody
 * does. A guest of Hyper-V has none. */
static VsockFinding
find_host (const VsockFacts *facts)
{
  if (facts->is_local_namespace)
    return (VsockFinding){ VSOCK_NO, "ns_mode is local" };
  if (has_virtio_link ())
    return (VsockFinding){ VSOCK_YES, "virtio" };
  if (has_hyperv_link ())
    return (VsockFinding){ VSOCK_YES, "Hyper-V" };
  if (facts->cid > VMADDR_CID_HOST && facts->cid != VMADDR_CID_ANY)
    return (VsockFinding){ VSOCK_YES };
  if (!has_sysfs ())
    return (VsockFinding){ VSOCK_UNKNOWN, no_sysfs };
  if (facts->cid_errsv != 0 && exists ("/sys/module/vmw_vsock_vmci_transport"))
    return (VsockFinding){ VSOCK_UNKNOWN, "VMware's module shows no more than a CID" };
  return (VsockFinding){ VSOCK_NO };
}

static VsockFinding
find_guests (const VsockFacts *facts)
{
  if (exists ("/sys/class/misc/vhost-vsock"))
    return (VsockFinding){ VSOCK_YES, "vhost" };
  if (facts->cid == VMADDR_CID_HOST)
    return (VsockFinding){ VSOCK_YES };
  if (!has_sysfs ())
    return (VsockFinding){ VSOCK_UNKNOWN, no_sysfs };
  return (VsockFinding){ VSOCK_NO };
}

/* Alone among these, loopback does not show in sysfs when it is built in. Kernels since 6.16 tell
 * its CID when there is no other. */
static VsockFinding
find_loopback (const VsockFacts *facts)
{
  g_autofree char *path = NULL;
  g_autofree char *built_in = NULL;
  struct utsname kernel;

  if (exists ("/sys/module/vsock_loopback") || (facts->cid == VMADDR_CID_LOCAL))
    return (VsockFinding){ VSOCK_YES };
  if (!has_sysfs ())
    return (VsockFinding){ VSOCK_UNKNOWN, no_sysfs };

  uname (&kernel);
  path = g_build_filename ("/lib/modules", kernel.release, "modules.builtin", NULL);
  if (!g_file_get_contents (path, &built_in, NULL, NULL))
    return (VsockFinding){ VSOCK_UNKNOWN,
                           "not a module, and no modules.builtin tells whether it is built in" };
  return (VsockFinding){ strstr (built_in, "/vsock_loopback.ko") != NULL ? VSOCK_YES : VSOCK_NO };
}

void
vsock_facts_init (VsockFacts *self)
{
  *self = (VsockFacts){ .cid = VMADDR_CID_ANY };
  self->cid_errsv = read_cid (&self->cid);
  self->is_local_namespace = is_local_namespace ();
  self->host = find_host (self);
  self->guests = find_guests (self);
  self->loopback = find_loopback (self);
}

VsockAnswer
vsock_kernel_has_family (void)
{
  if (exists ("/sys/module/vsock") || exists ("/sys/class/misc/vsock"))
    return VSOCK_YES;
  return has_sysfs () ? VSOCK_NO : VSOCK_UNKNOWN;
}

gboolean
vsock_machine_has_kvm (void)
{
  return exists ("/sys/class/misc/kvm");
}
