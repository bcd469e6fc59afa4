/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What hvsock-probe shows for people: tables in aligned columns, and explanations below them. */

#include "hvsock-probe-print.h"

/* Names and messages come from files that others wrote: nothing in them may steer the terminal. */
static char *
make_printable (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *printable = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      g_string_append_unichar (printable, g_unichar_iscntrl (c) ? '?' : c);
    }
  return g_string_free (printable, FALSE);
}

static char *
join_or_dash (const char *const *words, const char *separator)
{
  g_autofree char *joined = NULL;

  if (words == NULL || words[0] == NULL)
    return g_strdup ("-");
  joined = g_strjoinv (separator, (char **) words);
  return make_printable (joined);
}

static char *
print_or_dash (const char *text)
{
  return text == NULL ? g_strdup ("-") : make_printable (text);
}

/* Rows are arrays of equally many strings; the last column takes what room it needs. */
static void
append_rows (GString *table, GPtrArray *rows)
{
  guint n_columns = rows->len == 0 ? 0 : g_strv_length (g_ptr_array_index (rows, 0));
  g_autofree glong *widths = g_new0 (glong, n_columns);

  for (guint i = 0; i < rows->len; i++)
    {
      char **row = g_ptr_array_index (rows, i);

      for (guint column = 0; column + 1 < n_columns; column++)
        widths[column] = MAX (widths[column], g_utf8_strlen (row[column], -1) + 2);
    }
  for (guint i = 0; i < rows->len; i++)
    {
      char **row = g_ptr_array_index (rows, i);

      for (guint column = 0; column < n_columns; column++)
        g_string_append_printf (table, "%s%*s", row[column],
                                (int) MAX (widths[column] - g_utf8_strlen (row[column], -1), 0),
                                "");
      g_string_append_c (table, '\n');
    }
}

/* Takes the strings. */
static void
add_row (GPtrArray *rows, char *first, char *second, char *third, char *fourth)
{
  char *const row[] = { first, second, third, fourth, NULL };

  g_ptr_array_add (rows, g_memdup2 (row, sizeof row));
}

static void
add_entry (GPtrArray *rows, const ProbeEntry *entry)
{
  g_auto (GStrv) features = probe_entry_list_features (entry);

  add_row (rows, make_printable (hvsock_plugin_info_get_name (entry->plugin)),
           join_or_dash (hvsock_plugin_info_get_schemes (entry->plugin), ","),
           g_strdup (probe_entry_get_state (entry)),
           join_or_dash ((const char *const *) features, ","));
}

static void
append_line (GString *table, const char *label, const char *text)
{
  g_autofree char *printable_label = make_printable (label);
  g_autofree char *printable = NULL;

  if (text == NULL)
    return;
  printable = make_printable (text);
  g_string_append_printf (table, "  %s: %s\n", printable_label, printable);
}

/* What the transport is, and all that there is to know of it here. */
static void
append_explanation (GString *table, const ProbeEntry *entry)
{
  g_autofree char *name = make_printable (hvsock_plugin_info_get_name (entry->plugin));
  g_autofree char *description = print_or_dash (hvsock_plugin_info_get_description (entry->plugin));
  g_auto (GStrv) details = probe_entry_list_details (entry);
  g_auto (GStrv) notes = probe_entry_list_notes (entry);

  g_string_append_printf (table, "\n%s: %s\n", name, description);
  append_line (table, probe_entry_get_state (entry), probe_entry_get_reason (entry));
  append_line (table, "remedy", probe_entry_get_remedy (entry));
  for (guint i = 0; details[i] != NULL; i++)
    append_line (table, details[i], hvsock_probe_get_detail (entry->probe, details[i]));
  for (guint i = 0; notes[i] != NULL; i++)
    append_line (table, "note", notes[i]);
}

/* Nothing where there is no such thing. */
static void
append_services (GString *table, const ProbeReport *report)
{
  if (report->services == NULL && report->services_error == NULL)
    return;

  g_string_append_printf (table, "%sservices registered with Hyper-V:\n",
                          table->len == 0 ? "" : "\n");
  if (report->services_error != NULL)
    append_line (table, "unknown", report->services_error->message);
  else if (report->services[0] == NULL)
    g_string_append (table, "  none\n");
  for (guint i = 0; report->services != NULL && report->services[i] != NULL; i++)
    {
      g_autofree char *name = probe_service_dup_name (report->services[i]);

      append_line (table, report->services[i], name);
    }
}

char *
probe_table_print_report (const ProbeReport *report)
{
  static const char *const titles[] = { "NAME", "SCHEMES", "STATE", "FEATURES", NULL };
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  GString *table = g_string_new (NULL);

  if (report->entries->len > 0)
    g_ptr_array_add (rows, g_strdupv ((char **) titles));
  for (guint i = 0; i < report->entries->len; i++)
    add_entry (rows, g_ptr_array_index (report->entries, i));
  append_rows (table, rows);
  for (guint i = 0; i < report->entries->len; i++)
    append_explanation (table, g_ptr_array_index (report->entries, i));
  append_services (table, report);
  return g_string_free (table, FALSE);
}

char *
probe_table_print_attempt (const ProbeAttempt *attempt)
{
  static const char *const titles[] = { "STEP", "STATE", "TIME", "RESULT", NULL };
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  GString *table = g_string_new (NULL);

  g_ptr_array_add (rows, g_strdupv ((char **) titles));
  for (guint i = 0; i < PROBE_N_STEPS; i++)
    {
      const ProbeStep *step = &attempt->steps[i];

      add_row (rows, g_strdup (step->name), g_strdup (probe_step_get_state (step)),
               step->state == PROBE_STEP_NOT_TRIED || step->state == PROBE_STEP_NONE
                   ? g_strdup ("-")
                   : g_strdup_printf ("%.2f ms", (double) step->duration / 1000),
               print_or_dash (step->result));
    }
  append_rows (table, rows);
  return g_string_free (table, FALSE);
}
