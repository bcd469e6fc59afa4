/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Who is in a service, and who is let in. A connection is in until its last reference is gone,
 * which may be in any thread: then it gives its place to another. */

#include "client/hvsock-admission-private.h"

struct _HvsockAdmission
{
  int ref_count; /* atomic */

  GMutex lock;
  guint most;
  guint most_per_peer;
  HvsockPeerRules *rules; /* NULL lets everybody in */
  GHashTable *guests;     /* a Guest for itself */
  GHashTable *per_peer;   /* how many by the text of a peer */
  GTask *waits_empty;
  HvsockAdmissionCounts counts;
};

typedef struct
{
  HvsockAdmission *admission;
  GWeakRef connection;
  char *peer;
} Guest;

HvsockAdmission *
hvsock_admission_new (void)
{
  HvsockAdmission *self = g_new0 (HvsockAdmission, 1);

  self->ref_count = 1;
  g_mutex_init (&self->lock);
  self->guests = g_hash_table_new (NULL, NULL);
  self->per_peer = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

/* Each who is in has a reference. */
void
hvsock_admission_unref (HvsockAdmission *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_clear_pointer (&self->rules, hvsock_peer_rules_free);
  g_hash_table_unref (self->guests);
  g_hash_table_unref (self->per_peer);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* 0 is for no limit. */
void
hvsock_admission_set_limits (HvsockAdmission *self, guint most, guint most_per_peer)
{
  g_mutex_lock (&self->lock);
  self->most = most;
  self->most_per_peer = most_per_peer;
  g_mutex_unlock (&self->lock);
}

/* Takes over @rules. */
void
hvsock_admission_set_rules (HvsockAdmission *self, HvsockPeerRules *rules)
{
  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->rules, hvsock_peer_rules_free);
  self->rules = rules;
  g_mutex_unlock (&self->lock);
}

static guint
count_peer (HvsockAdmission *self, const char *peer)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->per_peer, peer));
}

static void
set_peer_count (HvsockAdmission *self, const char *peer, guint n)
{
  if (n == 0)
    g_hash_table_remove (self->per_peer, peer);
  else
    g_hash_table_insert (self->per_peer, g_strdup (peer), GUINT_TO_POINTER (n));
}

static void
gone_cb (gpointer data, GObject *connection)
{
  Guest *guest = data;
  HvsockAdmission *self = guest->admission;
  g_autoptr (GTask) done = NULL;

  g_mutex_lock (&self->lock);
  g_hash_table_remove (self->guests, guest);
  set_peer_count (self, guest->peer, count_peer (self, guest->peer) - 1);
  if (--self->counts.n_active == 0)
    done = g_steal_pointer (&self->waits_empty);
  g_mutex_unlock (&self->lock);

  if (done != NULL)
    g_task_return_boolean (done, TRUE);
  g_weak_ref_clear (&guest->connection);
  g_free (guest->peer);
  g_free (guest);
  hvsock_admission_unref (self);
}

static gboolean
has_room_for (HvsockAdmission *self, const HvsockPeer *peer, const char *text)
{
  if (self->rules != NULL && !hvsock_peer_rules_match (self->rules, peer))
    return FALSE;
  if (self->most != 0 && self->counts.n_active >= self->most)
    return FALSE;
  return self->most_per_peer == 0 || count_peer (self, text) < self->most_per_peer;
}

/* Lets @connection in, or counts it as refused. */
gboolean
hvsock_admission_admit (HvsockAdmission *self, HvsockConnection *connection)
{
  const HvsockPeer peer = hvsock_peer_of (connection);
  g_autofree char *text = hvsock_peer_to_string (&peer);
  Guest *guest = NULL;

  g_mutex_lock (&self->lock);
  if (has_room_for (self, &peer, text))
    {
      guest = g_new0 (Guest, 1);
      g_weak_ref_init (&guest->connection, connection);
      set_peer_count (self, text, count_peer (self, text) + 1);
      g_hash_table_add (self->guests, guest);
      self->counts.n_active++;
      self->counts.n_accepted++;
    }
  else
    self->counts.n_refused++;
  g_mutex_unlock (&self->lock);
  if (guest == NULL)
    return FALSE;

  g_atomic_int_inc (&self->ref_count);
  guest->admission = self;
  guest->peer = g_steal_pointer (&text);
  g_object_weak_ref (G_OBJECT (connection), gone_cb, guest);
  return TRUE;
}

/* One of those who were let in has not said anything in time. */
void
hvsock_admission_count_silent (HvsockAdmission *self)
{
  g_mutex_lock (&self->lock);
  self->counts.n_silent++;
  g_mutex_unlock (&self->lock);
}

HvsockAdmissionCounts
hvsock_admission_get_counts (HvsockAdmission *self)
{
  HvsockAdmissionCounts counts;

  g_mutex_lock (&self->lock);
  counts = self->counts;
  g_mutex_unlock (&self->lock);
  return counts;
}

/* The connections that are in. */
GPtrArray *
hvsock_admission_list (HvsockAdmission *self)
{
  GPtrArray *connections = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer guest;

  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->guests);
  while (g_hash_table_iter_next (&iter, &guest, NULL))
    {
      HvsockConnection *connection = g_weak_ref_get (&((Guest *) guest)->connection);

      if (connection != NULL)
        g_ptr_array_add (connections, connection);
    }
  g_mutex_unlock (&self->lock);
  return connections;
}

/* Takes over @task and ends it with %TRUE once nobody is in. One can wait at a time. */
void
hvsock_admission_wait_empty (HvsockAdmission *self, GTask *task)
{
  g_autoptr (GTask) ended = task;
  gboolean is_empty;

  g_mutex_lock (&self->lock);
  is_empty = self->counts.n_active == 0;
  if (!is_empty && self->waits_empty == NULL)
    self->waits_empty = g_steal_pointer (&ended);
  g_mutex_unlock (&self->lock);

  if (is_empty)
    g_task_return_boolean (ended, TRUE);
  else if (ended != NULL)
    g_task_return_new_error (ended, G_IO_ERROR, G_IO_ERROR_PENDING,
                             "somebody waits already for the last connection to end");
}

/* Gives back the task that waits, for the caller to end, or NULL if it has ended. */
GTask *
hvsock_admission_stop_waiting (HvsockAdmission *self)
{
  GTask *task;

  g_mutex_lock (&self->lock);
  task = g_steal_pointer (&self->waits_empty);
  g_mutex_unlock (&self->lock);
  return task;
}
