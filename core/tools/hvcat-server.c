/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat --listen: takes connections and starts their sessions. A signal or the deadline reaches the
 * listener, whose socket file is removed when it closes. */

#include "hvcat-server.h"

#include "hvcat-endpoint.h"
#include "hvcat-forward.h"
#include "hvcat-session.h"
#include "hvcat-signals.h"
#include "tool-main.h"

typedef struct
{
  const HvcatOptions *options;
  HvsockListener *listener;
  GMainLoop *loop;
  guint deadline;
  int status;
} HvcatServer;

static void accept_next (HvcatServer *self);

static void
close_listener (gpointer data)
{
  HvcatServer *self = data;

  if (self->listener != NULL)
    hvsock_listener_close (self->listener);
  g_clear_object (&self->listener);
}

static void
stop (HvcatServer *self, int status)
{
  self->status = status;
  close_listener (self);
  g_main_loop_quit (self->loop);
}

/* What goes to and from standard input and output goes one after the other. */
static gboolean
serves_several (HvcatServer *self)
{
  return self->options->keep_open && (self->options->echo || self->options->target != NULL);
}

static void
session_done (HvcatOutcome outcome, gpointer data)
{
  HvcatServer *self = data;

  if (!self->options->keep_open)
    stop (self, outcome == HVCAT_OUTCOME_DELIVERED ? TOOL_SUCCESS : TOOL_FAILURE);
  else if (outcome == HVCAT_OUTCOME_OUTPUT_LOST)
    stop (self, TOOL_FAILURE);
  else if (!serves_several (self))
    accept_next (self);
}

static void
accept_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  HvcatServer *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockConnection) connection =
      hvsock_listener_accept_finish (HVSOCK_LISTENER (source), result, &error);

  if (connection == NULL)
    {
      /* A listener that was closed here has ended the loop already. */
      if (self->listener != NULL)
        {
          tool_complain ("%s", error->message);
          stop (self, TOOL_FAILURE);
        }
      return;
    }

  g_clear_handle_id (&self->deadline, g_source_remove);
  if (self->options->verbose)
    hvcat_session_announce (connection, "connection from", "a peer without address");
  if (!self->options->keep_open)
    close_listener (self);
  if (self->options->target != NULL)
    hvcat_forward_start (connection, self->options, session_done, self);
  else
    hvcat_session_start (connection, self->options, session_done, self);
  if (serves_several (self))
    accept_next (self);
}

static void
accept_next (HvcatServer *self)
{
  hvsock_listener_accept_async (self->listener, NULL, accept_cb, self);
}

static gboolean
deadline_cb (gpointer data)
{
  HvcatServer *self = data;

  self->deadline = 0;
  tool_complain ("no connection to '%s' within %u ms", self->options->uri, self->options->timeout);
  stop (self, TOOL_FAILURE);
  return G_SOURCE_REMOVE;
}

static gboolean
start_listening (HvcatServer *self, GError **error)
{
  g_autofree char *uri = NULL;

  if (self->options->target != NULL && !hvcat_endpoint_check (self->options->target, error))
    return FALSE;
  self->listener = hvcat_endpoint_listen (self->options->uri, &uri, error);
  if (self->listener == NULL)
    return FALSE;
  if (self->options->verbose)
    g_printerr ("listening on %s\n", uri);
  return TRUE;
}

int
hvcat_server_run (const HvcatOptions *options)
{
  HvcatServer self = { .options = options, .status = TOOL_FAILURE };
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;

  self.loop = loop;
  hvcat_signals_watch (close_listener, &self);
  if (!start_listening (&self, &error))
    {
      tool_complain ("%s", error->message);
      return tool_status_from_error (error);
    }
  if (options->timeout > 0)
    self.deadline = g_timeout_add (options->timeout, deadline_cb, &self);
  accept_next (&self);
  g_main_loop_run (loop);
  return self.status;
}
