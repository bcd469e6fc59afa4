/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Where an address leads to in terms of AF_VSOCK. */

#pragma once

#include <hvsock/hvsock-plugin.h>

#include <linux/vm_sockets.h>

G_BEGIN_DECLS

typedef struct
{
  struct sockaddr_vm native;
  GSocketType type;
  guint64 buffer_size; /* in bytes, 0 for the system's */
} VsockEndpoint;

gboolean vsock_endpoint_init (VsockEndpoint *self, HvsockAddress *address, GError **error);
int vsock_endpoint_open_socket (const VsockEndpoint *self, GError **error);

/* What helps against an error of socket(2). */
const char *vsock_get_socket_remedy (int errsv);

G_END_DECLS
