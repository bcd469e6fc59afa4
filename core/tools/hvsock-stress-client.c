/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The connections, so many at once, until there were enough, the time is up, or one has failed:
 * then the others are stopped. */

#include "hvsock-stress-client.h"

#include "hvsock-stress-connection.h"
#include "hvsock-stress-progress.h"
#include "hvsock-stress-report.h"
#include "tool-main.h"
#include "tool-signals.h"

typedef struct
{
  const StressOptions *options;
  GMainLoop *loop;
  StressProgress *progress;
  StressCounts *counts;
  StressMark mark;
  GPtrArray *places; /* of a StressConnection each */
  guint64 n_started;
  guint n_running;
  gboolean is_ending;
  char *failure; /* NULL as long as there is none */
  int status;
} StressClient;

static void
start_next (StressClient *self, StressConnection *place)
{
  const guint64 most = self->options->connections;
  StressPlan plan;

  if (self->is_ending || (most > 0 && self->n_started == most))
    {
      if (--self->n_running == 0)
        g_main_loop_quit (self->loop);
      return;
    }

  stress_plan_init (&plan, self->options->seed, ++self->n_started, self->options->length);
  stress_connection_start (place, &plan);
}

static void
fail (StressClient *self, const GError *error)
{
  self->is_ending = TRUE;
  if (self->failure != NULL)
    return;

  self->failure = g_strdup (error->message);
  self->status = tool_status_from_error (error);
  for (guint i = 0; i < self->places->len; i++)
    stress_connection_stop (self->places->pdata[i]);
}

static void
done_cb (StressConnection *place, const GError *error, gpointer user_data)
{
  StressClient *self = user_data;

  if (error != NULL)
    fail (self, error);
  start_next (self, place);
}

static gboolean
time_is_up_cb (gpointer user_data)
{
  StressClient *self = user_data;

  self->is_ending = TRUE;
  return G_SOURCE_CONTINUE;
}

static char *
describe_progress (gpointer user_data)
{
  StressClient *self = user_data;

  return stress_report_client_progress (self->counts, &self->mark);
}

/* Without a connection there is nothing to tell. */
static void
end (gpointer user_data)
{
  StressClient *self = user_data;
  g_autofree char *report = NULL;

  g_clear_pointer (&self->progress, stress_progress_free);
  if (self->failure != NULL)
    tool_complain ("%s", self->failure);
  if (self->counts->connects.n_times == 0 && !self->options->json)
    return;
  report = stress_report_client (self->counts, self->options, self->failure);
  if (!tool_print (report))
    self->status = TOOL_FAILURE;
}

static void
start_all (StressClient *self, HvsockClient *client)
{
  self->n_running = (guint) self->options->parallel;
  for (guint i = 0; i < self->options->parallel; i++)
    {
      StressConnection *place =
          stress_connection_new (client, self->options->uri, self->counts, done_cb, self);

      g_ptr_array_add (self->places, place);
      start_next (self, place);
    }
}

int
stress_client_run (const StressOptions *options)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (HvsockClient) client = hvsock_client_new ();
  g_autofree StressCounts *counts = g_new0 (StressCounts, 1);
  g_autoptr (GPtrArray) places =
      g_ptr_array_new_with_free_func ((GDestroyNotify) stress_connection_free);
  StressClient self = { .options = options, .loop = loop, .counts = counts, .places = places };

  counts->since = g_get_monotonic_time ();
  tool_signals_watch (end, &self);
  if (options->seconds > 0)
    g_timeout_add_seconds ((guint) options->seconds, time_is_up_cb, &self);
  self.progress = stress_progress_new (options->verbose, describe_progress, &self);
  start_all (&self, client);
  g_main_loop_run (loop);
  end (&self);
  g_free (self.failure);
  return self.status;
}
