/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A stand-in for the vsock device of Hyperkit (src/lib/pci_virtio_sock.c there), as an application
 * on the host meets it:
 *
 * - It listens on <directory>/connect. Of each connection it makes one read of 18 bytes, CID and
 * port as
 *   "%08x.%08x\n" in lower case, in the one thread that serves all of them: a client that connects
 * and writes nothing keeps every other one waiting. There is no reply; whatever is not such a
 * request, and a port that the guest refuses, is closed.
 * - A guest that connects to the host's port is given a connection to <directory>/00000002.<port>,
 * and is reset if there is none.
 * - Each direction ends on its own.
 *
 * It has no limit of sockets, and it does not reset a connection 30 s after a full local shutdown.
 * It is separate from its uses because tests run it in a thread of theirs and tools run it as a
 * program. */

#include "hyperkit-device.h"

#include "hyperkit-relay.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define REQUEST_LENGTH 18
#define HOST_CID       2u

struct _HyperkitDevice
{
  char *directory;
  guint32 guest_cid;
  HyperkitGuestFunc guest;
  gpointer user_data;
  int listener;
  int wake[2]; /* the first is polled everywhere, the second closed at the end */
  GThread *thread;
  GMutex lock;
  GPtrArray *connections; /* threads, under @lock */
};

typedef struct
{
  HyperkitDevice *device;
  guint32 port;
  int host_fd;  /* -1 to connect to the host */
  int guest_fd; /* -1 to ask the guest */
} Crossing;

static gboolean
fill_address (struct sockaddr_un *address, const char *path)
{
  memset (address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  return g_strlcpy (address->sun_path, path, sizeof address->sun_path) < sizeof address->sun_path;
}

/* Returns -1 and errno, as hyperkit_socket_connect() does. */
int
hyperkit_socket_listen (const char *path)
{
  struct sockaddr_un address;
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (!fill_address (&address, path))
    errno = ENAMETOOLONG;
  else if (fd >= 0)
    {
      unlink (path);
      if (bind (fd, (struct sockaddr *) &address, sizeof address) == 0 &&
          listen (fd, SOMAXCONN) == 0)
        return fd;
    }

  if (fd >= 0)
    close (fd);
  return -1;
}

int
hyperkit_socket_connect (const char *path)
{
  struct sockaddr_un address;
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (!fill_address (&address, path))
    errno = ENAMETOOLONG;
  else if (fd >= 0 && connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
    return fd;

  if (fd >= 0)
    close (fd);
  return -1;
}

/* What the guest's kernel does when a program in the guest connects to the host's @port. Returns -1
 * where nobody serves it. */
int
hyperkit_device_connect_to_host (HyperkitDevice *self, guint32 port)
{
  g_autofree char *path = g_strdup_printf ("%s/%08x.%08x", self->directory, HOST_CID, port);

  return hyperkit_socket_connect (path);
}

static gpointer
crossing_run (gpointer data)
{
  g_autofree Crossing *self = data;
  HyperkitDevice *device = self->device;

  if (self->host_fd < 0)
    self->host_fd = hyperkit_device_connect_to_host (device, self->port);
  else
    self->guest_fd = device->guest (device, self->port, device->user_data);

  if (self->host_fd >= 0 && self->guest_fd >= 0)
    hyperkit_relay_run (self->host_fd, self->guest_fd, device->wake[0]);
  else
    hyperkit_relay_end (self->host_fd >= 0 ? self->host_fd : self->guest_fd);
  return NULL;
}

static void
start_crossing (HyperkitDevice *self, int host_fd, int guest_fd, guint32 port)
{
  Crossing *crossing = g_new (Crossing, 1);

  *crossing = (Crossing){ self, port, host_fd, guest_fd };
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->connections, g_thread_new ("hyperkit-relay", crossing_run, crossing));
  g_mutex_unlock (&self->lock);
}

/* A program in the guest has connected to the host's @port; @guest_fd, which the device takes, is
 * its end. */
void
hyperkit_device_relay_to_host (HyperkitDevice *self, int guest_fd, guint32 port)
{
  start_crossing (self, -1, guest_fd, port);
}

static gboolean
parse_hex (const char *text, guint32 *number)
{
  *number = 0;
  for (guint i = 0; i < 8; i++)
    {
      if (!g_ascii_isxdigit (text[i]) || g_ascii_isupper (text[i]))
        return FALSE;
      *number = *number << 4 | (guint32) g_ascii_xdigit_value (text[i]);
    }
  return TRUE;
}

static gboolean
parse_request (HyperkitDevice *self, const char request[REQUEST_LENGTH], guint32 *port)
{
  guint32 cid;

  return parse_hex (request, &cid) && request[8] == '.' && parse_hex (request + 9, port) &&
         request[17] == '\n' && cid == self->guest_cid;
}

/* FALSE once the device is to end. */
static gboolean
wait_for (HyperkitDevice *self, int fd)
{
  struct pollfd polled[] = {
    { .fd = fd, .events = POLLIN },
    { .fd = self->wake[0], .events = POLLIN },
  };

  while (poll (polled, G_N_ELEMENTS (polled), -1) < 0)
    g_assert (errno == EINTR);
  return polled[1].revents == 0;
}

static gpointer
device_run (gpointer data)
{
  HyperkitDevice *self = data;

  while (wait_for (self, self->listener))
    {
      char request[REQUEST_LENGTH];
      guint32 port;
      int fd = accept4 (self->listener, NULL, NULL, SOCK_CLOEXEC);

      if (fd < 0)
        continue;

      if (wait_for (self, fd) && read (fd, request, sizeof request) == sizeof request &&
          parse_request (self, request, &port))
        start_crossing (self, fd, -1, port);
      else
        hyperkit_relay_end (fd);
    }
  return NULL;
}

/* Creates <directory>/connect, in the place of a stale one, and serves it from a thread. */
HyperkitDevice *
hyperkit_device_new (const char *directory,
                     guint32 guest_cid,
                     HyperkitGuestFunc guest,
                     gpointer user_data,
                     GError **error)
{
  g_autofree char *path = g_build_filename (directory, "connect", NULL);
  int listener = hyperkit_socket_listen (path);
  HyperkitDevice *self;

  if (listener < 0)
    {
      int errsv = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errsv), "cannot listen on '%s': %s",
                   path, g_strerror (errsv));
      return NULL;
    }

  self = g_new0 (HyperkitDevice, 1);
  self->directory = g_strdup (directory);
  self->guest_cid = guest_cid;
  self->guest = guest;
  self->user_data = user_data;
  self->listener = listener;
  self->connections = g_ptr_array_new ();
  g_mutex_init (&self->lock);
  if (pipe2 (self->wake, O_CLOEXEC) != 0)
    g_error ("cannot make a pipe: %s", g_strerror (errno));
  self->thread = g_thread_new ("hyperkit-device", device_run, self);
  return self;
}

/* The virtual machine is gone: every connection ends. */
void
hyperkit_device_free (HyperkitDevice *self)
{
  g_autofree char *path = g_build_filename (self->directory, "connect", NULL);

  close (self->wake[1]);
  g_thread_join (self->thread);
  for (guint i = 0; i < self->connections->len; i++)
    g_thread_join (self->connections->pdata[i]);

  unlink (path);
  close (self->listener);
  close (self->wake[0]);
  g_ptr_array_unref (self->connections);
  g_mutex_clear (&self->lock);
  g_free (self->directory);
  g_free (self);
}
