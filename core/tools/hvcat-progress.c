/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A line on standard error that says what went through a relay and how fast: on a terminal it is
 * written anew each second, elsewhere once in the end. The relay's own signal is not for this,
 * since it is silent when nothing moves, which is to be seen here. */

#include "hvcat-progress.h"

#include <stdio.h>

#define INTERVAL 1000 /* in milliseconds */

/* Goes back and clears the line. */
#define REWRITE "\r\033[K"

struct _HvcatProgress
{
  HvsockRelay *relay;
  gint64 start;
  guint timer;
  gboolean is_on_line;

  /* When it was looked at last. */
  gint64 time;
  guint64 n_sent;
  guint64 n_received;
};

/* GLib puts a blank there that not every terminal knows. */
static char *
format_size (double size)
{
  g_autofree char *text = g_format_size ((guint64) size);
  g_auto (GStrv) parts = g_strsplit (text, "\302\240", -1);

  return g_strjoinv (" ", parts);
}

static char *
describe (guint64 n_sent, guint64 n_received, double sent, double received, gint64 time)
{
  const double seconds = (double) MAX (time, 1) / G_TIME_SPAN_SECOND;
  g_autofree char *sent_in_all = format_size ((double) n_sent);
  g_autofree char *received_in_all = format_size ((double) n_received);
  g_autofree char *sent_rate = format_size (sent / seconds);
  g_autofree char *received_rate = format_size (received / seconds);

  return g_strdup_printf ("sent %s (%s/s), received %s (%s/s)", sent_in_all, sent_rate,
                          received_in_all, received_rate);
}

static gboolean
tick_cb (gpointer data)
{
  HvcatProgress *self = data;
  const gint64 now = g_get_monotonic_time ();
  const guint64 n_sent = hvsock_relay_get_bytes_from_second (self->relay);
  const guint64 n_received = hvsock_relay_get_bytes_from_first (self->relay);
  g_autofree char *line = describe (n_sent, n_received, (double) (n_sent - self->n_sent),
                                    (double) (n_received - self->n_received), now - self->time);

  g_printerr (REWRITE "%s", line);
  self->is_on_line = TRUE;
  self->time = now;
  self->n_sent = n_sent;
  self->n_received = n_received;
  return G_SOURCE_CONTINUE;
}

/* The first stream of @relay is the connection. */
HvcatProgress *
hvcat_progress_watch (HvsockRelay *relay)
{
  HvcatProgress *self = g_new0 (HvcatProgress, 1);

  self->relay = g_object_ref (relay);
  self->start = self->time = g_get_monotonic_time ();
  /* Whether it is a terminal that understands REWRITE. */
  if (g_log_writer_supports_color (fileno (stderr)))
    self->timer = g_timeout_add (INTERVAL, tick_cb, self);
  return self;
}

/* Before something else is written. */
void
hvcat_progress_leave_line (HvcatProgress *self)
{
  if (self->is_on_line)
    g_printerr ("\n");
  self->is_on_line = FALSE;
}

/* Writes the last line, with what it was on average, and frees @self. */
void
hvcat_progress_end (HvcatProgress *self)
{
  const gint64 time = g_get_monotonic_time () - self->start;
  const guint64 n_sent = hvsock_relay_get_bytes_from_second (self->relay);
  const guint64 n_received = hvsock_relay_get_bytes_from_first (self->relay);
  g_autofree char *line = describe (n_sent, n_received, (double) n_sent, (double) n_received, time);

  g_clear_handle_id (&self->timer, g_source_remove);
  g_printerr ("%s%s in %.1f s\n", self->is_on_line ? REWRITE : "", line,
              (double) time / G_TIME_SPAN_SECOND);
  g_object_unref (self->relay);
  g_free (self);
}
