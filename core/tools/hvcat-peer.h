/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Whether the other end of a connection has gone entirely, which matters while standard input is
 * idle. Separate because reading tells only of the direction that is read, and each platform has
 * its own way to learn of the other. */

#pragma once

#include <hvsock/hvsock.h>

G_BEGIN_DECLS

typedef struct _HvcatPeer HvcatPeer;

/* Called once, in the main loop. */
typedef void (*HvcatPeerGoneFunc) (gpointer user_data);

HvcatPeer *hvcat_peer_watch (HvsockConnection *connection,
                             HvcatPeerGoneFunc gone,
                             gpointer user_data);
void hvcat_peer_free (HvcatPeer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HvcatPeer, hvcat_peer_free)

G_END_DECLS
