/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* One connection to an echo, from connecting to its planned end: it is written to and read from at
 * the same time, and what comes back is compared. The memory is that of the next one as well. */

#include "hvsock-stress-connection.h"

#include <string.h>

/* How long one read or write may wait, in milliseconds: as long as in sock_stress. */
#define TIMEOUT 60000

struct _StressConnection
{
  HvsockClient *client;
  const char *uri;
  StressCounts *counts;
  StressDoneFunc done;
  gpointer user_data;

  StressPlan plan;
  GCancellable *cancellable;
  HvsockConnection *connection;
  gint64 since; /* monotonic, in microseconds: of connecting, then of the exchange */
  guint64 sent;
  guint64 received;
  guint64 write_sizes;
  guint64 read_sizes;
  guint n_under_way;
  gboolean is_cut; /* what ends now does so before its time */
  GError *error;

  guint8 output[STRESS_MAX_CHUNK];
  guint8 input[STRESS_MAX_CHUNK];
  guint8 expected[STRESS_MAX_CHUNK];
};

StressConnection *
stress_connection_new (HvsockClient *client,
                       const char *uri,
                       StressCounts *counts,
                       StressDoneFunc done,
                       gpointer user_data)
{
  StressConnection *self = g_new0 (StressConnection, 1);

  self->client = client;
  self->uri = uri;
  self->counts = counts;
  self->done = done;
  self->user_data = user_data;
  return self;
}

/* It must have ended. */
void
stress_connection_free (StressConnection *self)
{
  g_assert (self->cancellable == NULL);
  g_free (self);
}

static gboolean
is_planned_to_be_cut (StressConnection *self)
{
  return self->plan.end == STRESS_END_CANCELLED || self->plan.end == STRESS_END_CUT_OFF;
}

static void
finish (StressConnection *self)
{
  g_autoptr (GError) error = g_steal_pointer (&self->error);

  if (error == NULL && self->connection != NULL && self->is_cut == is_planned_to_be_cut (self))
    self->counts->n_ended[self->plan.end]++;
  g_clear_object (&self->connection);
  g_clear_object (&self->cancellable);
  self->done (self, error, self->user_data);
}

/* The first failure is the cause. One that was brought about is none. Takes @error. */
static void
fail (StressConnection *self, GError *error)
{
  const gboolean is_wanted =
      self->is_cut && (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED) ||
                       g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));

  if (!is_wanted && self->error == NULL)
    self->error = g_error_new (error->domain, error->code,
                               "connection %" G_GUINT64_FORMAT
                               ": %s: repeat it with --seed %" G_GUINT64_FORMAT,
                               self->plan.number, error->message, self->plan.seed);
  g_error_free (error);
  stress_connection_stop (self);
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  StressConnection *self = user_data;
  GError *error = NULL;

  if (!g_io_stream_close_finish (G_IO_STREAM (source), result, &error))
    fail (self, error);
  finish (self);
}

/* Closes the connection after the last of what was under way. */
static void
end_operation (StressConnection *self)
{
  if (--self->n_under_way > 0)
    return;

  if (!self->is_cut)
    stress_times_add (&self->counts->exchanges, g_get_monotonic_time () - self->since);
  if (g_io_stream_is_closed (G_IO_STREAM (self->connection)))
    finish (self);
  else
    g_io_stream_close_async (G_IO_STREAM (self->connection), G_PRIORITY_DEFAULT, NULL, closed_cb,
                             self);
}

static void
cut_off_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  StressConnection *self = user_data;
  GError *error = NULL;

  if (!g_io_stream_close_finish (G_IO_STREAM (source), result, &error))
    fail (self, error);
  end_operation (self);
}

static void
cut (StressConnection *self)
{
  if (self->plan.end == STRESS_END_CANCELLED)
    {
      stress_connection_stop (self);
      return;
    }

  self->is_cut = TRUE;
  self->n_under_way++;
  g_io_stream_close_async (G_IO_STREAM (self->connection), G_PRIORITY_DEFAULT, NULL, cut_off_cb,
                           self);
}

static void write_next (StressConnection *self);

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  StressConnection *self = user_data;
  GError *error = NULL;
  const gssize n = g_output_stream_write_finish (G_OUTPUT_STREAM (source), result, &error);

  if (n < 0)
    fail (self, error);
  else
    {
      self->sent += (guint64) n;
      self->counts->sent += (guint64) n;
    }
  write_next (self);
}

static void
write_next (StressConnection *self)
{
  const guint64 left = self->plan.length - self->sent;
  GError *error = NULL;
  gsize size;

  if (!self->is_cut && left > 0)
    {
      size = stress_plan_next_chunk (&self->write_sizes);
      size = (gsize) MIN (size, left);
      stress_plan_fill (&self->plan, self->sent, self->output, size);
      g_output_stream_write_async (g_io_stream_get_output_stream (G_IO_STREAM (self->connection)),
                                   self->output, size, G_PRIORITY_DEFAULT, self->cancellable,
                                   written_cb, self);
      return;
    }

  if (!self->is_cut && self->plan.end == STRESS_END_HALF_CLOSED &&
      !hvsock_connection_shutdown (self->connection, FALSE, TRUE, &error))
    fail (self, error);
  end_operation (self);
}

static void
compare (StressConnection *self, gsize size)
{
  const guint64 left = self->plan.length - self->received;
  gsize i = 0;

  stress_plan_fill (&self->plan, self->received, self->expected, size);
  if (size <= left && memcmp (self->input, self->expected, size) == 0)
    return;

  while (i < left && i < size && self->input[i] == self->expected[i])
    i++;
  if (i == left)
    fail (self, g_error_new (G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                             "more came from '%s' than the %" G_GUINT64_FORMAT " bytes sent",
                             self->uri, self->plan.length));
  else
    fail (self, g_error_new (G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                             "byte %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                             " came from '%s' as 0x%02x instead of 0x%02x",
                             self->received + i, self->plan.length, self->uri, self->input[i],
                             self->expected[i]));
}

static void
check_end (StressConnection *self)
{
  if (!self->is_cut &&
      (self->plan.end != STRESS_END_HALF_CLOSED || self->received < self->plan.length))
    fail (self,
          g_error_new (G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
                       "'%s' ended it after %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " bytes",
                       self->uri, self->received, self->plan.length));
}

static void read_next (StressConnection *self);

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  StressConnection *self = user_data;
  GError *error = NULL;
  const gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  if (n > 0)
    {
      compare (self, (gsize) n);
      self->received += (guint64) n;
      self->counts->received += (guint64) n;
      read_next (self);
      return;
    }

  if (n < 0)
    fail (self, error);
  else
    check_end (self);
  end_operation (self);
}

/* More than is left is asked for as well: it must not come. */
static void
read_next (StressConnection *self)
{
  if (self->is_cut || (self->plan.end == STRESS_END_WHOLE && self->received == self->plan.length))
    {
      end_operation (self);
      return;
    }

  g_input_stream_read_async (g_io_stream_get_input_stream (G_IO_STREAM (self->connection)),
                             self->input, stress_plan_next_chunk (&self->read_sizes),
                             G_PRIORITY_DEFAULT, self->cancellable, read_cb, self);
  if (is_planned_to_be_cut (self) && self->received >= self->plan.cut)
    cut (self);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  StressConnection *self = user_data;
  const gint64 now = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;

  self->connection = hvsock_client_connect_finish (HVSOCK_CLIENT (source), result, &error);
  if (self->connection == NULL)
    {
      if (!self->is_cut)
        self->error = g_steal_pointer (&error);
      finish (self);
      return;
    }

  stress_times_add (&self->counts->connects, now - self->since);
  self->since = now;
  hvsock_connection_set_timeout (self->connection, TIMEOUT);
  if (self->plan.end == STRESS_END_HALF_CLOSED &&
      !hvsock_connection_can_half_close (self->connection))
    self->plan.end = STRESS_END_WHOLE;
  self->n_under_way = 2;
  write_next (self);
  read_next (self);
}

void
stress_connection_start (StressConnection *self, const StressPlan *plan)
{
  self->plan = *plan;
  self->cancellable = g_cancellable_new ();
  self->sent = 0;
  self->received = 0;
  self->write_sizes = plan->key ^ 1;
  self->read_sizes = plan->key ^ 2;
  self->is_cut = FALSE;
  self->since = g_get_monotonic_time ();
  hvsock_client_connect_async (self->client, self->uri, self->cancellable, connected_cb, self);
}

/* Does nothing to one that has ended. */
void
stress_connection_stop (StressConnection *self)
{
  self->is_cut = TRUE;
  g_cancellable_cancel (self->cancellable);
}
