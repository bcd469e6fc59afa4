/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* One read or write of a stream: blocking, asynchronous, or without waiting. */

#pragma once

#include "hyperv-channel.h"

G_BEGIN_DECLS

typedef struct
{
  HypervChannel *channel;
  gboolean is_write;

  /* A read has the first, a write the others. */
  GInputVector to;
  const GOutputVector *from;
  gsize n_from;

  gsize n_given; /* what the system has taken over of a write, in bytes */
} HypervTransfer;

typedef enum
{
  HYPERV_STEP_WAIT,
  HYPERV_STEP_DONE,
  HYPERV_STEP_CLOSED,
  HYPERV_STEP_ENDED,
  HYPERV_STEP_FAILED,
  HYPERV_STEP_CANCELLED,
  HYPERV_STEP_LATE,
} HypervStep;

/* What a transfer has come to. */
typedef struct
{
  HypervStep step;
  gsize n_bytes; /* that were moved, when it is done */
  DWORD reason;  /* why it failed */
} HypervOutcome;

HypervOutcome hyperv_transfer_step (HypervTransfer *self);
gssize hyperv_transfer_conclude (HypervTransfer *self, HypervOutcome outcome, GError **error);

gssize hyperv_transfer_run (HypervTransfer *self, GCancellable *cancellable, GError **error);
gssize hyperv_transfer_try (HypervTransfer *self, GError **error);
void hyperv_transfer_start (const HypervTransfer *transfer, GTask *task);

G_END_DECLS
