/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvsock-probe's table for people: aligned columns, then the explanations. */

#include "hvsock-probe-report.h"

enum
{
  COLUMN_NAME,
  COLUMN_SCHEMES,
  COLUMN_STATE,
  COLUMN_FEATURES,
  COLUMN_DETAIL,
  N_COLUMNS
};

static const char *const titles[N_COLUMNS] = { "NAME", "SCHEMES", "STATE", "FEATURES", "DETAIL" };

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
print_details (const ProbeEntry *entry)
{
  g_auto (GStrv) names = probe_entry_list_details (entry);
  g_autoptr (GStrvBuilder) pairs = g_strv_builder_new ();
  g_auto (GStrv) words = NULL;

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *pair =
          g_strdup_printf ("%s: %s", names[i], hvsock_probe_get_detail (entry->probe, names[i]));

      g_strv_builder_add (pairs, pair);
    }
  words = g_strv_builder_end (pairs);
  return join_or_dash ((const char *const *) words, ", ");
}

static char **
make_row (const ProbeEntry *entry)
{
  char **row = g_new0 (char *, N_COLUMNS + 1);
  g_auto (GStrv) features = probe_entry_list_features (entry);

  row[COLUMN_NAME] = make_printable (hvsock_plugin_info_get_name (entry->plugin));
  row[COLUMN_SCHEMES] = join_or_dash (hvsock_plugin_info_get_schemes (entry->plugin), ",");
  row[COLUMN_STATE] = g_strdup (probe_entry_get_state (entry));
  row[COLUMN_FEATURES] = join_or_dash ((const char *const *) features, ",");
  row[COLUMN_DETAIL] = print_details (entry);
  return row;
}

static void
append_row (GString *table, const char *const *row, const glong *widths)
{
  for (guint i = 0; i < N_COLUMNS; i++)
    {
      glong padding = i == N_COLUMNS - 1 ? 0 : widths[i] + 2 - g_utf8_strlen (row[i], -1);

      g_string_append_printf (table, "%s%*s", row[i], (int) padding, "");
    }
  g_string_append_c (table, '\n');
}

static void
append_rows (GString *table, GPtrArray *report)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  glong widths[N_COLUMNS];

  for (guint i = 0; i < N_COLUMNS; i++)
    widths[i] = g_utf8_strlen (titles[i], -1);
  for (guint i = 0; i < report->len; i++)
    {
      char **row = make_row (g_ptr_array_index (report, i));

      for (guint column = 0; column < N_COLUMNS; column++)
        widths[column] = MAX (widths[column], g_utf8_strlen (row[column], -1));
      g_ptr_array_add (rows, row);
    }

  append_row (table, titles, widths);
  for (guint i = 0; i < rows->len; i++)
    append_row (table, g_ptr_array_index (rows, i), widths);
}

static void
append_line (GString *table, const char *text)
{
  g_autofree char *printable = NULL;

  if (text == NULL)
    return;
  printable = make_printable (text);
  g_string_append_printf (table, "  %s\n", printable);
}

static void
append_explanation (GString *table, const ProbeEntry *entry)
{
  g_autofree char *name = NULL;

  if (probe_entry_is_available (entry))
    return;
  name = make_printable (hvsock_plugin_info_get_name (entry->plugin));
  g_string_append_printf (table, "\n%s: %s\n", name, probe_entry_get_state (entry));
  append_line (table, probe_entry_get_reason (entry));
  append_line (table, probe_entry_get_remedy (entry));
}

char *
probe_table_print (GPtrArray *report)
{
  GString *table = g_string_new (NULL);

  append_rows (table, report);
  for (guint i = 0; i < report->len; i++)
    append_explanation (table, g_ptr_array_index (report, i));
  return g_string_free (table, FALSE);
}
