/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Listeners that all threads share, that each of them may close, and whose peers come from any of
 * them. A peer writes bytes and is told how many there were. */

#include "stress.h"

/* Shared as well by those who still wait there when it is not the current one any more. */
typedef struct
{
  int n_refs; /* atomic */
  HvsockListener *listener;
  char *uri;
  int is_closed; /* atomic; set before it is */
} Place;

/* One end of a connection, or what will be one. */
typedef struct
{
  StressWorker *worker;
  Place *place;
  HvsockConnection *connection;
  GCancellable *cancellable;
  guint64 n_bytes; /* that were sent */
  guint64 answer;
  guint8 buffer[4096];
} Party;

static GMutex lock; /* of what follows */
static Place *current;
static char *folder;
static guint n_places;

static void
place_unref (Place *self)
{
  if (!g_atomic_int_dec_and_test (&self->n_refs))
    return;
  g_object_unref (self->listener);
  g_free (self->uri);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Place, place_unref)

static Place *
place_new (void)
{
  Place *self = g_new0 (Place, 1);
  g_autoptr (GError) error = NULL;

  self->n_refs = 1;
  self->uri = g_strdup_printf ("unix://%s/%u", folder, n_places++);
  self->listener = hvsock_listen (self->uri, NULL, &error);
  g_assert_no_error (error);
  stress_track (self->listener);
  return self;
}

static void
place_close (Place *self)
{
  g_atomic_int_set (&self->is_closed, TRUE);
  hvsock_listener_close (self->listener);
  place_unref (self);
}

static Place *
place_get (void)
{
  Place *place;

  g_mutex_lock (&lock);
  place = current;
  if (place != NULL)
    g_atomic_int_inc (&place->n_refs);
  g_mutex_unlock (&lock);
  return place;
}

void
stress_listen (const char *path)
{
  g_mutex_lock (&lock);
  folder = g_strdup (path);
  current = place_new ();
  g_mutex_unlock (&lock);
}

void
stress_stop_listening (void)
{
  Place *old;

  g_mutex_lock (&lock);
  old = g_steal_pointer (&current);
  g_clear_pointer (&folder, g_free);
  g_mutex_unlock (&lock);
  place_close (old);
}

/* Others may be waiting there. */
void
stress_listen_anew (StressWorker *worker)
{
  Place *old = NULL;

  g_mutex_lock (&lock);
  if (current != NULL)
    {
      old = current;
      current = place_new ();
    }
  g_mutex_unlock (&lock);
  if (old != NULL)
    place_close (old);
}

/* Takes @cancellable. */
static Party *
party_new (StressWorker *worker, Place *place, GCancellable *cancellable)
{
  Party *self = g_new0 (Party, 1);

  g_atomic_int_inc (&place->n_refs);
  self->worker = worker;
  self->place = place;
  self->cancellable = cancellable;
  return self;
}

static void
party_free (Party *self)
{
  g_clear_object (&self->connection);
  g_clear_object (&self->cancellable);
  place_unref (self->place);
  g_free (self);
}

static void
party_end (Party *self)
{
  StressWorker *worker = self->worker;

  party_free (self);
  stress_end (worker);
}

/* Of a client whom the listener may have turned away by being closed. */
static void
check_client_error (Party *self, const GError *error)
{
  if (error == NULL)
    return;
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
  g_assert_true (g_atomic_int_get (&self->place->is_closed));
}

static void
told_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Party *self = user_data;
  g_autoptr (GError) error = NULL;
  gsize n;

  g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, &n, &error);
  check_client_error (self, error);
  if (n == sizeof self->answer)
    g_assert_cmpuint (self->answer, ==, self->n_bytes);
  else
    g_assert_true (g_atomic_int_get (&self->place->is_closed));
  party_end (self);
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Party *self = user_data;
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error);
  check_client_error (self, error);
  if (!hvsock_connection_shutdown (self->connection, FALSE, TRUE, NULL))
    g_assert_not_reached ();
  g_input_stream_read_all_async (g_io_stream_get_input_stream (G_IO_STREAM (self->connection)),
                                 &self->answer, sizeof self->answer,
                                 stress_choose_priority (self->worker), NULL, told_cb, self);
}

/* Takes the connection. */
static void
client_start (Party *self, HvsockConnection *connection)
{
  self->connection = stress_track (connection);
  self->n_bytes = stress_choose_size (self->worker);
  g_output_stream_write_all_async (g_io_stream_get_output_stream (G_IO_STREAM (self->connection)),
                                   stress_bytes_at (0), self->n_bytes,
                                   stress_choose_priority (self->worker), NULL, sent_cb, self);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Party *self = user_data;
  g_autoptr (GError) error = NULL;

  /* Only one that was cancelled while it connected does not wait for the answer. */
  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    {
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
      g_assert_cmpuint (self->n_bytes, ==, 0);
    }
  party_end (self);
}

static void server_read (Party *self);

static void
heard_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Party *self = user_data;
  g_autoptr (GError) error = NULL;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  g_assert_no_error (error);
  if (n > 0)
    {
      g_assert_cmpmem (self->buffer, n, stress_bytes_at (self->n_bytes), n);
      self->n_bytes += (guint64) n;
      server_read (self);
      return;
    }
  self->answer = self->n_bytes;
  g_output_stream_write_all_async (g_io_stream_get_output_stream (G_IO_STREAM (self->connection)),
                                   &self->answer, sizeof self->answer,
                                   stress_choose_priority (self->worker), NULL, answered_cb, self);
}

static void
server_read (Party *self)
{
  g_input_stream_read_async (g_io_stream_get_input_stream (G_IO_STREAM (self->connection)),
                             self->buffer, sizeof self->buffer,
                             stress_choose_priority (self->worker), NULL, heard_cb, self);
}

/* Of waiting for a peer, or of connecting as one. */
static void
check_error (Party *self, const GError *error)
{
  g_assert_nonnull (error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_assert_true (g_cancellable_is_cancelled (self->cancellable));
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED) ||
           g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED) ||
           g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    g_assert_true (g_atomic_int_get (&self->place->is_closed));
  else
    g_error ("unexpected: %s", error->message);
}

static void
accepted (Party *self, HvsockConnection *connection, const GError *error)
{
  if (connection != NULL)
    {
      self->connection = stress_track (connection);
      server_read (self);
      return;
    }
  check_error (self, error);
  party_end (self);
}

static void
connected (Party *self, HvsockConnection *connection, const GError *error)
{
  if (connection != NULL)
    {
      client_start (self, connection);
      return;
    }
  check_error (self, error);
  party_end (self);
}

static void
accepted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  HvsockConnection *connection =
      hvsock_listener_accept_finish (HVSOCK_LISTENER (source), result, &error);

  accepted (user_data, connection, error);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  HvsockConnection *connection = hvsock_connect_finish (result, &error);

  connected (user_data, connection, error);
}

static void
start_accepting (StressWorker *worker, Place *place, GCancellable *cancellable)
{
  Party *party = party_new (worker, place, cancellable);

  stress_begin (worker);
  hvsock_listener_accept_async (place->listener, cancellable, accepted_cb, party);
}

/* A wait for a peer, and a peer; each may find another one. */
void
stress_meet (StressWorker *worker)
{
  g_autoptr (Place) place = place_get ();
  Party *client;

  if (place == NULL)
    return;

  start_accepting (worker, place, stress_cancellable_new (worker));
  /* In place of those that were cancelled. */
  if (stress_chance (worker, 3))
    start_accepting (worker, place, NULL);
  client = party_new (worker, place, stress_cancellable_new (worker));
  stress_begin (worker);
  hvsock_connect_async (place->uri, client->cancellable, connected_cb, client);
}

void
stress_meet_blocking (StressWorker *worker)
{
  g_autoptr (Place) place = place_get ();
  g_autoptr (GError) error = NULL;
  HvsockConnection *connection;
  Party *party;

  if (place == NULL)
    return;

  party = party_new (worker, place, stress_cancellable_new (worker));
  stress_begin (worker);
  if (stress_chance (worker, 2))
    {
      connection = hvsock_connect (place->uri, party->cancellable, &error);
      connected (party, connection, error);
    }
  else
    {
      connection = hvsock_listener_accept (place->listener, party->cancellable, &error);
      accepted (party, connection, error);
    }
}
