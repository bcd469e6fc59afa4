/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The echo: what comes by a connection goes back by it until the peer has written its last. */

#include "hvsock-stress-server.h"

#include "hvsock-stress-progress.h"
#include "hvsock-stress-report.h"
#include "tool-main.h"
#include "tool-signals.h"

typedef struct
{
  const StressOptions *options;
  HvsockService *service;
  HvsockListener *listener;
  GMainLoop *loop;
  StressProgress *progress;
  StressServed served;
  StressMark mark;
  int status;
} StressServer;

typedef struct
{
  StressServer *server;
  HvsockConnection *connection;
} Echo;

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  StressServer *self = user_data;

  if (!g_io_stream_close_finish (G_IO_STREAM (source), result, NULL))
    self->served.n_broken++;
}

/* A client may break off whenever it likes. */
static void
echoed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Echo *echo = user_data;
  g_autoptr (HvsockConnection) connection = echo->connection;
  StressServer *self = echo->server;
  const gssize n = g_output_stream_splice_finish (G_OUTPUT_STREAM (source), result, NULL);

  if (n < 0)
    self->served.n_broken++;
  else
    self->served.echoed += (guint64) n;
  g_io_stream_close_async (G_IO_STREAM (connection), G_PRIORITY_DEFAULT, NULL, closed_cb, self);
}

static gboolean
incoming_cb (HvsockService *service,
             HvsockConnection *connection,
             HvsockListener *listener,
             StressServer *self)
{
  GIOStream *stream = G_IO_STREAM (connection);
  Echo *echo = g_new (Echo, 1);

  *echo = (Echo){ self, g_object_ref (connection) };
  self->served.n_accepted++;
  g_output_stream_splice_async (g_io_stream_get_output_stream (stream),
                                g_io_stream_get_input_stream (stream), G_OUTPUT_STREAM_SPLICE_NONE,
                                G_PRIORITY_DEFAULT, NULL, echoed_cb, echo);
  return TRUE;
}

static void
listener_failed_cb (HvsockService *service,
                    HvsockListener *listener,
                    const GError *error,
                    StressServer *self)
{
  g_clear_pointer (&self->progress, stress_progress_free);
  tool_complain ("%s", error->message);
  self->status = TOOL_FAILURE;
  g_main_loop_quit (self->loop);
}

static char *
describe_progress (gpointer user_data)
{
  StressServer *self = user_data;

  return stress_report_server_progress (&self->served, hvsock_service_get_n_active (self->service),
                                        &self->mark);
}

/* A socket file goes with the listener. */
static void
end (gpointer user_data)
{
  StressServer *self = user_data;
  g_autofree char *report = NULL;

  hvsock_service_stop (self->service);
  hvsock_listener_close (self->listener);
  g_clear_pointer (&self->progress, stress_progress_free);
  report = stress_report_server (&self->served, self->options);
  if (!tool_print (report))
    self->status = TOOL_FAILURE;
}

static gboolean
time_is_up_cb (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static void
announce (StressServer *self)
{
  g_autofree char *uri = NULL;

  if (!self->options->verbose)
    return;
  uri = hvsock_address_to_uri (hvsock_listener_get_local_address (self->listener));
  g_printerr ("listening on %s\n", uri);
}

int
stress_server_run (const StressOptions *options)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (HvsockService) service = hvsock_service_new ();
  g_autoptr (HvsockListener) listener = NULL;
  g_autoptr (GError) error = NULL;
  StressServer self = { .options = options, .service = service, .loop = loop };

  tool_signals_watch (end, &self);
  self.listener = hvsock_service_listen (service, options->uri, &error);
  if (self.listener == NULL)
    {
      tool_complain ("%s", error->message);
      return tool_status_from_error (error);
    }

  listener = g_object_ref (self.listener);
  self.served.since = g_get_monotonic_time ();
  g_signal_connect (service, "incoming", G_CALLBACK (incoming_cb), &self);
  g_signal_connect (service, "listener-failed", G_CALLBACK (listener_failed_cb), &self);
  if (options->seconds > 0)
    g_timeout_add_seconds ((guint) options->seconds, time_is_up_cb, loop);
  hvsock_service_start (service);
  announce (&self);
  self.progress = stress_progress_new (options->verbose, describe_progress, &self);
  g_main_loop_run (loop);
  end (&self);
  return self.status;
}
