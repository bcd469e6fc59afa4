/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* One connection of hvcat, from its start to its end: two pumps, one thread each with blocking
 * calls, since a plain read and a plain write per buffer is what moves bytes fastest; or one pump
 * that sends back what it receives. */

#include "hvcat-session.h"

#include "hvcat-stdio.h"
#include "tool-main.h"

#define BUFFER_SIZE (64 * 1024)

typedef struct
{
  HvsockConnection *connection;
  const HvcatOptions *options;
  guint64 sent;
  guint64 received;
  int outcome;
} HvcatSession;

/* Not every transport knows where a connection comes from. */
void
hvcat_session_announce (HvsockConnection *connection, const char *event, const char *nameless_peer)
{
  HvsockAddress *remote = hvsock_connection_get_remote_address (connection);
  g_autofree char *uri = remote == NULL ? NULL : hvsock_address_to_uri (remote);

  g_printerr ("%s %s\n", event, uri == NULL ? nameless_peer : uri);
}

/* The first failure is the cause; what fails after it is its consequence. */
static void
fail (HvcatSession *self, HvcatOutcome outcome, const char *message)
{
  if (g_atomic_int_compare_and_exchange (&self->outcome, HVCAT_OUTCOME_DELIVERED, outcome))
    tool_complain ("%s", message);
}

/* Ends the other pump as well, wherever it waits. */
static void
cut_off (HvcatSession *self)
{
  if (!hvsock_connection_shutdown (self->connection, TRUE, TRUE, NULL))
    g_io_stream_close (G_IO_STREAM (self->connection), NULL, NULL);
}

static gboolean
send_buffer (HvcatSession *self, const char *buffer, gsize size)
{
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (self->connection));
  g_autoptr (GError) error = NULL;
  gsize written = 0;
  gboolean success;

  success = g_output_stream_write_all (output, buffer, size, &written, NULL, &error);
  self->sent += written;
  if (!success)
    fail (self, HVCAT_OUTCOME_FAILED, error->message);
  return success;
}

/* Returns the number of bytes; 0 at the end, also when it is the end by a failure. */
static gsize
receive_buffer (HvcatSession *self, char *buffer)
{
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (self->connection));
  g_autoptr (GError) error = NULL;
  gssize count = g_input_stream_read (input, buffer, BUFFER_SIZE, NULL, &error);

  if (count < 0)
    {
      fail (self, HVCAT_OUTCOME_FAILED, error->message);
      cut_off (self);
      return 0;
    }
  self->received += (gsize) count;
  return (gsize) count;
}

static void
end_sending (HvcatSession *self)
{
  g_autoptr (GError) error = NULL;

  if (hvsock_connection_shutdown (self->connection, FALSE, TRUE, &error))
    return;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    {
      if (self->options->verbose)
        g_printerr ("standard input has ended; this transport cannot close one direction, so the "
                    "connection stays open until the peer ends it\n");
      return;
    }
  fail (self, HVCAT_OUTCOME_FAILED, error->message);
}

/* Returns FALSE when nothing more is to be sent to this peer, because it has gone. Then a person at
 * a terminal has lost nothing, and neither has the next connection, which gets the input. Of a
 * program's input that has not ended nobody knows whether it was all. */
static gboolean
wait_for_input (HvcatSession *self, HvcatPeer *peer)
{
  if (hvcat_stdio_wait_for_input (peer))
    return TRUE;
  if (g_atomic_int_get (&self->outcome) != HVCAT_OUTCOME_DELIVERED)
    return FALSE;
  if (!self->options->keep_open && !hvcat_stdio_is_terminal ())
    {
      if (hvcat_stdio_wait_for_last_input ())
        return TRUE;
      fail (self, HVCAT_OUTCOME_FAILED, "the peer has gone before standard input ended");
    }
  else if (self->options->verbose)
    g_printerr ("the peer has gone\n");
  return FALSE;
}

/* When sending fails, the peer may still have data for us (an early answer, say): the receiving
 * pump goes on to its own end, which comes once the peer knows that no more follows. */
static gpointer
send_input (gpointer data)
{
  HvcatSession *self = data;
  g_autofree char *buffer = g_malloc (BUFFER_SIZE);
  g_autoptr (HvcatPeer) peer = hvcat_peer_new (self->connection);

  while (wait_for_input (self, peer))
    {
      g_autoptr (GError) error = NULL;
      gssize count = hvcat_stdio_read (buffer, BUFFER_SIZE, &error);

      if (count < 0)
        {
          fail (self, HVCAT_OUTCOME_FAILED, error->message);
          cut_off (self);
          break;
        }
      if (count == 0)
        {
          end_sending (self);
          break;
        }
      if (!send_buffer (self, buffer, (gsize) count))
        {
          hvsock_connection_shutdown (self->connection, FALSE, TRUE, NULL);
          break;
        }
    }
  return NULL;
}

/* Whoever reads standard output learns of the end as soon as the peer has ended this direction,
 * unless another connection follows. */
static void
receive_output (HvcatSession *self)
{
  g_autofree char *buffer = g_malloc (BUFFER_SIZE);
  g_autoptr (GError) error = NULL;
  gboolean success = TRUE;
  gsize count;

  while (success && (count = receive_buffer (self, buffer)) > 0)
    success = hvcat_stdio_write_all (buffer, count, &error);
  if (success && !self->options->keep_open)
    success = hvcat_stdio_close_output (&error);
  if (!success)
    {
      fail (self, HVCAT_OUTCOME_OUTPUT_LOST, error->message);
      cut_off (self);
    }
}

static void
send_back (HvcatSession *self)
{
  g_autofree char *buffer = g_malloc (BUFFER_SIZE);
  gsize count;

  while ((count = receive_buffer (self, buffer)) > 0)
    {
      if (!send_buffer (self, buffer, count))
        break;
    }
}

/* Blocks until both directions have ended, and closes the connection. */
HvcatOutcome
hvcat_session_run (HvsockConnection *connection, const HvcatOptions *options)
{
  HvcatSession self = { .connection = connection, .options = options };
  g_autoptr (GError) error = NULL;

  if (options->echo)
    send_back (&self);
  else
    {
      GThread *sender = g_thread_new ("hvcat-send", send_input, &self);

      receive_output (&self);
      g_thread_join (sender);
    }

  if (!g_io_stream_close (G_IO_STREAM (connection), NULL, &error))
    fail (&self, HVCAT_OUTCOME_FAILED, error->message);
  if (options->verbose)
    g_printerr ("sent %" G_GUINT64_FORMAT " bytes, received %" G_GUINT64_FORMAT " bytes\n",
                self.sent, self.received);
  return g_atomic_int_get (&self.outcome);
}
