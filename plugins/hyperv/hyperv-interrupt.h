/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What ends the wait of a task before its time. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Is called in whatever thread cancels, or in the task's context when it @is_late. */
typedef void (*HypervInterruptFunc) (GTask *task, gboolean is_late);

/* A part of the task's data, all zero at first. */
typedef struct
{
  GTask *task; /* not a reference: who waits has one, and so has each that may call */
  HypervInterruptFunc func;
  GSource *timer;
  gulong cancelled_id;
} HypervInterrupt;

void hyperv_interrupt_arm (HypervInterrupt *self,
                           GTask *task,
                           guint timeout,
                           HypervInterruptFunc func);
void hyperv_interrupt_disarm (HypervInterrupt *self);

G_END_DECLS
