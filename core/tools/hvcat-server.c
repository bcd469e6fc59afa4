/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat --listen: takes connections and starts their sessions. A signal or the deadline reaches the
 * listeners, whose socket files are removed when they close. */

#include "hvcat-server.h"

#include "hvcat-endpoint.h"
#include "hvcat-exec.h"
#include "hvcat-forward.h"
#include "hvcat-inherited.h"
#include "hvcat-notify.h"
#include "hvcat-session.h"
#include "tool-main.h"
#include "tool-signals.h"

typedef struct
{
  const HvcatOptions *options;
  HvsockService *service;
  GPtrArray *listeners;
  GMainLoop *loop;
  GPtrArray *waiting; /* connections that there was no room for */
  guint deadline;
  guint n_served; /* at this time */
  int status;
} HvcatServer;

static void
close_listeners (gpointer data)
{
  HvcatServer *self = data;

  hvsock_service_stop (self->service);
  g_ptr_array_foreach (self->listeners, (GFunc) hvsock_listener_close, NULL);
}

static void
stop (HvcatServer *self, int status)
{
  self->status = status;
  close_listeners (self);
  g_main_loop_quit (self->loop);
}

/* What goes to and from standard input and output goes one after the other. */
static gboolean
has_room (HvcatServer *self)
{
  const guint limit = hvcat_options_use_stdio (self->options) ? 1 : self->options->max;

  return limit == 0 || self->n_served < limit;
}

static void session_done (HvcatOutcome outcome, gpointer data);

static void
start_session (HvcatServer *self, HvsockConnection *connection)
{
  self->n_served++;
  if (self->options->verbose)
    hvcat_session_announce (connection, "connection from", "a peer without address");
  if (self->options->target != NULL)
    hvcat_forward_start (connection, self->options, session_done, self);
  else if (self->options->command != NULL)
    hvcat_exec_start (connection, self->options, session_done, self);
  else
    hvcat_session_start (connection, self->options, session_done, self);
}

/* Those who come beyond the limit wait in the listeners' queues, unless several listeners had
 * accepted at once. */
static void
serve_next (HvcatServer *self)
{
  while (self->waiting->len > 0 && has_room (self))
    {
      g_autoptr (HvsockConnection) next = g_ptr_array_steal_index (self->waiting, 0);

      start_session (self, next);
    }
  if (has_room (self))
    hvsock_service_start (self->service);
  else
    hvsock_service_stop (self->service);
}

static void
session_done (HvcatOutcome outcome, gpointer data)
{
  HvcatServer *self = data;

  self->n_served--;
  if (!self->options->keep_open)
    stop (self, outcome == HVCAT_OUTCOME_DELIVERED ? TOOL_SUCCESS : TOOL_FAILURE);
  else if (outcome == HVCAT_OUTCOME_OUTPUT_LOST)
    stop (self, TOOL_FAILURE);
  else
    serve_next (self);
}

/* One that was accepted just before its listener was closed is turned away, as those are who were
 * still in the queue. */
static gboolean
incoming_cb (HvsockService *service,
             HvsockConnection *connection,
             HvsockListener *listener,
             gpointer data)
{
  HvcatServer *self = data;

  if (hvsock_listener_is_closed (listener))
    return TRUE;

  g_clear_handle_id (&self->deadline, g_source_remove);
  if (self->options->keep_open)
    {
      g_ptr_array_add (self->waiting, g_object_ref (connection));
      serve_next (self);
    }
  else
    {
      close_listeners (self);
      start_session (self, connection);
    }
  return TRUE;
}

static void
listener_failed_cb (HvsockService *service,
                    HvsockListener *listener,
                    const GError *error,
                    gpointer data)
{
  tool_complain ("%s", error->message);
  stop (data, TOOL_FAILURE);
}

static gboolean
deadline_cb (gpointer data)
{
  HvcatServer *self = data;

  self->deadline = 0;
  tool_complain ("no connection to '%s' within %u ms", hvcat_options_get_place (self->options),
                 self->options->timeout);
  stop (self, TOOL_FAILURE);
  return G_SOURCE_REMOVE;
}

static void
take_listener (HvcatServer *self, HvsockListener *listener, const char *uri)
{
  g_ptr_array_add (self->listeners, listener);
  hvsock_service_add_listener (self->service, listener);
  if (self->options->verbose)
    g_printerr ("listening on %s\n", uri);
}

static gboolean
take_inherited (HvcatServer *self, GError **error)
{
  g_autoptr (GPtrArray) inherited = hvcat_inherited_listen (error);

  if (inherited == NULL)
    return FALSE;
  for (guint i = 0; i < inherited->len; i++)
    {
      HvsockListener *listener = inherited->pdata[i];
      HvsockAddress *address = hvsock_listener_get_local_address (listener);
      g_autofree char *uri = address == NULL ? NULL : hvsock_address_to_uri (address);

      take_listener (self, g_object_ref (listener), uri == NULL ? "a socket without URI" : uri);
    }
  return TRUE;
}

static gboolean
start_listening (HvcatServer *self, GError **error)
{
  g_autofree char *uri = NULL;
  HvsockListener *listener;

  if (self->options->target != NULL && !hvcat_endpoint_check (self->options->target, error))
    return FALSE;
  if (self->options->uri == NULL)
    return take_inherited (self, error);

  listener = hvcat_endpoint_listen (self->options->uri, &uri, error);
  if (listener == NULL)
    return FALSE;
  take_listener (self, listener, uri);
  return TRUE;
}

static int
run (HvcatServer *self)
{
  g_autoptr (GError) error = NULL;

  if (!start_listening (self, &error) ||
      (self->options->systemd_notify && !hvcat_notify_ready (&error)))
    {
      tool_complain ("%s", error->message);
      close_listeners (self);
      return tool_status_from_error (error);
    }

  if (self->options->timeout > 0)
    self->deadline = g_timeout_add (self->options->timeout, deadline_cb, self);
  hvsock_service_start (self->service);
  g_main_loop_run (self->loop);
  return self->status;
}

int
hvcat_server_run (const HvcatOptions *options)
{
  g_autoptr (HvsockService) service = hvsock_service_new ();
  g_autoptr (GPtrArray) listeners = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) waiting = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  HvcatServer self = { options, service, listeners, loop, waiting, 0, 0, TOOL_FAILURE };

  g_signal_connect (service, "incoming", G_CALLBACK (incoming_cb), &self);
  g_signal_connect (service, "listener-failed", G_CALLBACK (listener_failed_cb), &self);
  tool_signals_watch (close_listeners, &self);
  return run (&self);
}
