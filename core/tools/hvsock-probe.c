/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvsock-probe: which transports work on this system, what a URI means, which transport would serve
 * it, and how far connecting to it gets. This file holds the command line; what is shown, and how
 * it looks, is in the files beside it. */

#include "hvsock-probe-print.h"
#include "tool-main.h"

static const char *const summary =
    "Shows which transports are installed, and which of them work on this system.\n"
    "With a URI: connects to it, and shows how far that gets.";

static int
show_report (gboolean json)
{
  g_auto (ProbeReport) report;
  g_autofree char *text = NULL;

  probe_report_init (&report, hvsock_registry_get_default ());
  text = json ? probe_json_print_report (&report) : probe_table_print_report (&report);
  if (report.entries->len == 0)
    tool_complain ("no transport plugin was found in the built-in folder%s",
                   g_getenv ("HVSOCK_PLUGIN_PATH") == NULL ? "; HVSOCK_PLUGIN_PATH can name others"
                                                           : " nor in HVSOCK_PLUGIN_PATH");
  if (!tool_print (text))
    return TOOL_FAILURE;
  return probe_report_has_available (&report) ? TOOL_SUCCESS : TOOL_FAILURE;
}

static int
try_to_connect (const char *uri, guint timeout, gboolean json)
{
  g_auto (ProbeAttempt) attempt;
  g_autofree char *text = NULL;
  gboolean is_printed;

  probe_attempt_run (&attempt, hvsock_registry_get_default (), uri, timeout);
  text = json ? probe_json_print_attempt (&attempt) : probe_table_print_attempt (&attempt);
  is_printed = tool_print (text);
  if (attempt.error == NULL)
    return is_printed ? TOOL_SUCCESS : TOOL_FAILURE;
  tool_complain ("%s", attempt.error->message);
  if (attempt.remedy != NULL)
    tool_complain ("%s", attempt.remedy);
  return is_printed ? tool_status_from_error (attempt.error) : TOOL_FAILURE;
}

static int
parse (char **uris)
{
  for (guint i = 0; uris[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (HvsockAddress) address = hvsock_address_new_from_uri (uris[i], &error);
      g_autofree char *uri = address == NULL ? NULL : hvsock_address_to_uri (address);
      g_autofree char *line = g_strdup_printf ("%s\n", uri);

      if (address == NULL)
        {
          tool_complain ("%s", error->message);
          return TOOL_USAGE;
        }
      if (!tool_print (line))
        return TOOL_FAILURE;
    }
  return TOOL_SUCCESS;
}

static int
resolve (const char *given_uri)
{
  g_autoptr (HvsockAddress) address = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockTransport) transport =
      hvsock_registry_resolve (hvsock_registry_get_default (), given_uri, &address, NULL, &error);
  g_autofree char *uri = NULL;
  g_autofree char *line = NULL;

  if (transport == NULL)
    {
      tool_complain ("%s", error->message);
      return tool_status_from_error (error);
    }
  uri = hvsock_address_to_uri (address);
  line = g_strdup_printf ("%s\t%s\n", uri, hvsock_transport_get_name (transport));
  return tool_print (line) ? TOOL_SUCCESS : TOOL_FAILURE;
}

int
main (int argc, char **argv)
{
  g_auto (GStrv) uris = NULL;
  g_autofree char *given_timeout = NULL;
  guint timeout = TOOL_CONNECT_TIMEOUT;
  gboolean json = FALSE;
  gboolean parse_only = FALSE;
  gboolean resolve_only = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print the same as JSON", NULL },
    { "timeout", 'w', 0, G_OPTION_ARG_STRING, &given_timeout,
      "Deadline to connect (default: 10000); 0 is none", "MS" },
    { "parse", 0, 0, G_OPTION_ARG_NONE, &parse_only,
      "Print the canonical form of each URI, without loading a plugin", NULL },
    { "resolve", 0, 0, G_OPTION_ARG_NONE, &resolve_only,
      "Print the canonical form of the URI and the plugin that would serve it", NULL },
    { NULL },
  };
  guint count;
  int status;

  if (!tool_start (argv, "[URI…]", summary, entries, &uris, &status) ||
      !tool_take_time (&timeout, "timeout", given_timeout, &status))
    return status;
  if (json + parse_only + resolve_only > 1)
    return tool_usage_error ("only one of --json, --parse and --resolve can be given");

  count = uris == NULL ? 0 : g_strv_length (uris);
  if (given_timeout != NULL && (count == 0 || parse_only || resolve_only))
    return tool_usage_error ("--timeout is for connecting: it needs a URI, and no other mode");
  if (parse_only)
    return count > 0 ? parse (uris) : tool_usage_error ("--parse needs a URI");
  if (resolve_only)
    return count == 1 ? resolve (uris[0]) : tool_usage_error ("--resolve needs exactly one URI");
  if (count > 1)
    return tool_usage_error ("only one URI is connected to, and %u were given", count);
  return count == 1 ? try_to_connect (uris[0], timeout, json) : show_report (json);
}
