/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* An overlapped call that a task waits for: a connect or an accept. */

#pragma once

#include <gio/gio.h>

#include "hyperv-interrupt.h"
#include "hyperv-port.h"

G_BEGIN_DECLS

typedef struct _HypervOperation HypervOperation;

/* Makes the call. Returns whether the system has it under way; if not, WSAGetLastError() tells. */
typedef gboolean (*HypervBeginFunc) (HypervOperation *self);

/* Is called in whatever thread, with the system error code that the call ended with, or 0. */
typedef void (*HypervDoneFunc) (HypervOperation *self, DWORD error);

/* The first member of a task's data, which is zero at first. */
struct _HypervOperation
{
  HypervPacket packet;
  GTask *task;
  SOCKET socket; /* that the call is made on */
  HypervDoneFunc done;

  HypervInterrupt interrupt;
  int is_timed_out; /* atomic */
};

void hyperv_operation_start (HypervOperation *self,
                             GTask *task,
                             SOCKET socket,
                             guint timeout,
                             HypervBeginFunc begin,
                             HypervDoneFunc done);
gboolean hyperv_operation_set_interrupted (HypervOperation *self, GError **error);

G_END_DECLS
