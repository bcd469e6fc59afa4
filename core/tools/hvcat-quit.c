/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Where an end cannot be passed on, a silence of the other side is taken for its end. */

#include "hvcat-quit.h"

struct _HvcatQuit
{
  HvsockConnection *connection;
  HvsockRelay *relay;
  HvcatCountFunc count;
  guint64 n_received; /* when it was looked at last */
  guint timer;
};

/* While the receiver is slow, what has come waits, and the peer with more: that is no silence. */
static gboolean
has_more (HvsockConnection *connection)
{
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (connection));

  return G_IS_POLLABLE_INPUT_STREAM (input) &&
         g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (input));
}

/* Nothing more is expected. What has come and is not written yet is still read. */
static gboolean
quit_cb (gpointer user_data)
{
  HvcatQuit *self = user_data;
  const guint64 n_received = self->count (self->relay);

  if (n_received != self->n_received || has_more (self->connection))
    {
      self->n_received = n_received;
      return G_SOURCE_CONTINUE;
    }

  self->timer = 0;
  hvsock_connection_shutdown (self->connection, TRUE, TRUE, NULL);
  return G_SOURCE_REMOVE;
}

HvcatQuit *
hvcat_quit_after (guint milliseconds,
                  HvsockConnection *connection,
                  HvsockRelay *relay,
                  HvcatCountFunc count)
{
  HvcatQuit *self = g_new0 (HvcatQuit, 1);

  self->connection = connection;
  self->relay = relay;
  self->count = count;
  self->n_received = count (relay);
  self->timer = g_timeout_add (milliseconds, quit_cb, self);
  return self;
}

void
hvcat_quit_free (HvcatQuit *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  g_free (self);
}
