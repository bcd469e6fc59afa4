/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What hvsock-probe found: one entry a plugin, and the services of Hyper-V. Separate because the
 * table and JSON show the same. */

#pragma once

#include <hvsock/hvsock.h>

G_BEGIN_DECLS

typedef struct
{
  HvsockPluginInfo *plugin;
  HvsockProbe *probe;
  GError *error;
} ProbeEntry;

typedef struct
{
  GPtrArray *entries;
  char **services;        /* GUIDs; NULL if they are not known */
  GError *services_error; /* NULL as well where there is no such thing */
} ProbeReport;

void probe_report_init (ProbeReport *self, HvsockRegistry *registry);
void probe_report_clear (ProbeReport *self);
gboolean probe_report_has_available (const ProbeReport *self);

gboolean probe_entry_is_available (const ProbeEntry *entry);
const char *probe_entry_get_state (const ProbeEntry *entry);
const char *probe_entry_get_reason (const ProbeEntry *entry);
const char *probe_entry_get_remedy (const ProbeEntry *entry);
char **probe_entry_list_features (const ProbeEntry *entry);
char **probe_entry_list_details (const ProbeEntry *entry);
char **probe_entry_list_notes (const ProbeEntry *entry);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ProbeReport, probe_report_clear)

G_END_DECLS
