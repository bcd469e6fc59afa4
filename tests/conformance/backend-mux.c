/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The conformance suite over the Unix socket of a virtual machine, against a stand-in for each of
 * the hypervisors: VM_KIND says for which. An application can listen for the guest and connect to
 * the guest, but not to itself: so what is for a port of the guest comes back to the host's port of
 * the same number. */

#include "peers.h"
#include "socket-files.h"
#include "vm-device.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT      4294967295u
#define HAND_PORT 1234567890u

static char *
make_uri (const char *path, guint32 port)
{
  g_autoptr (HvsockAddress) address = hvsock_mux_address_new (port, path);

  return hvsock_address_to_uri (address);
}

static char *
get_path (Conformance *self, const char *name)
{
  return g_build_filename (self->folder.path, name, NULL);
}

static VmDevice *
start_device (Conformance *self, const char *path, VmGuestFunc guest, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  VmDevice *device = vm_device_new (&VM_KIND, path, 0, guest, user_data, &error);

  g_assert_no_error (error);
  g_ptr_array_add (self->devices, device);
  return device;
}

static const char *
mux_get_obstacle (void)
{
  return NULL;
}

static char *
mux_set_up (Conformance *self)
{
  g_autofree char *path = get_path (self, "vm");

  self->devices = g_ptr_array_new_with_free_func ((GDestroyNotify) vm_device_free);
  start_device (self, path, NULL, NULL);
  return make_uri (path, PORT);
}

static void
mux_tear_down (Conformance *self)
{
  conformance_socket_clear (self);
  g_ptr_array_unref (self->devices);
}

static int
mux_listen_by_hand (Conformance *self, HvsockAddress **address)
{
  g_autofree char *path = get_path (self, "vm");
  g_autofree char *host_path = g_strdup_printf ("%s_%u", path, HAND_PORT);

  *address = hvsock_mux_address_new (HAND_PORT, path);
  return socket_listen (host_path, SOCK_STREAM, 16);
}

static char *
mux_refuse (Conformance *self)
{
  g_autofree char *path = get_path (self, "refused");

  socket_make_stale (path);
  return make_uri (path, PORT);
}

static HvsockListener *
mux_stop_refusing (Conformance *self, const char *uri)
{
  g_autoptr (GError) error = NULL;
  HvsockListener *listener = hvsock_listen (uri, NULL, &error);

  g_assert_no_error (error);
  start_device (self,
                hvsock_mux_address_get_path (
                    HVSOCK_MUX_ADDRESS (hvsock_listener_get_local_address (listener))),
                NULL, NULL);
  return listener;
}

static char *
mux_get_missing_uri (Conformance *self)
{
  g_autofree char *path = get_path (self, "missing");

  return make_uri (path, PORT);
}

static char *
mux_fall_silent (Conformance *self)
{
  g_autofree char *path = get_path (self, "silent");

  conformance_socket_make_silent (self, path);
  return make_uri (path, PORT);
}

static void
mux_let_in (int fd)
{
  g_assert_cmpint (write (fd, "OK 1\n", 5), ==, 5);
}

static char *
mux_get_long_uri (Conformance *self)
{
  g_autofree char *directory = conformance_make_long_directory (self);
  g_autofree char *path = g_build_filename (directory, "vm", NULL);

  return make_uri (path, HAND_PORT);
}

/* The protocol conveys no address of the peer. */
static void
mux_check_addresses (Conformance *self, HvsockConnection *client, HvsockConnection *server)
{
  HvsockMuxAddress *remote = HVSOCK_MUX_ADDRESS (hvsock_connection_get_remote_address (client));

  g_assert_cmpuint (hvsock_mux_address_get_port (remote), ==, PORT);
  g_assert_null (hvsock_connection_get_local_address (client));
  g_assert_null (hvsock_connection_get_remote_address (server));
}

/* The guest has not the port: the device hangs up without an answer. */
static void
test_refused_port (Conformance *self)
{
  g_autofree char *path = get_path (self, "vm");
  g_autofree char *uri = make_uri (path, PORT - 1);
  g_autoptr (GError) error = NULL;

  g_assert_null (hvsock_connect (uri, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
  g_assert_nonnull (strstr (error->message, uri));
  g_assert_nonnull (strstr (error->message, "nobody listens on this port in the guest"));
}

static int
give_end (VmDevice *device, guint32 port, gpointer user_data)
{
  int *end = user_data;

  g_assert_cmpuint (port, ==, 52);
  return *end;
}

/* A connection to a program in the guest, which has @guest_fd. */
static HvsockConnection *
connect_to_guest (Conformance *self, int *guest_fd)
{
  g_autofree char *path = get_path (self, "guest");
  g_autofree char *uri = make_uri (path, 52);
  g_autoptr (GError) error = NULL;
  HvsockConnection *connection;
  int ends[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
  start_device (self, path, give_end, &ends[0]);
  connection = hvsock_connect (uri, NULL, &error);
  g_assert_no_error (error);
  *guest_fd = ends[1];
  return connection;
}

static void
expect_by_hand (int fd, const char *text)
{
  char buffer[64];

  g_assert_cmpint (recv (fd, buffer, strlen (text), MSG_WAITALL), ==, strlen (text));
  g_assert_cmpmem (buffer, strlen (text), text, strlen (text));
}

/* What the guest has written is read to its last byte, whether or not its half-close is heard of;
 * that leaves the other direction alone. */
static void
test_guest_half_closes (Conformance *self)
{
  int guest_fd;
  g_autoptr (HvsockConnection) client = connect_to_guest (self, &guest_fd);

  conformance_send (self, client, "question");
  expect_by_hand (guest_fd, "question");
  g_assert_cmpint (write (guest_fd, "answer", 6), ==, 6);
  g_assert_no_errno (shutdown (guest_fd, SHUT_WR));
  conformance_expect (self, client, "answer");
  if (VM_KIND.guest_rule == RELAY_PASS_ON)
    conformance_expect_end (self, client);
  conformance_send (self, client, "more");
  expect_by_hand (guest_fd, "more");

  close (guest_fd);
  conformance_expect_end (self, client);
}

static void
test_close_reaches_guest (Conformance *self)
{
  int guest_fd;
  g_autoptr (HvsockConnection) client = connect_to_guest (self, &guest_fd);
  char byte;

  conformance_send (self, client, "last words");
  conformance_close (client);
  expect_by_hand (guest_fd, "last words");
  g_assert_cmpint (read (guest_fd, &byte, 1), ==, 0);
  close (guest_fd);
}

static void
test_from_guest (Conformance *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockConnection) server = NULL;
  int ends[2];
  char byte;

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
  vm_device_relay_to_host (g_ptr_array_index (self->devices, 0), ends[0], PORT);
  server = hvsock_listener_accept (self->listener, NULL, &error);
  g_assert_no_error (error);

  g_assert_cmpint (write (ends[1], "question", 8), ==, 8);
  conformance_expect (self, server, "question");
  conformance_send (self, server, "answer");
  conformance_close (server);
  expect_by_hand (ends[1], "answer");
  g_assert_cmpint (read (ends[1], &byte, 1), ==, 0);
  close (ends[1]);
}

static void
mux_add_tests (void)
{
  conformance_add_both ("/refused-port", test_refused_port);
  conformance_add_modes ("/guest-half-closes", test_guest_half_closes);
  conformance_add_modes ("/close-reaches-guest", test_close_reaches_guest);
  conformance_add_modes ("/from-guest", test_from_guest);
}

const ConformanceBackend conformance_backend = {
  .name = "mux",
  .lacks_half_close = TRUE,
  .get_obstacle = mux_get_obstacle,
  .set_up = mux_set_up,
  .tear_down = mux_tear_down,
  .listen_by_hand = mux_listen_by_hand,
  .refuse = mux_refuse,
  .stop_refusing = mux_stop_refusing,
  .get_missing_uri = mux_get_missing_uri,
  .fall_silent = mux_fall_silent,
  .let_in = mux_let_in,
  .get_long_uri = mux_get_long_uri,
  .check_addresses = mux_check_addresses,
  .add_tests = mux_add_tests,
};
