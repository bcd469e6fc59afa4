/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What hvsock-probe found, one entry a plugin. Separate because the table and JSON show the same.
 */

#pragma once

#include <hvsock/hvsock.h>

G_BEGIN_DECLS

typedef struct
{
  HvsockPluginInfo *plugin;
  HvsockProbe *probe;
  GError *error;
} ProbeEntry;

GPtrArray *probe_report_new (HvsockRegistry *registry);
gboolean probe_report_has_available (GPtrArray *report);

gboolean probe_entry_is_available (const ProbeEntry *entry);
const char *probe_entry_get_state (const ProbeEntry *entry);
const char *probe_entry_get_reason (const ProbeEntry *entry);
const char *probe_entry_get_remedy (const ProbeEntry *entry);
char **probe_entry_list_features (const ProbeEntry *entry);
char **probe_entry_list_details (const ProbeEntry *entry);
char **probe_entry_list_notes (const ProbeEntry *entry);

G_END_DECLS
