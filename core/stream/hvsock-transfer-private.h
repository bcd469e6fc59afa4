/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* One read or write of a stream, in each of the ways in which GIO can ask for it. */

#pragma once

#include "stream/hvsock-channel-private.h"
#include "stream/hvsock-operation-private.h"

G_BEGIN_DECLS

typedef struct
{
  HvsockChannel *channel;
  GIOCondition condition; /* G_IO_IN to read into the one vector, G_IO_OUT to write from them all */
  const GOutputVector *vectors;
  gsize n_vectors;
  gint64 deadline;     /* set by hvsock_transfer_start() */
  gboolean is_drained; /* no more is there than the last one has taken: it pays to wait first */
} HvsockTransfer;

gssize hvsock_transfer_run (const HvsockTransfer *self, GCancellable *cancellable, GError **error);
gssize hvsock_transfer_try (const HvsockTransfer *self, GError **error);
void hvsock_transfer_start (HvsockTransfer *self, HvsockOperation *operation);

G_END_DECLS
