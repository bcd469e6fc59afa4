/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat --to: a connection that was accepted, one that is made for it, and a relay between them. */

#include "hvcat-forward.h"

#include "hvcat-endpoint.h"
#include "hvcat-peer.h"
#include "hvcat-quit.h"
#include "tool-main.h"

typedef struct
{
  HvsockConnection *from;
  HvsockConnection *to;
  const HvcatOptions *options;
  HvcatSessionDoneFunc done;
  gpointer user_data;
  HvcatOutcome outcome;
  guint n_open;

  /* Of the end that came first. */
  HvcatPeer *peer;
  HvcatQuit *quit;
  HvsockConnection *unaware; /* that nobody listens to it any longer */
} HvcatForward;

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  HvcatForward *self = user_data;

  g_io_stream_close_finish (G_IO_STREAM (source), result, NULL);
  if (--self->n_open > 0)
    return;

  self->done (self->outcome, self->user_data);
  g_object_unref (self->from);
  g_clear_object (&self->to);
  g_free (self);
}

static void
start_close (HvcatForward *self, HvsockConnection *connection)
{
  self->n_open++;
  g_io_stream_close_async (G_IO_STREAM (connection), G_PRIORITY_DEFAULT, NULL, closed_cb, self);
}

/* Closing says to each end what could not be said by a half-close. */
static void
finish (HvcatForward *self, const GError *error)
{
  if (error != NULL)
    tool_complain ("%s", error->message);
  g_clear_pointer (&self->peer, hvcat_peer_free);
  g_clear_pointer (&self->quit, hvcat_quit_free);
  self->outcome = error == NULL ? HVCAT_OUTCOME_DELIVERED : HVCAT_OUTCOME_FAILED;
  start_close (self, self->from);
  if (self->to != NULL)
    start_close (self, self->to);
}

static void
relayed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  HvcatForward *self = user_data;
  HvsockRelay *relay = HVSOCK_RELAY (source);
  g_autoptr (GError) error = NULL;

  hvsock_relay_run_finish (relay, result, &error);
  if (self->options->verbose)
    g_printerr ("forwarded %" G_GUINT64_FORMAT " bytes, and %" G_GUINT64_FORMAT " bytes back\n",
                hvsock_relay_get_bytes_from_first (relay),
                hvsock_relay_get_bytes_from_second (relay));
  finish (self, error);
}

static void
gone_cb (gpointer user_data)
{
  HvcatForward *self = user_data;

  hvsock_connection_shutdown (self->unaware, TRUE, TRUE, NULL);
}

/* What cannot be told that one direction has ended is told by closing both, as soon as that loses
 * nothing: when nobody is there to receive, or after a silence that was asked for. */
static void
ended_cb (HvsockRelay *relay,
          GIOStream *from,
          GIOStream *failed,
          const GError *error,
          gpointer user_data)
{
  HvcatForward *self = user_data;
  HvsockConnection *ended = HVSOCK_CONNECTION (from);
  const gboolean is_first = ended == self->from;

  if (self->unaware != NULL || error != NULL)
    return;

  self->unaware = is_first ? self->to : self->from;
  if (!hvsock_connection_can_half_close (self->unaware))
    self->peer = hvcat_peer_watch (ended, gone_cb, self);
  if (self->options->quit_after > 0)
    self->quit = hvcat_quit_after (self->options->quit_after, self->unaware, relay,
                                   is_first ? hvsock_relay_get_bytes_from_second
                                            : hvsock_relay_get_bytes_from_first);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  HvcatForward *self = user_data;
  g_autoptr (HvsockRelay) relay = NULL;
  g_autoptr (GError) error = NULL;

  self->to = hvcat_endpoint_connect_finish (result, &error);
  if (self->to == NULL)
    {
      finish (self, error);
      return;
    }

  relay = hvsock_relay_new (G_IO_STREAM (self->from), G_IO_STREAM (self->to));
  g_signal_connect (relay, "ended", G_CALLBACK (ended_cb), self);
  hvsock_relay_run_async (relay, G_PRIORITY_DEFAULT, NULL, relayed_cb, self);
}

/* Closes both connections when both directions have ended. */
void
hvcat_forward_start (HvsockConnection *connection,
                     const HvcatOptions *options,
                     HvcatSessionDoneFunc done,
                     gpointer user_data)
{
  HvcatForward *self = g_new0 (HvcatForward, 1);
  g_autoptr (HvsockClient) client = hvsock_client_new ();

  self->from = g_object_ref (connection);
  self->options = options;
  self->done = done;
  self->user_data = user_data;
  if (options->retry)
    hvsock_client_set_retry_interval (client, HVCAT_RETRY_INTERVAL);
  hvcat_endpoint_connect_async (client, options->target, connected_cb, self);
}
