/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What hvsock-probe shows as JSON, for programs: an object for the report, with an array of
 * objects, one a plugin, or one for an attempt to connect. */

#include "hvsock-probe-print.h"
#include "tool-json.h"

static void
begin_member (GString *json, const char *name)
{
  g_string_append (json, ",\n      ");
  tool_json_append_string (json, name);
  g_string_append (json, ": ");
}

static void
append_member (GString *json, const char *name, const char *value)
{
  begin_member (json, name);
  tool_json_append_string (json, value);
}

static void
append_list (GString *json, const char *name, const char *const *values)
{
  begin_member (json, name);
  g_string_append_c (json, '[');
  for (guint i = 0; values != NULL && values[i] != NULL; i++)
    {
      g_string_append (json, i == 0 ? "" : ", ");
      tool_json_append_string (json, values[i]);
    }
  g_string_append_c (json, ']');
}

static void
append_details (GString *json, const ProbeEntry *entry)
{
  g_auto (GStrv) names = probe_entry_list_details (entry);

  begin_member (json, "details");
  g_string_append_c (json, '{');
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_string_append (json, i == 0 ? "" : ", ");
      tool_json_append_string (json, names[i]);
      g_string_append (json, ": ");
      tool_json_append_string (json, hvsock_probe_get_detail (entry->probe, names[i]));
    }
  g_string_append_c (json, '}');
}

static void
append_entry (GString *json, const ProbeEntry *entry)
{
  g_auto (GStrv) features = probe_entry_list_features (entry);
  g_auto (GStrv) notes = probe_entry_list_notes (entry);
  HvsockPluginInfo *plugin = entry->plugin;

  g_string_append (json, "    {\n      \"name\": ");
  tool_json_append_string (json, hvsock_plugin_info_get_name (plugin));
  append_member (json, "version", hvsock_plugin_info_get_version (plugin));
  append_member (json, "description", hvsock_plugin_info_get_description (plugin));
  append_member (json, "path", hvsock_plugin_info_get_path (plugin));
  append_list (json, "schemes", hvsock_plugin_info_get_schemes (plugin));
  begin_member (json, "priority");
  g_string_append_printf (json, "%d", hvsock_plugin_info_get_priority (plugin));
  append_member (json, "state", probe_entry_get_state (entry));
  append_list (json, "features", (const char *const *) features);
  append_details (json, entry);
  append_list (json, "notes", (const char *const *) notes);
  append_member (json, "reason", probe_entry_get_reason (entry));
  append_member (json, "remedy", probe_entry_get_remedy (entry));
  g_string_append (json, "\n    }");
}

static void
append_services (GString *json, char **services)
{
  if (services == NULL)
    {
      g_string_append (json, "null");
      return;
    }

  g_string_append_c (json, '[');
  for (guint i = 0; services[i] != NULL; i++)
    {
      g_autofree char *name = probe_service_dup_name (services[i]);

      g_string_append (json, i == 0 ? "\n    { \"guid\": " : ",\n    { \"guid\": ");
      tool_json_append_string (json, services[i]);
      g_string_append (json, ", \"name\": ");
      tool_json_append_string (json, name);
      g_string_append (json, " }");
    }
  g_string_append (json, services[0] == NULL ? "]" : "\n  ]");
}

char *
probe_json_print_report (const ProbeReport *report)
{
  GString *json = g_string_new ("{\n  \"plugins\": [");

  for (guint i = 0; i < report->entries->len; i++)
    {
      g_string_append (json, i == 0 ? "\n" : ",\n");
      append_entry (json, g_ptr_array_index (report->entries, i));
    }
  g_string_append (json, report->entries->len == 0 ? "]" : "\n  ]");
  g_string_append (json, ",\n  \"services\": ");
  append_services (json, report->services);
  g_string_append (json, "\n}\n");
  return g_string_free (json, FALSE);
}

static void
append_step (GString *json, const ProbeStep *step)
{
  g_string_append (json, "\n    { \"name\": ");
  tool_json_append_string (json, step->name);
  g_string_append (json, ", \"state\": ");
  tool_json_append_string (json, probe_step_get_state (step));
  g_string_append (json, ", \"milliseconds\": ");
  if (step->state == PROBE_STEP_NOT_TRIED || step->state == PROBE_STEP_NONE)
    g_string_append (json, "null");
  else
    g_string_append_printf (json, "%.3f", (double) step->duration / 1000);
  g_string_append (json, ", \"result\": ");
  tool_json_append_string (json, step->result);
  g_string_append (json, " }");
}

char *
probe_json_print_attempt (const ProbeAttempt *attempt)
{
  const ProbeStep *failed = probe_attempt_get_failed_step (attempt);
  GString *json = g_string_new ("{\n  \"uri\": ");

  tool_json_append_string (json, attempt->uri);
  g_string_append (json, ",\n  \"steps\": [");
  for (guint i = 0; i < PROBE_N_STEPS; i++)
    {
      g_string_append (json, i == 0 ? "" : ",");
      append_step (json, &attempt->steps[i]);
    }
  g_string_append (json, "\n  ],\n  \"failed\": ");
  tool_json_append_string (json, failed == NULL ? NULL : failed->name);
  g_string_append (json, ",\n  \"reason\": ");
  tool_json_append_string (json, failed == NULL ? NULL : attempt->error->message);
  g_string_append (json, ",\n  \"remedy\": ");
  tool_json_append_string (json, attempt->remedy);
  g_string_append (json, "\n}\n");
  return g_string_free (json, FALSE);
}
