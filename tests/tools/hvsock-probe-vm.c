/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* How far hvsock-probe gets with the sockets of virtual machines, whose devices are stand-ins. */

#include "hvcat-fixture.h"
#include "probe-steps.h"
#include "vm-device.h"

#include <sys/socket.h>
#include <unistd.h>

typedef struct
{
  guint32 port;
  int fd;
} GuestConnection;

/* In a thread of the device. */
static int
answer_in_guest (VmDevice *device, guint32 port, gpointer user_data)
{
  GuestConnection *connection = g_new (GuestConnection, 1);
  int pair[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
  *connection = (GuestConnection){ port, pair[0] };
  g_async_queue_push (user_data, connection);
  return pair[1];
}

static void
assert_connects (const VmDeviceKind *kind, const char *location, const char *uri, const char *steps)
{
  g_autoptr (GAsyncQueue) guest = g_async_queue_new_full (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (VmDevice) device = vm_device_new (kind, location, 3, answer_in_guest, guest, &error);

  g_assert_no_error (error);
  g_assert_nonnull (device);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (ToolProcess) probe = tool_process_new ("hvsock-probe", uri, NULL);
      g_autofree GuestConnection *connection = NULL;

      tool_process_assert_ends (probe, 0, NULL);
      probe_steps_assert (probe, steps);
      connection = g_async_queue_pop (guest);
      g_assert_cmpuint (connection->port, ==, 80);
      probe_steps_assert_silence (connection->fd);
    }
}

static void
assert_fails (ToolProcess *probe, const char *message, const char *steps)
{
  tool_process_assert_ends (probe, 1, message);
  probe_steps_assert (probe, steps);
}

/* A connection without a request would hang the device, and the second one with it. */
static void
test_hyperkit (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *uri = g_strdup_printf ("hyperkit://:80%s", fixture->folder.path);

  assert_connects (&vm_hyperkit, fixture->folder.path, uri, PROBE_STEPS_DONE);
}

static void
test_hyperkit_missing (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *uri = g_strdup_printf ("hyperkit://:80%s", fixture->folder.path);
  g_autoptr (ToolProcess) probe = tool_process_new ("hvsock-probe", uri, NULL);

  assert_fails (probe, "no virtual machine keeps its sockets in this directory",
                PROBE_STEPS_CONNECT_FAILED);
}

static char *
make_mux_uri (HvcatFixture *fixture)
{
  return g_strdup_printf ("vsock-mux://:80%s", fixture->path);
}

static void
test_mux (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *uri = make_mux_uri (fixture);

  assert_connects (data, fixture->path, uri, PROBE_STEPS_SHAKEN_HANDS);
}

static int
refuse_in_guest (VmDevice *device, guint32 port, gpointer user_data)
{
  return -1;
}

static void
test_mux_refused (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *uri = make_mux_uri (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (VmDevice) device =
      vm_device_new (&vm_firecracker, fixture->path, 3, refuse_in_guest, NULL, &error);
  g_autoptr (ToolProcess) probe = tool_process_new ("hvsock-probe", uri, NULL);

  g_assert_no_error (error);
  g_assert_nonnull (device);
  assert_fails (probe, "nobody listens on this port in the guest", PROBE_STEPS_HANDSHAKE_FAILED);
}

/* Somebody else's socket, who waits to be spoken to. */
static void
test_mux_silent (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *uri = make_mux_uri (fixture);
  int listener = socket_listen (fixture->path, SOCK_STREAM, 1);
  gint64 start = g_get_monotonic_time ();
  g_autoptr (ToolProcess) probe = tool_process_new ("hvsock-probe", "-w", "2000", uri, NULL);

  assert_fails (probe, "no answer within ", PROBE_STEPS_HANDSHAKE_FAILED);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 2000 * G_TIME_SPAN_MILLISECOND);
  close (listener);
}

/* Somebody else's socket, who speaks another protocol. */
static void
test_mux_another_protocol (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *uri = make_mux_uri (fixture);
  int listener = socket_listen (fixture->path, SOCK_STREAM, 1);
  g_autoptr (ToolProcess) probe = tool_process_new ("hvsock-probe", uri, NULL);
  int connection = raw_accept (listener);

  raw_write (connection, "220 ready\n");
  assert_fails (probe, "this is not the vsock socket of a virtual machine",
                PROBE_STEPS_HANDSHAKE_FAILED);
  close (connection);
  close (listener);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  hvcat_fixture_add ("/connect/hyperkit/done", NULL, test_hyperkit);
  hvcat_fixture_add ("/connect/hyperkit/missing", NULL, test_hyperkit_missing);
  hvcat_fixture_add ("/connect/mux/firecracker", &vm_firecracker, test_mux);
  hvcat_fixture_add ("/connect/mux/cloud-hypervisor", &vm_cloud_hypervisor, test_mux);
  hvcat_fixture_add ("/connect/mux/vhost-device-vsock", &vm_vhost_device_vsock, test_mux);
  hvcat_fixture_add ("/connect/mux/refused", NULL, test_mux_refused);
  hvcat_fixture_add ("/connect/mux/silent", NULL, test_mux_silent);
  hvcat_fixture_add ("/connect/mux/another-protocol", NULL, test_mux_another_protocol);
  return g_test_run ();
}
