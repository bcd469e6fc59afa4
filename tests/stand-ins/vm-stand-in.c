/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The stand-ins for vsock devices as a program, for tests of the tools. Programs "in the guest" are
 * reached over Unix sockets in the folder where the device has its own. */

#include "vm-device.h"
#include "sockets.h"

#include <errno.h>
#include <glib-unix.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct
{
  VmDevice *device;
  guint32 port;
  char *path;
  int fd;
} GuestPort;

static const struct
{
  const char *name;
  const VmDeviceKind *kind;
} kinds[] = {
  { "hyperkit", &vm_hyperkit },
  { "firecracker", &vm_firecracker },
  { "cloud-hypervisor", &vm_cloud_hypervisor },
  { "vhost-device-vsock", &vm_vhost_device_vsock },
};

static const char description[] =
    "KIND is hyperkit, whose LOCATION is a folder DIR, or firecracker, cloud-hypervisor or\n"
    "vhost-device-vsock, whose LOCATION is a socket in a folder DIR.\n"
    "\n"
    "A connection from the host to the guest's port N goes on to the Unix socket DIR/guest.N, where the\n"
    "program \"in the guest\" listens; it is refused where there is none. With --from-guest=N the program\n"
    "\"in the guest\" connects to DIR/guest-connect.N instead, and that goes on to the host's port N; it\n"
    "ends where there is none. With --loop a connection from the host to port N comes back to the host's\n"
    "port N.\n"
    "\n"
    "Prints \"ready\" once it serves. Ends with status 0 on SIGTERM and SIGINT, and removes its sockets.\n";

#define GUEST_CID 3

static int
forward_to_program (VmDevice *device, guint32 port, gpointer user_data)
{
  const char *directory = user_data;
  g_autofree char *path = g_strdup_printf ("%s/guest.%u", directory, port);

  return socket_file_connect (path);
}

static gboolean
connection_from_guest_cb (int fd, GIOCondition condition, gpointer user_data)
{
  GuestPort *self = user_data;
  int accepted = accept4 (fd, NULL, NULL, SOCK_CLOEXEC);

  if (accepted >= 0)
    vm_device_relay_to_host (self->device, accepted, self->port);
  return G_SOURCE_CONTINUE;
}

static void
guest_port_free (gpointer data)
{
  GuestPort *self = data;

  unlink (self->path);
  close (self->fd);
  g_free (self->path);
  g_free (self);
}

static gboolean
serve_guest_port (VmDevice *device, const char *directory, const char *text, GPtrArray *ports)
{
  guint64 port;
  GuestPort *self;

  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT32, &port, NULL))
    {
      g_printerr ("vm-stand-in: '%s' is not a port\n", text);
      return FALSE;
    }

  self = g_new0 (GuestPort, 1);
  self->device = device;
  self->port = port;
  self->path = g_strdup_printf ("%s/guest-connect.%u", directory, self->port);
  self->fd = socket_file_listen (self->path);
  if (self->fd < 0)
    {
      g_printerr ("vm-stand-in: cannot listen on '%s': %s\n", self->path, g_strerror (errno));
      g_free (self->path);
      g_free (self);
      return FALSE;
    }

  g_ptr_array_add (ports, self);
  g_unix_fd_add (self->fd, G_IO_IN, connection_from_guest_cb, self);
  return TRUE;
}

static gboolean
quit_cb (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_CONTINUE;
}

static const VmDeviceKind *
find_kind (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      if (g_str_equal (name, kinds[i].name))
        return kinds[i].kind;
    }
  return NULL;
}

static gboolean
serve (const VmDeviceKind *kind,
       const char *location,
       guint32 guest_cid,
       gboolean is_loop,
       char **from_guest)
{
  g_autofree char *path = kind->get_path (location);
  g_autofree char *directory = g_path_get_dirname (path);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GPtrArray) ports = g_ptr_array_new_with_free_func (guest_port_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (VmDevice) device = NULL;

  g_unix_signal_add (SIGTERM, quit_cb, loop);
  g_unix_signal_add (SIGINT, quit_cb, loop);

  device = vm_device_new (kind, location, guest_cid, is_loop ? NULL : forward_to_program, directory,
                          &error);
  if (device == NULL)
    {
      g_printerr ("vm-stand-in: %s\n", error->message);
      return FALSE;
    }
  for (guint i = 0; from_guest != NULL && from_guest[i] != NULL; i++)
    if (!serve_guest_port (device, directory, from_guest[i], ports))
      return FALSE;

  g_print ("ready\n");
  g_main_loop_run (loop);
  return TRUE;
}

int
main (int argc, char **argv)
{
  int guest_cid = GUEST_CID;
  gboolean is_loop = FALSE;
  g_auto (GStrv) from_guest = NULL;
  g_autoptr (GError) error = NULL;
  const VmDeviceKind *kind;
  const GOptionEntry entries[] = {
    { "guest-cid", 0, 0, G_OPTION_ARG_INT, &guest_cid, "The guest's CID (3)", "CID" },
    { "from-guest", 0, 0, G_OPTION_ARG_STRING_ARRAY, &from_guest,
      "Let programs in the guest connect to the host's port N; may be given several times", "N" },
    { "loop", 0, 0, G_OPTION_ARG_NONE, &is_loop, "Send connections to the guest back to the host",
      NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context =
      g_option_context_new ("KIND LOCATION - stand in for the vsock device of a virtual machine");

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_description (context, description);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc != 3)
    {
      g_printerr ("vm-stand-in: %s; see --help\n",
                  error != NULL ? error->message : "a kind and a location are expected");
      return 2;
    }

  kind = find_kind (argv[1]);
  if (kind == NULL)
    {
      g_printerr ("vm-stand-in: '%s' is no kind; see --help\n", argv[1]);
      return 2;
    }
  return serve (kind, argv[2], guest_cid, is_loop, from_guest) ? EXIT_SUCCESS : EXIT_FAILURE;
}
