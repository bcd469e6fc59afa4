/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat: standard input and output against the stream that a URI names. This file picks what to do;
 * the work is in the files beside it. */

#include "hvcat-options.h"
#include "hvcat-register.h"
#include "hvcat-server.h"
#include "hvcat-session.h"
#include "hvcat-stdio.h"
#include "tool-main.h"

#define RETRY_INTERVAL 100

typedef struct
{
  GMainLoop *loop;
  HvcatOutcome outcome;
} Client;

static void
session_done (HvcatOutcome outcome, gpointer data)
{
  Client *self = data;

  self->outcome = outcome;
  g_main_loop_quit (self->loop);
}

static int
run_client (const HvcatOptions *options)
{
  g_autoptr (HvsockClient) client = hvsock_client_new ();
  g_autoptr (HvsockConnection) connection = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Client self = { loop, HVCAT_OUTCOME_FAILED };
  g_autoptr (GError) error = NULL;

  hvsock_client_set_timeout (client, options->timeout);
  if (options->retry)
    hvsock_client_set_retry_interval (client, RETRY_INTERVAL);
  connection = hvsock_client_connect (client, options->uri, NULL, &error);
  if (connection == NULL)
    {
      tool_complain ("%s", error->message);
      return tool_status_from_error (error);
    }
  if (options->verbose)
    hvcat_session_announce (connection, "connected to", options->uri);
  hvcat_session_start (connection, options, session_done, &self);
  g_main_loop_run (loop);
  return self.outcome == HVCAT_OUTCOME_DELIVERED ? TOOL_SUCCESS : TOOL_FAILURE;
}

int
main (int argc, char **argv)
{
  g_auto (HvcatOptions) options;
  int status;

  hvcat_stdio_init ();
  if (!hvcat_options_init (&options, argc, argv, &status))
    return status;
  if (options.service != NULL)
    return hvcat_register (options.service);
  return options.listen ? hvcat_server_run (&options) : run_client (&options);
}
