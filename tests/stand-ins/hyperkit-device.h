/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A stand-in for the vsock device of Hyperkit: what an application on the host meets in the folder
 * of a virtual machine, without the machine. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define HYPERKIT_GUEST_CID 3u

typedef struct _HyperkitDevice HyperkitDevice;

/* The guest answers a connection from the host to its @port: a connected descriptor, which the
 * device takes, or -1 to refuse. Runs in a thread of the connection. */
typedef int (*HyperkitGuestFunc) (HyperkitDevice *device, guint32 port, gpointer user_data);

HyperkitDevice *hyperkit_device_new (const char *directory,
                                     guint32 guest_cid,
                                     HyperkitGuestFunc guest,
                                     gpointer user_data,
                                     GError **error);
void hyperkit_device_free (HyperkitDevice *self);

int hyperkit_device_connect_to_host (HyperkitDevice *self, guint32 port);
void hyperkit_device_relay_to_host (HyperkitDevice *self, int guest_fd, guint32 port);

int hyperkit_socket_listen (const char *path);
int hyperkit_socket_connect (const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HyperkitDevice, hyperkit_device_free)

G_END_DECLS
