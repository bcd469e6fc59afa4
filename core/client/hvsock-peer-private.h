/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <hvsock/hvsock-connection.h>
#include <hvsock/hvsock-guid.h>

G_BEGIN_DECLS

/* Who is at the other end of a connection, as far as the system vouches for it. */
typedef enum
{
  HVSOCK_PEER_UNKNOWN,
  HVSOCK_PEER_CID,
  HVSOCK_PEER_VM,
  HVSOCK_PEER_USER,
} HvsockPeerKind;

typedef struct
{
  HvsockPeerKind kind;
  guint32 number; /* a CID, or a user's */
  HvsockGuid vm_id;
} HvsockPeer;

HvsockPeer hvsock_peer_of (HvsockConnection *connection);
char *hvsock_peer_to_string (const HvsockPeer *self);

/* Of a Unix socket. */
gboolean hvsock_peer_find_user (int fd, guint32 *user);

/* The peers that a service lets in. */
typedef struct _HvsockPeerRules HvsockPeerRules;

HvsockPeerRules *hvsock_peer_rules_parse (const char *const *texts, GError **error);
void hvsock_peer_rules_free (HvsockPeerRules *self);
gboolean hvsock_peer_rules_match (const HvsockPeerRules *self, const HvsockPeer *peer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HvsockPeerRules, hvsock_peer_rules_free)

G_END_DECLS
