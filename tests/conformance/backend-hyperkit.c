/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The conformance suite over Hyperkit's sockets, against a stand-in for its device. An application
 * can listen for the guest and connect to the guest, but not to itself: so the stand-in's guest
 * sends what is for its port back to the host's port of the same number. */

#include "peers.h"
#include "socket-files.h"
#include "vm-device.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* It has letters when it is written in hexadecimal digits, and needs all 32 bits. */
#define PORT      0xabcdef12u
#define NAME      "00000002.abcdef12"
#define HAND_PORT 0x0000000au
#define HAND_NAME "00000002.0000000a"

static void
start_device (Conformance *self, const char *directory)
{
  g_autoptr (GError) error = NULL;
  VmDevice *device = vm_device_new (&vm_hyperkit, directory, HVSOCK_HYPERKIT_DEFAULT_GUEST_CID,
                                    NULL, NULL, &error);

  g_assert_no_error (error);
  g_ptr_array_add (self->devices, device);
}

static char *
make_uri (const char *directory, guint32 port)
{
  g_autoptr (HvsockAddress) address =
      hvsock_hyperkit_address_new (HVSOCK_HYPERKIT_DEFAULT_GUEST_CID, port, directory);

  return hvsock_address_to_uri (address);
}

/* The folder of another virtual machine. */
static char *
make_directory (Conformance *self, const char *name, char **connect_path)
{
  char *directory = g_build_filename (self->folder.path, name, NULL);

  g_assert_no_errno (g_mkdir (directory, 0700));
  *connect_path = g_build_filename (directory, "connect", NULL);
  return directory;
}

static const char *
hyperkit_get_obstacle (void)
{
  return NULL;
}

static char *
hyperkit_set_up (Conformance *self)
{
  self->devices = g_ptr_array_new_with_free_func ((GDestroyNotify) vm_device_free);
  start_device (self, self->folder.path);
  return make_uri (self->folder.path, PORT);
}

static void
hyperkit_tear_down (Conformance *self)
{
  conformance_socket_clear (self);
  g_ptr_array_unref (self->devices);
}

static int
hyperkit_listen_by_hand (Conformance *self, HvsockAddress **address)
{
  g_autofree char *path = g_build_filename (self->folder.path, HAND_NAME, NULL);

  *address =
      hvsock_hyperkit_address_new (HVSOCK_HYPERKIT_DEFAULT_GUEST_CID, HAND_PORT, self->folder.path);
  return socket_listen (path, SOCK_STREAM, 16);
}

static char *
hyperkit_refuse (Conformance *self)
{
  g_autofree char *path = NULL;
  g_autofree char *directory = make_directory (self, "refused", &path);

  socket_make_stale (path);
  return make_uri (directory, PORT);
}

static HvsockListener *
hyperkit_stop_refusing (Conformance *self, const char *uri)
{
  g_autoptr (GError) error = NULL;
  HvsockListener *listener = hvsock_listen (uri, NULL, &error);
  HvsockAddress *address;

  g_assert_no_error (error);
  address = hvsock_listener_get_local_address (listener);
  start_device (self, hvsock_hyperkit_address_get_directory (HVSOCK_HYPERKIT_ADDRESS (address)));
  return listener;
}

static char *
hyperkit_get_missing_uri (Conformance *self)
{
  g_autofree char *path = NULL;
  g_autofree char *directory = make_directory (self, "missing", &path);

  return make_uri (directory, PORT);
}

static char *
hyperkit_fall_silent (Conformance *self)
{
  g_autofree char *path = NULL;
  g_autofree char *directory = make_directory (self, "silent", &path);

  conformance_socket_make_silent (self, path);
  return make_uri (directory, PORT);
}

static char *
hyperkit_get_long_uri (Conformance *self)
{
  g_autofree char *directory = conformance_make_long_directory (self);

  return make_uri (directory, HAND_PORT);
}

/* The protocol conveys no address of the peer. */
static void
hyperkit_check_addresses (Conformance *self, HvsockConnection *client, HvsockConnection *server)
{
  HvsockHyperkitAddress *remote =
      HVSOCK_HYPERKIT_ADDRESS (hvsock_connection_get_remote_address (client));

  g_assert_cmpuint (hvsock_hyperkit_address_get_port (remote), ==, PORT);
  g_assert_null (hvsock_connection_get_local_address (client));
  g_assert_null (hvsock_connection_get_remote_address (server));
}

/* The device makes one read, so the request must be there in one piece, and alone. */
static void
test_request (Conformance *self)
{
  g_autofree char *path = NULL;
  g_autofree char *directory = make_directory (self, "request", &path);
  g_autofree char *uri = make_uri (directory, PORT);
  int listener = socket_listen (path, SOCK_STREAM, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockConnection) client = hvsock_connect (uri, NULL, &error);
  char request[64];
  int fd;

  g_assert_no_error (error);
  g_assert_nonnull (client);
  fd = accept (listener, NULL, NULL);
  g_assert_cmpmem (request, read (fd, request, sizeof request), "00000003.abcdef12\n", 18);
  close (fd);
  close (listener);
}

static void
test_guest_cid (Conformance *self)
{
  g_autoptr (HvsockAddress) address = hvsock_hyperkit_address_new (4, PORT, self->folder.path);
  g_autofree char *uri = hvsock_address_to_uri (address);
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockConnection) client = hvsock_connect (uri, NULL, &error);

  g_assert_no_error (error);
  conformance_expect_end (self, client);
}

/* A port that nobody serves is an end of file, and no error. */
static void
test_refused_port (Conformance *self)
{
  g_autofree char *uri = make_uri (self->folder.path, PORT + 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockConnection) client = hvsock_connect (uri, NULL, &error);

  g_assert_no_error (error);
  conformance_expect_end (self, client);
}

static void
test_from_guest (Conformance *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockConnection) server = NULL;
  char answer[16];
  int ends[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
  vm_device_relay_to_host (g_ptr_array_index (self->devices, 0), ends[0], PORT);
  server = hvsock_listener_accept (self->listener, NULL, &error);
  g_assert_no_error (error);

  g_assert_cmpint (write (ends[1], "question", 8), ==, 8);
  g_assert_no_errno (shutdown (ends[1], SHUT_WR));
  conformance_expect (self, server, "question");
  conformance_expect_end (self, server);
  conformance_send (self, server, "answer");
  conformance_close (server);
  g_assert_cmpint (recv (ends[1], answer, 6, MSG_WAITALL), ==, 6);
  g_assert_cmpmem (answer, 6, "answer", 6);
  g_assert_cmpint (read (ends[1], answer, 1), ==, 0);
  close (ends[1]);
}

static void
test_socket_file (Conformance *self)
{
  g_autofree char *path = g_build_filename (self->folder.path, NAME, NULL);

  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  hvsock_listener_close (self->listener);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
hyperkit_add_tests (void)
{
  conformance_add ("/request", test_request);
  conformance_add ("/guest-cid", test_guest_cid);
  conformance_add_modes ("/refused-port", test_refused_port);
  conformance_add_modes ("/from-guest", test_from_guest);
  conformance_add ("/socket-file", test_socket_file);
}

const ConformanceBackend conformance_backend = {
  .name = "hyperkit",
  .get_obstacle = hyperkit_get_obstacle,
  .set_up = hyperkit_set_up,
  .tear_down = hyperkit_tear_down,
  .listen_by_hand = hyperkit_listen_by_hand,
  .refuse = hyperkit_refuse,
  .stop_refusing = hyperkit_stop_refusing,
  .get_missing_uri = hyperkit_get_missing_uri,
  .fall_silent = hyperkit_fall_silent,
  .get_long_uri = hyperkit_get_long_uri,
  .check_addresses = hyperkit_check_addresses,
  .add_tests = hyperkit_add_tests,
};
