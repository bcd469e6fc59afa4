/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What hvsock-probe found: one entry a plugin, and the services of Hyper-V. Separate because the
 * table and JSON show the same. */

#include "hvsock-probe-report.h"

static void
probe_entry_free (gpointer data)
{
  ProbeEntry *entry = data;

  g_object_unref (entry->plugin);
  g_clear_object (&entry->probe);
  g_clear_error (&entry->error);
  g_free (entry);
}

/* Opens and asks every plugin: what fails is an entry like the others. */
static GPtrArray *
list_entries (HvsockRegistry *registry)
{
  g_autoptr (GPtrArray) plugins = hvsock_registry_list_plugins (registry);
  GPtrArray *entries = g_ptr_array_new_with_free_func (probe_entry_free);

  for (guint i = 0; i < plugins->len; i++)
    {
      ProbeEntry *entry = g_new0 (ProbeEntry, 1);

      entry->plugin = g_object_ref (g_ptr_array_index (plugins, i));
      entry->probe = hvsock_registry_probe (registry, entry->plugin, NULL, &entry->error);
      g_ptr_array_add (entries, entry);
    }
  return entries;
}

void
probe_report_init (ProbeReport *self, HvsockRegistry *registry)
{
  *self = (ProbeReport){ list_entries (registry) };
  self->services = hvsock_hyperv_list_services (&self->services_error);
  if (g_error_matches (self->services_error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    g_clear_error (&self->services_error);
}

void
probe_report_clear (ProbeReport *self)
{
  g_clear_pointer (&self->entries, g_ptr_array_unref);
  g_clear_pointer (&self->services, g_strfreev);
  g_clear_error (&self->services_error);
}

gboolean
probe_report_has_available (const ProbeReport *self)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      if (probe_entry_is_available (g_ptr_array_index (self->entries, i)))
        return TRUE;
    }
  return FALSE;
}

gboolean
probe_entry_is_available (const ProbeEntry *entry)
{
  return entry->probe != NULL && hvsock_probe_is_available (entry->probe);
}

const char *
probe_entry_get_state (const ProbeEntry *entry)
{
  if (entry->probe == NULL)
    return "failed";
  return hvsock_probe_is_available (entry->probe) ? "available" : "unavailable";
}

/* Returns NULL where there is nothing to explain. */
const char *
probe_entry_get_reason (const ProbeEntry *entry)
{
  if (entry->probe == NULL)
    return entry->error->message;
  return hvsock_probe_get_reason (entry->probe);
}

const char *
probe_entry_get_remedy (const ProbeEntry *entry)
{
  return entry->probe == NULL ? NULL : hvsock_probe_get_remedy (entry->probe);
}

char **
probe_entry_list_features (const ProbeEntry *entry)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_autoptr (GFlagsClass) features = g_type_class_ref (HVSOCK_TYPE_FEATURES);
  guint present = entry->probe == NULL ? 0 : hvsock_probe_get_features (entry->probe);

  for (guint i = 0; i < features->n_values; i++)
    {
      if ((features->values[i].value & present) != 0)
        g_strv_builder_add (names, features->values[i].value_nick);
    }
  return g_strv_builder_end (names);
}

/* The names; never NULL. */
char **
probe_entry_list_details (const ProbeEntry *entry)
{
  return entry->probe == NULL ? g_new0 (char *, 1) : hvsock_probe_list_details (entry->probe);
}

/* What limits an available transport; never NULL. */
char **
probe_entry_list_notes (const ProbeEntry *entry)
{
  return entry->probe == NULL ? g_new0 (char *, 1) : hvsock_probe_list_notes (entry->probe);
}
