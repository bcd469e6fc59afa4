/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* One direction of a channel. All of it is called with the channel locked, but where it says
 * otherwise. */

#pragma once

#include "hyperv-channel.h"

G_BEGIN_DECLS

/* Whom a change concerns. */
typedef struct
{
  GPtrArray *contexts;  /* NULL for none */
  HypervWaiter *waiter; /* that need not wait any more, or NULL */
} HypervNews;

void hyperv_flow_init (HypervFlow *self, HypervChannel *channel, HypervPacketFunc func);
void hyperv_flow_clear (HypervFlow *self);

void hyperv_flow_receive (HypervFlow *self, gsize most);
gsize hyperv_flow_take (HypervFlow *self, void *buffer, gsize count);
gsize hyperv_flow_send (HypervFlow *self, const GOutputVector *vectors, gsize n_vectors);

void hyperv_flow_received_cb (HypervPacket *packet, DWORD error, gsize n_bytes);
void hyperv_flow_sent_cb (HypervPacket *packet, DWORD error, gsize n_bytes);

void hyperv_flow_end (HypervFlow *self);
void hyperv_flow_cancel (HypervFlow *self);
void hyperv_flow_wake_once (HypervFlow *self, GMainContext *context);
HypervNews hyperv_flow_take_news (HypervFlow *self);

/* Takes @news. Without the lock, since anything may come of it, and this channel be closed. */
void hyperv_flow_tell (HypervNews news);

G_END_DECLS
