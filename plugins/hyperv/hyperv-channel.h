/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A connected socket, which a connection, its two streams, and the system share. */

#pragma once

#include <hvsock/hvsock-plugin.h>

#include "hyperv-port.h"

G_BEGIN_DECLS

typedef struct _HypervChannel HypervChannel;
typedef struct _HypervWaiter HypervWaiter;

/* An asynchronous operation that a direction has at most one of. It is told of changes until
 * @proceed, which is called with the channel locked, says that it need not wait any more; @finish
 * is called without the lock. */
struct _HypervWaiter
{
  gboolean (*proceed) (HypervWaiter *self);
  void (*finish) (HypervWaiter *self);
};

/* One direction. */
typedef struct
{
  HypervPacket packet;
  HypervChannel *channel;
  gboolean is_busy; /* the system has the buffer */
  char *buffer;
  gsize capacity;
  gsize begin; /* what is in the buffer: read and not fetched, or to be written */
  gsize end;
  DWORD error;       /* what ended the direction, or 0 */
  gboolean is_ended; /* nothing more comes or goes, and nobody need be told why */

  gboolean has_changed;
  HypervWaiter *waiter;
  GPtrArray *contexts; /* to wake, once; NULL for none */
} HypervFlow;

struct _HypervChannel
{
  int ref_count;          /* atomic */
  guint timeout;          /* atomic; in milliseconds, 0 for ever */
  HvsockAddress *address; /* of the peer, for messages; NULL if it has none */

  GMutex lock;
  GCond changed;
  SOCKET socket; /* INVALID_SOCKET once nobody uses it any more */
  gboolean is_closed;
  gboolean is_shutdown_due;
  gboolean skips_success;
  HypervFlow input;
  HypervFlow output;
};

HypervChannel *hyperv_channel_new (SOCKET socket, HvsockAddress *address);
HypervChannel *hyperv_channel_ref (HypervChannel *self);
void hyperv_channel_unref (HypervChannel *self);

void hyperv_channel_lock (HypervChannel *self);
void hyperv_channel_unlock (HypervChannel *self);

void hyperv_channel_close (HypervChannel *self);
gboolean hyperv_channel_is_closed (HypervChannel *self);
gboolean hyperv_channel_shutdown (HypervChannel *self,
                                  gboolean read,
                                  gboolean write,
                                  GError **error);
HvsockAddress *hyperv_channel_get_local_address (HypervChannel *self);
void hyperv_channel_set_error (HypervChannel *self,
                               GError **error,
                               GIOErrorEnum code,
                               const char *operation,
                               DWORD reason);
void hyperv_channel_set_closed_error (HypervChannel *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HypervChannel, hyperv_channel_unref)

G_END_DECLS
