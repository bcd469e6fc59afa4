/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Whom hvsock-probe finds in the reach of AF_VSOCK, and what it advises. Drivers and devices that
 * this machine may not have are stood in for by files in the place of sysfs, sysctl and /dev; what
 * a kernel really shows, tests/guest/roles sees. Nothing is connected to. */

#include "tool-sandbox.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* In the order of the arguments: what is asked, and what is to be found in the answer. */
typedef struct
{
  const char *path;
  const char *sys;
  const char *dev;
  gboolean is_nobody;
  const char *details[6];
  const char *note; /* besides that of /dev/vsock, which is the first; NULL for no other */
  const char *net;  /* NULL for nothing in /proc/sys/net, as in older kernels */
} ReachCase;

#define LOOPBACK "module/vsock_loopback/ "
#define VIRTIO   "bus/virtio/drivers/vmw_vsock_virtio_transport/"
#define NO_CID   "local CID: unknown (/dev/vsock: No such file or directory)"

static const ReachCase cases[] = {
  { "/reach/no-sysfs",
    "",
    "",
    FALSE,
    { NO_CID, "role: unknown", "reaches host: unknown (/sys is not mounted)",
      "reaches guests: unknown (/sys is not mounted)", "loopback: unknown (/sys is not mounted)" },
    NULL },
  { "/reach/loopback-only",
    LOOPBACK,
    "",
    FALSE,
    { NO_CID, "role: loopback only", "reaches host: no", "reaches guests: no", "loopback: yes" },
    "no other machine is reached: in a guest, give the virtual machine a vsock device" },
  { "/reach/guest/virtio",
    LOOPBACK VIRTIO "virtio3/",
    "",
    FALSE,
    { "role: guest", "reaches host: yes (virtio)", "reaches guests: no" },
    NULL },
  { "/reach/guest/driver-without-device",
    LOOPBACK VIRTIO "bind=",
    "",
    FALSE,
    { "role: loopback only", "reaches host: no" },
    "no other machine is reached" },
  { "/reach/guest/device-without-driver",
    LOOPBACK "bus/virtio/devices/virtio3/device=0x0013",
    "",
    FALSE,
    { "role: loopback only", "reaches host: no" },
    "which is not used: load the kernel module vmw_vsock_virtio_transport\n" },
  { "/reach/guest/another-device",
    LOOPBACK "bus/virtio/devices/virtio3/device=0x0001",
    "",
    FALSE,
    { "role: loopback only", "reaches host: no" },
    "no other machine is reached" },
  { "/reach/guest/hyper-v",
    LOOPBACK "bus/vmbus/drivers/hv_sock/",
    "",
    FALSE,
    { "role: guest", "reaches host: yes (Hyper-V)", "reaches guests: no" },
    NULL },
  { "/reach/guest/hyper-v-without-driver",
    LOOPBACK "bus/vmbus/drivers/",
    "",
    FALSE,
    { "role: loopback only", "reaches host: no" },
    "which is not used: load the kernel module hv_sock\n" },
  { "/reach/guest/hyper-v-by-firmware",
    LOOPBACK
    "class/dmi/id/sys_vendor=Microsoft\tCorporation class/dmi/id/product_name=Virtual\tMachine",
    "",
    FALSE,
    { "role: loopback only", "reaches host: no" },
    "which is not used: load the kernel module hv_sock\n" },
  { "/reach/guest/another-firmware",
    LOOPBACK "class/dmi/id/sys_vendor=QEMU class/dmi/id/product_name=Virtual\tMachine",
    "",
    FALSE,
    { "role: loopback only", "reaches host: no" },
    "no other machine is reached" },
  { "/reach/guest/vmware-without-cid",
    LOOPBACK "module/vmw_vsock_vmci_transport/",
    "",
    FALSE,
    { "role: unknown", "reaches host: unknown (VMware's module shows no more than a CID)" },
    NULL },
  { "/reach/guest/may-host",
    LOOPBACK VIRTIO "virtio3/ class/misc/kvm/",
    "",
    FALSE,
    { "role: guest", "reaches guests: no" },
    "virtual machines that run here are not reached: load the kernel module vhost_vsock" },
  { "/reach/host/usable",
    LOOPBACK "class/misc/vhost-vsock/",
    "vhost-vsock=",
    FALSE,
    { "role: host", "reaches host: no", "reaches guests: yes (vhost)" },
    NULL },
  { "/reach/host/no-device",
    LOOPBACK "class/misc/vhost-vsock/",
    "",
    FALSE,
    { "role: host", "reaches guests: yes (vhost)" },
    "/dev/vhost-vsock (for virtual machines that start here): No such file or directory: hand it" },
  { "/reach/host/no-permission",
    LOOPBACK "class/misc/vhost-vsock/",
    "vhost-vsock",
    TRUE,
    { "role: host", "reaches guests: yes (vhost)" },
    "/dev/vhost-vsock (for virtual machines that start here): Permission denied: let this user" },
  { "/reach/guest-and-host",
    LOOPBACK VIRTIO "virtio3/ class/misc/vhost-vsock/ class/misc/kvm/",
    "vhost-vsock=",
    FALSE,
    { "role: guest and host", "reaches host: yes (virtio)", "reaches guests: yes (vhost)" },
    NULL },
  { "/reach/namespace/local",
    LOOPBACK VIRTIO "virtio3/",
    "",
    FALSE,
    { "role: loopback only", "reaches host: no (ns_mode is local)", "loopback: yes" },
    "this network namespace has AF_VSOCK to itself",
    "vsock/ns_mode=local" },
  { "/reach/namespace/global",
    LOOPBACK VIRTIO "virtio3/",
    "",
    FALSE,
    { "role: guest", "reaches host: yes (virtio)", "loopback: yes" },
    NULL,
    "vsock/ns_mode=global" },
};

/* The paragraph on vsock, with its last line break. */
static char *
find_paragraph (const char *output)
{
  const char *start = strstr (output, "\n\nvsock: ");
  const char *end;

  g_assert_nonnull (start);
  end = strstr (start + 2, "\n\n");
  return end == NULL ? g_strdup (start + 1) : g_strndup (start + 1, (gsize) (end - start));
}

static guint
count (const char *text, const char *word)
{
  guint found = 0;

  for (text = strstr (text, word); text != NULL; text = strstr (text + 1, word))
    found++;
  return found;
}

static void
assert_has (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("no '%s' in: %s", part, text);
}

static gboolean
has_vsock (void)
{
  int fd = socket (AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd < 0)
    g_test_skip (
        "this kernel has no AF_VSOCK: load the kernel module vsock; the suite 'guest' runs "
        "it as well");
  else
    close (fd);
  return fd >= 0;
}

/* What hvsock-probe tells of vsock, or NULL where the test is skipped. */
static char *
probe_in (const ToolSandbox *sandbox)
{
  g_autoptr (ToolProcess) probe = NULL;

  if (!has_vsock () || !tool_sandbox_is_possible (sandbox))
    return NULL;

  probe = tool_sandbox_start (sandbox, "hvsock-probe", NULL);
  tool_process_assert_ends (probe, 0, NULL);
  g_assert_cmpstr (probe->messages->str, ==, "");
  return find_paragraph (probe->output->str);
}

static void
test_reach (gconstpointer data)
{
  const ReachCase *test = data;
  g_auto (Folder) sys = { 0 };
  g_auto (Folder) dev = { 0 };
  g_auto (Folder) net = { 0 };
  ToolSandbox sandbox = { .is_nobody = test->is_nobody };
  g_autofree char *paragraph = NULL;

  tool_sandbox_init_folder (&sys, test->sys);
  tool_sandbox_init_folder (&dev, test->dev);
  tool_sandbox_init_folder (&net, test->net != NULL ? test->net : "");
  sandbox.mounts[0] = (ToolMount){ sys.path, "/sys" };
  sandbox.mounts[1] = (ToolMount){ dev.path, "/dev" };
  sandbox.mounts[2] = (ToolMount){ net.path, "/proc/sys/net" };
  paragraph = probe_in (&sandbox);
  if (paragraph == NULL)
    return;

  for (guint i = 0; test->details[i] != NULL; i++)
    {
      g_autofree char *line = g_strdup_printf ("\n  %s\n", test->details[i]);

      assert_has (paragraph, line);
    }
  assert_has (paragraph, "\n  note: /dev/vsock (tells the local CID, and no more): ");
  if (test->note != NULL)
    assert_has (paragraph, test->note);
  g_assert_cmpuint (count (paragraph, "\n  note: "), ==, test->note != NULL ? 2 : 1);
}

/* The device: the sockets are the kernel's, and need none of it. */
typedef struct
{
  const char *path;
  const char *dev;
  gboolean is_nobody;
  const char *text;
  const char *remedy;
} DeviceCase;

static const DeviceCase device_cases[] = {
  { "/reach/device/missing", "", FALSE, "No such file or directory",
    "hand it into the container or the jail" },
  { "/reach/device/no-permission", "vsock", TRUE, "Permission denied",
    "let this user open it, by its group or a udev rule" },
  { "/reach/device/something-else", "vsock=", FALSE, "Inappropriate ioctl for device", NULL },
};

static void
test_device (gconstpointer data)
{
  const DeviceCase *test = data;
  g_autofree char *detail =
      g_strdup_printf ("\n  local CID: unknown (/dev/vsock: %s)\n", test->text);
  g_autofree char *note = g_strdup_printf (
      "\n  note: /dev/vsock (tells the local CID, and no more): %s%s%s\n", test->text,
      test->remedy == NULL ? "" : ": ", test->remedy == NULL ? "" : test->remedy);
  g_auto (Folder) dev = { 0 };
  ToolSandbox sandbox = { .is_nobody = test->is_nobody };
  g_autofree char *paragraph = NULL;

  tool_sandbox_init_folder (&dev, test->dev);
  sandbox.mounts[0] = (ToolMount){ dev.path, "/dev" };
  paragraph = probe_in (&sandbox);
  if (paragraph == NULL)
    return;

  assert_has (paragraph, detail);
  assert_has (paragraph, note);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add_data_func (cases[i].path, &cases[i], test_reach);
  for (gsize i = 0; i < G_N_ELEMENTS (device_cases); i++)
    g_test_add_data_func (device_cases[i].path, &device_cases[i], test_device);
  return g_test_run ();
}
