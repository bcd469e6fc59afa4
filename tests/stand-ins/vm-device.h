/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A stand-in for the vsock device of a virtual machine that gives the host's programs Unix sockets:
 * what these programs meet, without the machine. What differs between hypervisors is a
 * VmDeviceKind. */

#pragma once

#include <gio/gio.h>

#include "relay.h"

G_BEGIN_DECLS

typedef struct _VmDevice VmDevice;

typedef struct
{
  /* Where the host's programs ask for a port of the guest at @location, and where those listen that
   * the guest finds at a port of the host. */
  char *(*get_path) (const char *location);
  char *(*get_host_path) (const char *location, guint32 port);

  /* Reads what a program asks for, and returns %FALSE to hang up. A device whose @asks_in_turn
   * reads one request after the other, so that a silent program keeps the others waiting. */
  gboolean (*read_request) (VmDevice *device, int fd, guint32 *port);
  gboolean asks_in_turn;

  /* Tells the program that it has the @port, or NULL. */
  void (*answer) (VmDevice *device, int fd, guint32 port);

  RelayRule host_rule;
  RelayRule guest_rule;
} VmDeviceKind;

/* The guest answers a connection from the host to its @port: a connected descriptor, which the
 * device takes, or -1 to refuse. Runs in a thread of the connection. */
typedef int (*VmGuestFunc) (VmDevice *device, guint32 port, gpointer user_data);

extern const VmDeviceKind vm_hyperkit;
extern const VmDeviceKind vm_firecracker;
extern const VmDeviceKind vm_cloud_hypervisor;
extern const VmDeviceKind vm_vhost_device_vsock;

VmDevice *vm_device_new (const VmDeviceKind *kind,
                         const char *location,
                         guint32 guest_cid,
                         VmGuestFunc guest,
                         gpointer user_data,
                         GError **error);
void vm_device_free (VmDevice *self);

guint32 vm_device_get_guest_cid (VmDevice *self);
gboolean vm_device_wait_for (VmDevice *self, int fd);
int vm_device_connect_to_host (VmDevice *self, guint32 port);
void vm_device_relay_to_host (VmDevice *self, int guest_fd, guint32 port);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VmDevice, vm_device_free)

G_END_DECLS
