/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The stand-ins for vsock devices, but for what differs between them. It is separate from its uses
 * because tests run it in a thread of theirs and tools run it as a program. It has no limit of
 * connections. */

#include "vm-device.h"

#include "sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

struct _VmDevice
{
  const VmDeviceKind *kind;
  char *location;
  char *path;
  guint32 guest_cid;
  VmGuestFunc guest; /* NULL where the guest connects back to the host's port of the same number */
  gpointer user_data;
  int listener;
  int wake[2]; /* the first is polled everywhere, the second closed at the end */
  GThread *thread;
  GMutex lock;
  GCond has_ended;     /* a connection */
  guint n_connections; /* under @lock */
};

typedef struct
{
  VmDevice *device;
  guint32 port;
  gboolean is_asked; /* the port is known */
  int host_fd;       /* -1 to connect to the host */
  int guest_fd;      /* -1 to ask the guest */
} Crossing;

guint32
vm_device_get_guest_cid (VmDevice *self)
{
  return self->guest_cid;
}

/* Until @fd can be read. %FALSE once the device is to end. */
gboolean
vm_device_wait_for (VmDevice *self, int fd)
{
  struct pollfd polled[] = {
    { .fd = fd, .events = POLLIN },
    { .fd = self->wake[0], .events = POLLIN },
  };

  while (poll (polled, G_N_ELEMENTS (polled), -1) < 0)
    g_assert (errno == EINTR);
  return polled[1].revents == 0;
}

/* What the guest's kernel does when a program in the guest connects to the host's @port. Returns -1
 * where nobody serves it. */
int
vm_device_connect_to_host (VmDevice *self, guint32 port)
{
  g_autofree char *path = self->kind->get_host_path (self->location, port);

  return socket_file_connect (path);
}

static int
ask_guest (VmDevice *self, guint32 port)
{
  return self->guest == NULL ? vm_device_connect_to_host (self, port)
                             : self->guest (self, port, self->user_data);
}

static void
crossing_serve (Crossing *self)
{
  VmDevice *device = self->device;
  const VmDeviceKind *kind = device->kind;

  if (self->host_fd < 0)
    self->host_fd = vm_device_connect_to_host (device, self->port);
  else if (self->is_asked || kind->read_request (device, self->host_fd, &self->port))
    {
      self->guest_fd = ask_guest (device, self->port);
      if (self->guest_fd >= 0 && kind->answer != NULL)
        kind->answer (device, self->host_fd, self->port);
    }

  if (self->host_fd >= 0 && self->guest_fd >= 0)
    relay_run (self->host_fd, kind->host_rule, self->guest_fd,
               device->guest == NULL ? kind->host_rule : kind->guest_rule, device->wake[0]);
  else
    relay_end (self->host_fd >= 0 ? self->host_fd : self->guest_fd);
}

/* Nothing of the device is used once the last connection has left its lock. */
static gpointer
crossing_run (gpointer data)
{
  g_autofree Crossing *self = data;
  VmDevice *device = self->device;

  crossing_serve (self);
  g_mutex_lock (&device->lock);
  device->n_connections--;
  g_cond_signal (&device->has_ended);
  g_mutex_unlock (&device->lock);
  return NULL;
}

/* Nobody waits for the thread itself: what is left of each would be kept until then. */
static void
start_crossing (Crossing crossing)
{
  VmDevice *device = crossing.device;

  g_mutex_lock (&device->lock);
  device->n_connections++;
  g_mutex_unlock (&device->lock);
  g_thread_unref (
      g_thread_new ("vm-crossing", crossing_run, g_memdup2 (&crossing, sizeof crossing)));
}

/* A program in the guest has connected to the host's @port; @guest_fd, which the device takes, is
 * its end. */
void
vm_device_relay_to_host (VmDevice *self, int guest_fd, guint32 port)
{
  start_crossing ((Crossing){ self, port, TRUE, -1, guest_fd });
}

static gpointer
device_run (gpointer data)
{
  VmDevice *self = data;

  while (vm_device_wait_for (self, self->listener))
    {
      Crossing crossing = { self, 0, self->kind->asks_in_turn, -1, -1 };

      crossing.host_fd = accept4 (self->listener, NULL, NULL, SOCK_CLOEXEC);
      if (crossing.host_fd < 0)
        continue;

      if (!crossing.is_asked || self->kind->read_request (self, crossing.host_fd, &crossing.port))
        start_crossing (crossing);
      else
        relay_end (crossing.host_fd);
    }
  return NULL;
}

/* Listens in the place of a stale socket, and serves it from a thread. @guest_cid plays a part
 * where programs have to name it. Without a @guest, what is for the guest comes back to the host's
 * port of the same number. */
VmDevice *
vm_device_new (const VmDeviceKind *kind,
               const char *location,
               guint32 guest_cid,
               VmGuestFunc guest,
               gpointer user_data,
               GError **error)
{
  g_autofree char *path = kind->get_path (location);
  int listener = socket_file_listen (path);
  VmDevice *self;

  if (listener < 0)
    {
      int errsv = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errsv), "cannot listen on '%s': %s",
                   path, g_strerror (errsv));
      return NULL;
    }

  self = g_new0 (VmDevice, 1);
  self->kind = kind;
  self->location = g_strdup (location);
  self->path = g_steal_pointer (&path);
  self->guest_cid = guest_cid;
  self->guest = guest;
  self->user_data = user_data;
  self->listener = listener;
  g_mutex_init (&self->lock);
  g_cond_init (&self->has_ended);
  if (pipe2 (self->wake, O_CLOEXEC) != 0)
    g_error ("cannot make a pipe: %s", g_strerror (errno));
  self->thread = g_thread_new ("vm-device", device_run, self);
  return self;
}

/* The virtual machine is gone: every connection ends. */
void
vm_device_free (VmDevice *self)
{
  close (self->wake[1]);
  g_thread_join (self->thread);
  g_mutex_lock (&self->lock);
  while (self->n_connections > 0)
    g_cond_wait (&self->has_ended, &self->lock);
  g_mutex_unlock (&self->lock);

  unlink (self->path);
  close (self->listener);
  close (self->wake[0]);
  g_cond_clear (&self->has_ended);
  g_mutex_clear (&self->lock);
  g_free (self->path);
  g_free (self->location);
  g_free (self);
}
