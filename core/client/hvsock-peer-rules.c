/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Which peers a service lets in, in words: "cid 3-10", "uid 1000". */

#include "client/hvsock-peer-private.h"

#include <hvsock/hvsock-hyperv-address.h>
#include <hvsock/hvsock-uri.h>
#include <hvsock/hvsock-vsock-address.h>

#include <string.h>

typedef struct
{
  HvsockPeerKind kind;
  guint32 first;
  guint32 last;
  HvsockGuid vm_id;
} PeerRule;

struct _HvsockPeerRules
{
  GArray *rules;
};

static gboolean
parse_number (const char *text, guint32 *number)
{
  guint64 value;

  if (!hvsock_uri_parse_number (text, G_MAXUINT32, &value))
    return FALSE;
  *number = value;
  return TRUE;
}

/* "3" or "3-10". */
static gboolean
parse_range (const char *text, PeerRule *rule)
{
  g_auto (GStrv) ends = g_strsplit (text, "-", 2);

  if (ends[0] == NULL || !parse_number (ends[0], &rule->first))
    return FALSE;
  if (ends[1] == NULL)
    {
      rule->last = rule->first;
      return TRUE;
    }
  return parse_number (ends[1], &rule->last) && rule->first <= rule->last;
}

static gboolean
parse_vm (const char *text, PeerRule *rule)
{
  const HvsockGuid *known = hvsock_hyperv_address_find_vm_id (text);

  rule->kind = HVSOCK_PEER_VM;
  if (known == NULL)
    return hvsock_guid_parse (&rule->vm_id, text);
  rule->vm_id = *known;
  /* No word at all stands for any machine, to listen. */
  return text[0] != '\0';
}

static gboolean
parse_rule (const char *text, PeerRule *rule)
{
  *rule = (PeerRule){ HVSOCK_PEER_UNKNOWN };
  if (g_str_has_prefix (text, "cid "))
    {
      rule->kind = HVSOCK_PEER_CID;
      return parse_range (text + strlen ("cid "), rule);
    }
  if (g_str_has_prefix (text, "uid "))
    {
      rule->kind = HVSOCK_PEER_USER;
      return parse_range (text + strlen ("uid "), rule);
    }
  if (g_str_has_prefix (text, "vm "))
    return parse_vm (text + strlen ("vm "), rule);
  if (g_str_equal (text, "parent"))
    return parse_vm (text, rule);
  if (!g_str_equal (text, "host"))
    return FALSE;

  *rule = (PeerRule){ HVSOCK_PEER_CID, HVSOCK_CID_HOST, HVSOCK_CID_HOST };
  return TRUE;
}

HvsockPeerRules *
hvsock_peer_rules_parse (const char *const *texts, GError **error)
{
  g_autoptr (HvsockPeerRules) self = g_new0 (HvsockPeerRules, 1);

  self->rules = g_array_new (FALSE, FALSE, sizeof (PeerRule));
  for (guint i = 0; texts[i] != NULL; i++)
    {
      PeerRule rule;

      if (!parse_rule (texts[i], &rule))
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                       "no rule for peers: '%s': use 'cid N', 'cid N-M', 'host', 'vm GUID', "
                       "'parent', 'uid N' or 'uid N-M'",
                       texts[i]);
          return NULL;
        }
      g_array_append_val (self->rules, rule);
    }
  return g_steal_pointer (&self);
}

void
hvsock_peer_rules_free (HvsockPeerRules *self)
{
  g_array_unref (self->rules);
  g_free (self);
}

static gboolean
rule_matches (const PeerRule *self, const HvsockPeer *peer)
{
  if (self->kind != peer->kind)
    return FALSE;
  if (self->kind == HVSOCK_PEER_VM)
    return hvsock_guid_equal (&self->vm_id, &peer->vm_id);
  return self->first <= peer->number && peer->number <= self->last;
}

gboolean
hvsock_peer_rules_match (const HvsockPeerRules *self, const HvsockPeer *peer)
{
  for (guint i = 0; i < self->rules->len; i++)
    if (rule_matches (&g_array_index (self->rules, PeerRule, i), peer))
      return TRUE;
  return FALSE;
}
