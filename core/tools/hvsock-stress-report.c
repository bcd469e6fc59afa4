/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* How the figures of hvsock-stress look: the summary as text or JSON, and the line of progress. */

#include "hvsock-stress-report.h"

#include "tool-json.h"

static const char *const end_names[STRESS_N_ENDS] = {
  [STRESS_END_WHOLE] = "whole",
  [STRESS_END_HALF_CLOSED] = "half-closed",
  [STRESS_END_CANCELLED] = "cancelled",
  [STRESS_END_CUT_OFF] = "cut-off",
};

static const struct
{
  const char *name;
  guint percent;
} percentiles[] = { { "p50", 50 }, { "p90", 90 }, { "p99", 99 }, { "max", 100 } };

static double
seconds_since (gint64 since)
{
  return (double) MAX (g_get_monotonic_time () - since, 1) / G_USEC_PER_SEC;
}

static double
to_megabytes (guint64 bytes)
{
  return (double) bytes / 1000000;
}

static double
to_milliseconds (gint64 time)
{
  return (double) time / 1000;
}

static void
append_times (GString *text, const char *name, const StressTimes *times)
{
  g_string_append_printf (text, "%-12s", name);
  for (guint i = 0; i < G_N_ELEMENTS (percentiles); i++)
    g_string_append_printf (
        text, "%s%s %.3f ms", i == 0 ? "" : ", ", percentiles[i].name,
        to_milliseconds (stress_times_get_percentile (times, percentiles[i].percent)));
  g_string_append_c (text, '\n');
}

static char *
print_client (const StressCounts *counts, const StressOptions *options)
{
  const double seconds = seconds_since (counts->since);
  const guint64 n_ended = stress_counts_get_n_ended (counts);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "connections %" G_GUINT64_FORMAT " in %.1f s, %.1f/s", n_ended,
                          seconds, (double) n_ended / seconds);
  for (guint i = 0; i < STRESS_N_ENDS; i++)
    g_string_append_printf (text, "%s %" G_GUINT64_FORMAT " %s", i == 0 ? ":" : ",",
                            counts->n_ended[i], end_names[i]);
  g_string_append_printf (
      text, "\ndata        %.1f MB sent, %.1f MB received, %.1f MB/s and %.1f MB/s\n",
      to_megabytes (counts->sent), to_megabytes (counts->received),
      to_megabytes (counts->sent) / seconds, to_megabytes (counts->received) / seconds);
  append_times (text, "connect", &counts->connects);
  append_times (text, "exchange", &counts->exchanges);
  g_string_append_printf (text, "seed        %" G_GUINT64_FORMAT "\n", options->seed);
  return g_string_free (text, FALSE);
}

static GString *
begin_json (const StressOptions *options, gint64 since)
{
  GString *json = g_string_new ("{\n  \"uri\": ");

  tool_json_append_string (json, options->uri);
  g_string_append_printf (json, ",\n  \"seconds\": %.3f", seconds_since (since));
  return json;
}

static void
append_json_times (GString *json, const char *name, const StressTimes *times)
{
  g_string_append_printf (json, ",\n  \"%s\": {", name);
  for (guint i = 0; i < G_N_ELEMENTS (percentiles); i++)
    g_string_append_printf (
        json, "%s \"%s\": %.3f", i == 0 ? "" : ",", percentiles[i].name,
        to_milliseconds (stress_times_get_percentile (times, percentiles[i].percent)));
  g_string_append (json, " }");
}

static char *
print_client_json (const StressCounts *counts, const StressOptions *options, const char *failure)
{
  GString *json = begin_json (options, counts->since);

  g_string_append_printf (json, ",\n  \"seed\": %" G_GUINT64_FORMAT ",\n  \"connections\": {",
                          options->seed);
  for (guint i = 0; i < STRESS_N_ENDS; i++)
    g_string_append_printf (json, "%s \"%s\": %" G_GUINT64_FORMAT, i == 0 ? "" : ",", end_names[i],
                            counts->n_ended[i]);
  g_string_append_printf (
      json, " },\n  \"sent\": %" G_GUINT64_FORMAT ",\n  \"received\": %" G_GUINT64_FORMAT,
      counts->sent, counts->received);
  append_json_times (json, "connect", &counts->connects);
  append_json_times (json, "exchange", &counts->exchanges);
  g_string_append (json, ",\n  \"failure\": ");
  tool_json_append_string (json, failure);
  g_string_append (json, "\n}\n");
  return g_string_free (json, FALSE);
}

/* @failure is what the messages tell anyway, or NULL. */
char *
stress_report_client (const StressCounts *counts, const StressOptions *options, const char *failure)
{
  return options->json ? print_client_json (counts, options, failure)
                       : print_client (counts, options);
}

char *
stress_report_server (const StressServed *served, const StressOptions *options)
{
  const double seconds = seconds_since (served->since);
  GString *json;

  if (!options->json)
    return g_strdup_printf (
        "connections %" G_GUINT64_FORMAT " in %.1f s, %.1f/s: %" G_GUINT64_FORMAT " broken\n"
        "data        %.1f MB sent back, %.1f MB/s\n",
        served->n_accepted, seconds, (double) served->n_accepted / seconds, served->n_broken,
        to_megabytes (served->echoed), to_megabytes (served->echoed) / seconds);

  json = begin_json (options, served->since);
  g_string_append_printf (json,
                          ",\n  \"accepted\": %" G_GUINT64_FORMAT
                          ",\n  \"broken\": %" G_GUINT64_FORMAT
                          ",\n  \"echoed\": %" G_GUINT64_FORMAT "\n}\n",
                          served->n_accepted, served->n_broken, served->echoed);
  return g_string_free (json, FALSE);
}

static void
append_short_times (GString *line, const char *name, const StressTimes *times)
{
  g_string_append_printf (line, "  %s", name);
  for (guint i = 0; i < G_N_ELEMENTS (percentiles); i++)
    {
      const double time =
          to_milliseconds (stress_times_get_percentile (times, percentiles[i].percent));

      g_string_append_printf (line, "%c%.*f", i == 0 ? ' ' : '/', time < 10 ? 2 : 0, time);
    }
}

/* The rates are those since the line before. */
static GString *
begin_progress (gint64 since, guint64 n, guint64 bytes, StressMark *mark)
{
  const double seconds = seconds_since (MAX (since, mark->at));
  GString *line = g_string_new (NULL);

  g_string_append_printf (line, "%.0f s  %" G_GUINT64_FORMAT "  %.0f/s  %.0f MB/s",
                          seconds_since (since), n, (double) (n - mark->n) / seconds,
                          to_megabytes (bytes - mark->bytes) / seconds);
  *mark = (StressMark){ g_get_monotonic_time (), n, bytes };
  return line;
}

/* Fits 80 columns as long as it can. */
char *
stress_report_client_progress (const StressCounts *counts, StressMark *mark)
{
  GString *line =
      begin_progress (counts->since, stress_counts_get_n_ended (counts), counts->received, mark);

  append_short_times (line, "connect", &counts->connects);
  append_short_times (line, "exchange", &counts->exchanges);
  g_string_append (line, " ms");
  return g_string_free (line, FALSE);
}

char *
stress_report_server_progress (const StressServed *served, guint n_active, StressMark *mark)
{
  GString *line = begin_progress (served->since, served->n_accepted, served->echoed, mark);

  g_string_append_printf (line, "  %u now  %" G_GUINT64_FORMAT " broken", n_active,
                          served->n_broken);
  return g_string_free (line, FALSE);
}
