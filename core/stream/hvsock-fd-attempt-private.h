/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <hvsock/hvsock-fd-transport.h>

#include "stream/hvsock-channel-private.h"

G_BEGIN_DECLS

typedef struct _HvsockFdAttempt HvsockFdAttempt;

typedef enum
{
  HVSOCK_STEP_CONNECTED,
  HVSOCK_STEP_FAILED,
  HVSOCK_STEP_WAIT_FOR_SOCKET,
  HVSOCK_STEP_WAIT_FOR_REPLY,
  HVSOCK_STEP_PAUSE,
} HvsockStep;

HvsockFdAttempt *hvsock_fd_attempt_new (HvsockFdTransport *transport,
                                        HvsockAddress *address,
                                        guint timeout);
void hvsock_fd_attempt_free (HvsockFdAttempt *self);

HvsockStep hvsock_fd_attempt_step (HvsockFdAttempt *self, GError **error);
HvsockConnection *hvsock_fd_attempt_finish (HvsockFdAttempt *self);

HvsockChannel *hvsock_fd_attempt_get_channel (HvsockFdAttempt *self);
guint hvsock_fd_attempt_get_wait (HvsockFdAttempt *self, HvsockStep step, GIOCondition *condition);
gboolean hvsock_fd_attempt_is_late (HvsockFdAttempt *self);
void hvsock_fd_attempt_set_timed_out (HvsockFdAttempt *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HvsockFdAttempt, hvsock_fd_attempt_free)

G_END_DECLS
