/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat: standard input and output against the stream that a URI names. This file picks what to do;
 * the work is in the files beside it. */

#include "hvcat-endpoint.h"
#include "hvcat-exec.h"
#include "hvcat-options.h"
#include "hvcat-register.h"
#include "hvcat-server.h"
#include "hvcat-session.h"
#include "hvcat-stdio.h"
#include "tool-main.h"

typedef struct
{
  const HvcatOptions *options;
  GMainLoop *loop;
  int status;
} Client;

static void
session_done (HvcatOutcome outcome, gpointer data)
{
  Client *self = data;

  self->status = outcome == HVCAT_OUTCOME_DELIVERED ? TOOL_SUCCESS : TOOL_FAILURE;
  g_main_loop_quit (self->loop);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Client *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockConnection) connection = hvcat_endpoint_connect_finish (result, &error);

  if (connection == NULL)
    {
      tool_complain ("%s", error->message);
      self->status = tool_status_from_error (error);
      g_main_loop_quit (self->loop);
      return;
    }

  if (self->options->verbose)
    hvcat_session_announce (connection, "connected to", self->options->uri);
  if (self->options->command != NULL)
    hvcat_exec_start (connection, self->options, session_done, self);
  else
    hvcat_session_start (connection, self->options, session_done, self);
}

static int
run_client (const HvcatOptions *options)
{
  g_autoptr (HvsockClient) client = hvsock_client_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Client self = { options, loop, TOOL_FAILURE };

  /* Its own default also knows what silence means to Hyper-V. */
  if (options->has_timeout)
    hvsock_client_set_timeout (client, options->timeout);
  if (options->retry)
    hvsock_client_set_retry_interval (client, HVCAT_RETRY_INTERVAL);
  hvcat_endpoint_connect_async (client, options->uri, connected_cb, &self);
  g_main_loop_run (loop);
  return self.status;
}

int
main (int argc, char **argv)
{
  g_auto (HvcatOptions) options;
  int status;

  hvcat_stdio_init ();
  if (!hvcat_options_init (&options, argv, &status))
    return status;
  if (options.service_name != NULL)
    return hvcat_register (&options.service, options.service_name);
  return options.listen ? hvcat_server_run (&options) : run_client (&options);
}
