/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* One connection of hvcat, from its start to its end: a relay between it and standard input and
 * output, or its own output spliced to its input. */

#include "hvcat-session.h"

#include "hvcat-peer.h"
#include "hvcat-progress.h"
#include "hvcat-quit.h"
#include "hvcat-stdio.h"
#include "tool-main.h"

#include <string.h>

/* How long the end of standard input may come after that of the peer, in milliseconds: a program
 * that has just written its last ends a moment later, and its pipe with it. */
#define LAST_INPUT_TIME 1000

typedef struct
{
  HvsockConnection *connection;
  const HvcatOptions *options;
  HvcatSessionDoneFunc done;
  gpointer user_data;
  HvcatOutcome outcome;

  GIOStream *stdio;
  HvsockRelay *relay;
  GCancellable *stop;
  HvcatProgress *progress; /* NULL unless it is to be shown */
  HvcatPeer *peer;
  guint last_input;
  HvcatQuit *quit;
  gboolean input_is_given_up;
  gboolean has_received_all;

  guint64 sent;
  guint64 received;
} HvcatSession;

/* Not every transport knows where a connection comes from. */
void
hvcat_session_announce (HvsockConnection *connection, const char *event, const char *nameless_peer)
{
  HvsockAddress *remote = hvsock_connection_get_remote_address (connection);
  g_autofree char *uri = remote == NULL ? NULL : hvsock_address_to_uri (remote);

  g_printerr ("%s %s\n", event, uri == NULL ? nameless_peer : uri);
}

void
hvcat_session_tell_counts (guint64 sent, guint64 received)
{
  g_printerr ("sent %" G_GUINT64_FORMAT " bytes, received %" G_GUINT64_FORMAT " bytes\n", sent,
              received);
}

/* The first failure is the cause; what fails after it is its consequence. */
static void
fail (HvcatSession *self, HvcatOutcome outcome, const char *message)
{
  if (self->outcome != HVCAT_OUTCOME_DELIVERED)
    return;
  self->outcome = outcome;
  if (self->progress != NULL)
    hvcat_progress_leave_line (self->progress);
  tool_complain ("%s", message);
}

static void
tell (HvcatSession *self, const char *message)
{
  if (!self->options->verbose)
    return;
  if (self->progress != NULL)
    hvcat_progress_leave_line (self->progress);
  g_printerr ("%s\n", message);
}

/* What the system says of a descriptor, without what a library says of it. */
static const char *
get_reason (const GError *error)
{
  const char *colon = strrchr (error->message, ':');

  return colon != NULL && colon[1] == ' ' ? colon + 2 : error->message;
}

static void
fail_of_stdio (HvcatSession *self, gboolean is_input, const GError *error)
{
  g_autofree char *message = g_strdup_printf (
      "cannot %s: %s", is_input ? "read standard input" : "write to standard output",
      get_reason (error));

  fail (self, is_input ? HVCAT_OUTCOME_FAILED : HVCAT_OUTCOME_OUTPUT_LOST, message);
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  HvcatSession *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!g_io_stream_close_finish (G_IO_STREAM (source), result, &error))
    fail (self, HVCAT_OUTCOME_FAILED, error->message);
  if (self->options->verbose)
    hvcat_session_tell_counts (self->sent, self->received);

  /* The next one may begin at once, with the same standard input and output. */
  g_clear_object (&self->relay);
  g_clear_object (&self->stop);
  g_clear_object (&self->stdio);
  self->done (self->outcome, self->user_data);
  g_object_unref (self->connection);
  g_free (self);
}

/* A peer may let the closing wait, but not the other connections. */
static void
finish (HvcatSession *self, guint64 sent, guint64 received)
{
  self->sent = sent;
  self->received = received;
  g_clear_pointer (&self->peer, hvcat_peer_free);
  g_clear_handle_id (&self->last_input, g_source_remove);
  g_clear_pointer (&self->quit, hvcat_quit_free);
  g_clear_pointer (&self->progress, hvcat_progress_end);
  g_io_stream_close_async (G_IO_STREAM (self->connection), G_PRIORITY_DEFAULT, NULL, closed_cb,
                           self);
}

static void
relayed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  HvcatSession *self = user_data;
  HvsockRelay *relay = HVSOCK_RELAY (source);
  g_autoptr (GError) error = NULL;

  /* Each failure was told when its direction ended. */
  hvsock_relay_run_finish (relay, result, &error);
  finish (self, hvsock_relay_get_bytes_from_second (relay),
          hvsock_relay_get_bytes_from_first (relay));
}

/* Nothing more is to be sent. What is still to be received decides when it ends. */
static void
give_up_input (HvcatSession *self)
{
  self->input_is_given_up = TRUE;
  if (self->has_received_all)
    g_cancellable_cancel (self->stop);
}

static gboolean
no_last_input_cb (gpointer user_data)
{
  HvcatSession *self = user_data;
  g_autofree char *message = g_strdup_printf ("the peer has gone before standard input ended: '%s'",
                                              hvcat_options_get_place (self->options));

  self->last_input = 0;
  fail (self, HVCAT_OUTCOME_FAILED, message);
  give_up_input (self);
  return G_SOURCE_REMOVE;
}

/* A person at a terminal has lost nothing then, and neither has the next connection, which gets the
 * input. Of a program's input that has not ended nobody knows whether it was all. */
static void
gone_cb (gpointer user_data)
{
  HvcatSession *self = user_data;

  if (!self->options->keep_open && !hvcat_stdio_is_terminal ())
    {
      self->last_input = g_timeout_add (LAST_INPUT_TIME, no_last_input_cb, self);
      return;
    }

  tell (self, "the peer has gone");
  give_up_input (self);
}

static void
note_end_of_input (HvcatSession *self)
{
  if (!hvsock_connection_can_half_close (self->connection))
    tell (self, "standard input has ended; this transport cannot close one direction, so the "
                "connection stays open until the peer ends it");
  if (self->options->quit_after > 0)
    self->quit = hvcat_quit_after (self->options->quit_after, self->connection, self->relay,
                                   hvsock_relay_get_bytes_from_first);
}

static void
ended_cb (HvsockRelay *relay,
          GIOStream *from,
          GIOStream *failed,
          const GError *error,
          gpointer user_data)
{
  HvcatSession *self = user_data;
  const gboolean is_input = from == self->stdio;

  if (failed == self->stdio)
    fail_of_stdio (self, is_input, error);
  else if (failed != NULL)
    fail (self, HVCAT_OUTCOME_FAILED, error->message);

  if (is_input)
    {
      g_clear_pointer (&self->peer, hvcat_peer_free);
      g_clear_handle_id (&self->last_input, g_source_remove);
      if (error == NULL)
        note_end_of_input (self);
      return;
    }

  /* Nobody is there to read the rest. */
  self->has_received_all = TRUE;
  if (failed == self->stdio || self->input_is_given_up)
    g_cancellable_cancel (self->stop);
}

static void
start_relay (HvcatSession *self)
{
  self->stdio = hvcat_stdio_open (!self->options->keep_open);
  self->relay = hvsock_relay_new (G_IO_STREAM (self->connection), self->stdio);
  self->stop = g_cancellable_new ();
  if (self->options->progress)
    self->progress = hvcat_progress_watch (self->relay);
  g_signal_connect (self->relay, "ended", G_CALLBACK (ended_cb), self);
  self->peer = hvcat_peer_watch (self->connection, gone_cb, self);
  hvsock_relay_run_async (self->relay, G_PRIORITY_DEFAULT, self->stop, relayed_cb, self);
}

static void
echoed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  HvcatSession *self = user_data;
  g_autoptr (GError) error = NULL;
  gssize echoed = g_output_stream_splice_finish (G_OUTPUT_STREAM (source), result, &error);

  if (echoed < 0)
    fail (self, HVCAT_OUTCOME_FAILED, error->message);
  finish (self, (guint64) MAX (echoed, 0), (guint64) MAX (echoed, 0));
}

static void
start_echo (HvcatSession *self)
{
  GIOStream *stream = G_IO_STREAM (self->connection);

  g_output_stream_splice_async (g_io_stream_get_output_stream (stream),
                                g_io_stream_get_input_stream (stream), 0, G_PRIORITY_DEFAULT, NULL,
                                echoed_cb, self);
}

/* Closes the connection when both directions have ended. */
void
hvcat_session_start (HvsockConnection *connection,
                     const HvcatOptions *options,
                     HvcatSessionDoneFunc done,
                     gpointer user_data)
{
  HvcatSession *self = g_new0 (HvcatSession, 1);

  self->connection = g_object_ref (connection);
  self->options = options;
  self->done = done;
  self->user_data = user_data;
  if (options->echo)
    start_echo (self);
  else
    start_relay (self);
}
