/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Two hundred connections at once in one main context, each with a dialogue of its own. */

#include "lanes.h"

#include <string.h>

#define N_CONNECTIONS 200
#define LARGEST       5000

typedef struct
{
  guint n_running; /* both ends of each connection */
  HvsockListener *listener;
  guint n_accepted;
} Crowd;

/* One end; the client asks, and the server gives it back. */
typedef struct
{
  Crowd *crowd;
  HvsockConnection *connection;
  gsize size; /* of the question: the client's own */
  const guint8 *question;
  guint8 *buffer;
} Member;

static Member *
member_new (Crowd *crowd, guint number)
{
  Member *self = g_new0 (Member, 1);

  self->crowd = crowd;
  self->size = 1 + number * (LARGEST - 1) / (N_CONNECTIONS - 1);
  self->question = conformance_get_random_bytes () + number;
  self->buffer = g_malloc (LARGEST + 1);
  return self;
}

static void
member_end (Member *self)
{
  self->crowd->n_running--;
  g_object_unref (self->connection);
  g_free (self->buffer);
  g_free (self);
}

static void
answered_cb (GObject *stream, GAsyncResult *result, gpointer user_data)
{
  Member *self = user_data;
  g_autoptr (GError) error = NULL;
  gsize n;

  g_input_stream_read_all_finish (G_INPUT_STREAM (stream), result, &n, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (self->buffer, n, self->question, self->size);
  member_end (self);
}

static void
asked_cb (GObject *stream, GAsyncResult *result, gpointer user_data)
{
  Member *self = user_data;
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all_finish (G_OUTPUT_STREAM (stream), result, NULL, &error);
  g_assert_no_error (error);
  conformance_end_writing (self->connection);
  g_input_stream_read_all_async (conformance_input (self->connection), self->buffer,
                                 hvsock_connection_can_half_close (self->connection) ? LARGEST + 1
                                                                                     : self->size,
                                 G_PRIORITY_DEFAULT, NULL, answered_cb, self);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Member *self = user_data;
  g_autoptr (GError) error = NULL;

  self->connection = hvsock_client_connect_finish (HVSOCK_CLIENT (source), result, &error);
  g_assert_no_error (error);
  g_output_stream_write_all_async (conformance_output (self->connection), self->question,
                                   self->size, G_PRIORITY_DEFAULT, NULL, asked_cb, self);
}

static void
echoed_cb (GObject *stream, GAsyncResult *result, gpointer user_data)
{
  Member *self = user_data;
  g_autoptr (GError) error = NULL;

  g_output_stream_splice_finish (G_OUTPUT_STREAM (stream), result, &error);
  g_assert_no_error (error);
  conformance_end_writing (self->connection);
  member_end (self);
}

static void
accepted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Crowd *crowd = user_data;
  Member *self = member_new (crowd, 0);
  g_autoptr (GError) error = NULL;

  self->connection = hvsock_listener_accept_finish (crowd->listener, result, &error);
  g_assert_no_error (error);
  g_output_stream_splice_async (conformance_output (self->connection),
                                conformance_input (self->connection), G_OUTPUT_STREAM_SPLICE_NONE,
                                G_PRIORITY_DEFAULT, NULL, echoed_cb, self);

  if (++crowd->n_accepted < N_CONNECTIONS)
    hvsock_listener_accept_async (crowd->listener, NULL, accepted_cb, crowd);
}

static void
test_parallel (Conformance *self)
{
  g_autoptr (HvsockClient) client = conformance_client_new ();
  Crowd crowd = { 2 * N_CONNECTIONS, self->listener, 0 };

  hvsock_listener_accept_async (self->listener, NULL, accepted_cb, &crowd);
  for (guint i = 0; i < N_CONNECTIONS; i++)
    hvsock_client_connect_async (client, self->uri, NULL, connected_cb, member_new (&crowd, i));
  while (crowd.n_running > 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (crowd.n_accepted, ==, N_CONNECTIONS);
}

void
conformance_add_parallel_tests (void)
{
  conformance_add ("/parallel", test_parallel);
}
