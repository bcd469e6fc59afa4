/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Whom AF_VSOCK reaches from this machine, as far as that can be seen without a connection. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define VSOCK_DEVICE "/dev/vsock"

typedef enum
{
  VSOCK_UNKNOWN,
  VSOCK_NO,
  VSOCK_YES,
} VsockAnswer;

typedef struct
{
  VsockAnswer answer;
  const char *comment; /* by what, or why it is unknown; NULL for nothing to add */
} VsockFinding;

typedef struct
{
  unsigned int cid; /* VMADDR_CID_ANY also if the kernel has none to tell */
  int cid_errsv;    /* why the kernel was not asked, or 0 */

  gboolean is_local_namespace;
  VsockFinding host;
  VsockFinding guests;
  VsockFinding loopback;
} VsockFacts;

void vsock_facts_init (VsockFacts *self);

/* Whether the kernel, as opposed to this process, has the address family. */
VsockAnswer vsock_kernel_has_family (void);

/* The module that a device which leads to the host needs and lacks, or NULL. */
const char *vsock_find_missing_driver (void);

/* Whether virtual machines can run here by KVM. */
gboolean vsock_machine_has_kvm (void);

G_END_DECLS
