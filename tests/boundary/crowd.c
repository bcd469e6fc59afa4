/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Many connections to one service that echoes, all at once in one main context: each sends its own
 * data, and none is closed before the last one has got its own back. */

#include "crowd.h"

#include "wire.h"

#include <string.h>

/* The emulated end of a boundary takes its time for so many. In milliseconds. */
#define TIMEOUT 60000

#define REQUEST "echo\n"
#define PAYLOAD 4096

typedef struct
{
  guint n_pending;
  GError *error; /* the first */
} Crowd;

typedef struct
{
  Crowd *crowd;
  HvsockConnection *connection;
  guint8 sent[sizeof REQUEST - 1 + PAYLOAD];
  guint8 received[PAYLOAD];
} Member;

static void
member_free (gpointer data)
{
  Member *self = data;

  g_clear_object (&self->connection);
  g_free (self);
}

static Member *
member_new (Crowd *crowd, guint number)
{
  Member *self = g_new0 (Member, 1);
  guint64 state = number + 1;
  guint8 payload[PAYLOAD];

  self->crowd = crowd;
  wire_fill (&state, payload, PAYLOAD);
  memcpy (self->sent, REQUEST, sizeof REQUEST - 1);
  memcpy (self->sent + sizeof REQUEST - 1, payload, PAYLOAD);
  return self;
}

/* Takes @error. */
static void
member_done (Member *self, GError *error)
{
  self->crowd->n_pending--;
  if (error != NULL && self->crowd->error == NULL)
    self->crowd->error = error;
  else
    g_clear_error (&error);
}

static void
received_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Member *self = user_data;
  GError *error = NULL;
  gsize n;

  if (g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, &n, &error) &&
      (n < PAYLOAD || memcmp (self->received, self->sent + sizeof REQUEST - 1, PAYLOAD) != 0))
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                 "of the echo %" G_GSIZE_FORMAT " bytes came, and not all are right", n);
  member_done (self, error);
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Member *self = user_data;
  GError *error = NULL;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    {
      member_done (self, error);
      return;
    }
  g_input_stream_read_all_async (wire_input (self->connection), self->received, PAYLOAD,
                                 G_PRIORITY_DEFAULT, NULL, received_cb, self);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Member *self = user_data;
  GError *error = NULL;

  self->connection = hvsock_client_connect_finish (HVSOCK_CLIENT (source), result, &error);
  if (self->connection == NULL)
    {
      member_done (self, error);
      return;
    }
  g_output_stream_write_all_async (wire_output (self->connection), self->sent, sizeof self->sent,
                                   G_PRIORITY_DEFAULT, NULL, sent_cb, self);
}

gboolean
crowd_run (const char *uri, guint n, GError **error)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GPtrArray) members = g_ptr_array_new_with_free_func (member_free);
  g_autoptr (HvsockClient) client = hvsock_client_new ();
  Crowd crowd = { n, NULL };

  hvsock_client_set_timeout (client, TIMEOUT);
  g_main_context_push_thread_default (context);
  for (guint i = 0; i < n; i++)
    {
      g_ptr_array_add (members, member_new (&crowd, i));
      hvsock_client_connect_async (client, uri, NULL, connected_cb, members->pdata[i]);
    }
  while (crowd.n_pending > 0)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);

  if (crowd.error == NULL)
    return TRUE;
  g_propagate_error (error, crowd.error);
  return FALSE;
}
