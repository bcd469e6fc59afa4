/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include "client/hvsock-peer-private.h"

G_BEGIN_DECLS

/* Who is in, and who is let in. May be used from any thread. */
typedef struct _HvsockAdmission HvsockAdmission;

typedef struct
{
  guint n_active;
  guint64 n_accepted;
  guint64 n_refused;
  guint64 n_silent;
} HvsockAdmissionCounts;

HvsockAdmission *hvsock_admission_new (void);
void hvsock_admission_unref (HvsockAdmission *self);

void hvsock_admission_set_limits (HvsockAdmission *self, guint most, guint most_per_peer);
void hvsock_admission_set_rules (HvsockAdmission *self, HvsockPeerRules *rules);

gboolean hvsock_admission_admit (HvsockAdmission *self, HvsockConnection *connection);
void hvsock_admission_count_silent (HvsockAdmission *self);
HvsockAdmissionCounts hvsock_admission_get_counts (HvsockAdmission *self);

GPtrArray *hvsock_admission_list (HvsockAdmission *self);
void hvsock_admission_wait_empty (HvsockAdmission *self, GTask *task);
GTask *hvsock_admission_stop_waiting (HvsockAdmission *self);

G_END_DECLS
