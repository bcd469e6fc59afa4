/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* AF_VSOCK at both ends: this program runs in a guest, which is the host of another one by
 * vhost_vsock. */

#include "boundary.h"

#include <linux/vm_sockets.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *
nested_get_obstacle (void)
{
  if (g_getenv ("HVSOCK_TEST_IN_GUEST") == NULL)
    return "AF_VSOCK is used in a virtual machine only: run the suite 'nested', which starts one";
  if (access ("/dev/vhost-vsock", W_OK) != 0)
    return "this guest cannot host another: start it with tests/guest/run --nested";
  return NULL;
}

static const char *const *
nested_start_device (void)
{
  static const char *const option[] = { "--cid", BOUNDARY_GUEST_CID };

  return option;
}

static void
nested_stop_device (void)
{
}

static char *
nested_get_connect_uri (guint port)
{
  return g_strdup_printf (BOUNDARY_GUEST_URI "%u", port);
}

static char *
nested_get_listen_uri (guint port)
{
  return g_strdup_printf ("vsock://:%u", port);
}

static void
nested_check_host_address (HvsockAddress *address, const char *seen_by_guest)
{
  HvsockVsockAddress *vsock = HVSOCK_VSOCK_ADDRESS (address);
  g_autofree char *as_host =
      g_strdup_printf ("vsock://2:%u", hvsock_vsock_address_get_port (vsock));

  g_assert_cmpstr (as_host, ==, seen_by_guest);
}

static void
nested_check_guest_address (HvsockAddress *address)
{
  g_autofree char *uri = hvsock_address_to_uri (address);

  g_assert_true (g_str_has_prefix (uri, BOUNDARY_GUEST_URI));
}

static int
nested_connect_plainly (guint port)
{
  const struct sockaddr_vm address = {
    .svm_family = AF_VSOCK,
    .svm_cid = atoi (BOUNDARY_GUEST_CID),
    .svm_port = port,
  };
  int fd = socket (AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

  return connect (fd, (const struct sockaddr *) &address, sizeof address) == 0 ? fd : -1;
}

const BoundaryBackend boundary_backend = {
  .name = "nested",
  .exchange_size = 16 * 1024 * 1024,
  .has_half_close = TRUE,
  .has_packets = TRUE,
  .refuses_guest = TRUE,
  .missing_uri = "vsock://4242:5000",
  .missing_code = G_IO_ERROR_HOST_UNREACHABLE,
  .killed_code = G_IO_ERROR_CONNECTION_CLOSED,
  .probed = { "vsock", { "\n  local CID: 2\n", "\n  role: host", "\n  reaches guests: yes" } },
  .get_obstacle = nested_get_obstacle,
  .start_device = nested_start_device,
  .stop_device = nested_stop_device,
  .get_connect_uri = nested_get_connect_uri,
  .get_listen_uri = nested_get_listen_uri,
  .check_host_address = nested_check_host_address,
  .check_guest_address = nested_check_guest_address,
  .connect_plainly = nested_connect_plainly,
};
