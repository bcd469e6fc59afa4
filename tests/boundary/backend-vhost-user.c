/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Unix sockets at the host's end: the guest's device is provided by vhost-device-vsock, a process
 * that shares the guest's memory. The host's kernel has no part in it. */

#include "boundary.h"

#include "folder.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static GSubprocess *device = NULL;
static Folder folder;
static char *device_socket = NULL; /* for the virtual machine */
static char *mux_socket = NULL;    /* for programs on the host */

static char *
get_program (void)
{
  const char *peers = g_getenv ("HVSOCK_PEERS_DIR");
  g_autofree char *cached = g_build_filename (g_get_user_cache_dir (), "hvsock-peers", NULL);

  return g_build_filename (peers != NULL ? peers : cached, "bin", "vhost-device-vsock", NULL);
}

static char *
find_obstacle (void)
{
  const char *const check[] = { GUEST_RUN, "--check", NULL };
  g_autofree char *program = get_program ();
  g_autofree char *message = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **) check, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, &message, &status,
                &error);
  g_assert_no_error (error);
  if (status != 0)
    return g_strdup (g_strchomp (message) + strlen ("run: "));
  if (!g_file_test (program, G_FILE_TEST_IS_EXECUTABLE))
    return g_strdup ("no vhost-device-vsock: run tests/boundary/setup, which builds it");
  return NULL;
}

static const char *
vhost_user_get_obstacle (void)
{
  static gsize is_known = 0;
  static char *obstacle = NULL;

  if (g_once_init_enter (&is_known))
    {
      obstacle = find_obstacle ();
      g_once_init_leave (&is_known, 1);
    }
  return obstacle;
}

static gboolean
is_listening (gpointer data)
{
  return g_file_test (device_socket, G_FILE_TEST_EXISTS);
}

/* It is ready when it has made its socket for the virtual machine, which is the last thing; the
 * monitor makes an event of that. */
static void
spawn_device (void)
{
  g_autofree char *program = get_program ();
  const char *const arguments[] = {
    program,       "--guest-cid", BOUNDARY_GUEST_CID, "--socket",
    device_socket, "--uds-path",  mux_socket,         NULL,
  };
  g_autoptr (GFile) file = g_file_new_for_path (folder.path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileMonitor) monitor = g_file_monitor_directory (file, 0, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (monitor);
  device = boundary_spawn (arguments, is_listening, NULL);
}

static const char *const *
vhost_user_start_device (void)
{
  static const char *option[2] = { "--vhost-user" };

  folder_init (&folder);
  device_socket = g_build_filename (folder.path, "device", NULL);
  mux_socket = g_build_filename (folder.path, "vm", NULL);
  spawn_device ();
  option[1] = device_socket;
  return option;
}

static void
vhost_user_stop_device (void)
{
  boundary_end (device);
  g_clear_object (&device);
  g_clear_pointer (&device_socket, g_free);
  g_clear_pointer (&mux_socket, g_free);
  folder_clear (&folder);
}

/* The guest's port to connect to, the host's to listen on. */
static char *
vhost_user_get_uri (guint port)
{
  return g_strdup_printf ("vsock-mux://:%u%s", port, mux_socket);
}

/* A Unix socket that connects has no address of its own, and the guest sees a port that the device
 * chose. */
static void
vhost_user_check_host_address (HvsockAddress *address, const char *seen_by_guest)
{
  g_assert_null (address);
}

static void
vhost_user_check_guest_address (HvsockAddress *address)
{
  g_assert_null (address);
}

static int
vhost_user_connect_plainly (guint port)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  char byte = 0;

  g_strlcpy (address.sun_path, mux_socket, sizeof address.sun_path);
  if (connect (fd, (const struct sockaddr *) &address, sizeof address) != 0 ||
      dprintf (fd, "CONNECT %u\n", port) < 0)
    return -1;
  while (byte != '\n' && read (fd, &byte, 1) == 1)
    continue;
  return byte == '\n' ? fd : -1;
}

const BoundaryBackend boundary_backend = {
  .name = "boundary",
  .exchange_size = 256 * 1024 * 1024,
  .missing_uri = "vsock-mux://:5000/nonexistent/vm",
  .missing_code = G_IO_ERROR_NOT_FOUND,
  .killed_code = -1,
  .probed = { "mux", { "\n  half-close: " } },
  .get_obstacle = vhost_user_get_obstacle,
  .start_device = vhost_user_start_device,
  .stop_device = vhost_user_stop_device,
  .get_connect_uri = vhost_user_get_uri,
  .get_listen_uri = vhost_user_get_uri,
  .check_host_address = vhost_user_check_host_address,
  .check_guest_address = vhost_user_check_guest_address,
  .connect_plainly = vhost_user_connect_plainly,
};
