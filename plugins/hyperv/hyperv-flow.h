/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* One direction of a channel. All of it is called with the channel locked. */

#pragma once

#include "hyperv-channel.h"

G_BEGIN_DECLS

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
HypervWaiter *hyperv_flow_tell (HypervFlow *self);

G_END_DECLS
