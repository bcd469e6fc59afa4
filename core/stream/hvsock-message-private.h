/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A message on a channel that sends in parts. What such a system has sent of it cannot be taken
 * back, and it does not tell how much that was: if the rest never follows, the peer takes the next
 * message for it. So the call that sends waits in the system until all of it is sent, and whatever
 * ends it before ends the connection. */

#pragma once

#include "stream/hvsock-channel-private.h"

#include <signal.h>

G_BEGIN_DECLS

typedef struct
{
  HvsockChannel *channel;
  int is_sending; /* atomic */
  GCancellable *cancellable;
  gulong cancelled_id;
  sigset_t signals;
} HvsockMessage;

void hvsock_message_begin (HvsockMessage *self,
                           HvsockChannel *channel,
                           guint timeout,
                           GCancellable *cancellable);
void hvsock_message_end (HvsockMessage *self, gboolean is_whole);

G_END_DECLS
