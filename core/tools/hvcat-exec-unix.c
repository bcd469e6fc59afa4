/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat --exec: a command for a connection, with pipes and a relay in between. So the command meets
 * the same whatever the transport is: descriptors that block, and an end of input that is one. */

#include "hvcat-exec.h"

#include "tool-main.h"

#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib-unix.h>

typedef struct
{
  HvsockConnection *connection;
  const HvcatOptions *options;
  HvcatSessionDoneFunc done;
  gpointer user_data;
  HvcatOutcome outcome;

  GSubprocess *command; /* NULL when it has ended */
  GIOStream *pipes;
  HvsockRelay *relay; /* NULL when it has ended, and the connection is closed */
  GCancellable *stop;
  gboolean output_has_ended;
} HvcatExec;

gboolean
hvcat_exec_is_possible (void)
{
  return TRUE;
}

static void
fail (HvcatExec *self, const char *message)
{
  self->outcome = HVCAT_OUTCOME_FAILED;
  tool_complain ("%s", message);
}

static void
finish (HvcatExec *self)
{
  self->done (self->outcome, self->user_data);
  g_clear_object (&self->pipes);
  g_clear_object (&self->stop);
  g_object_unref (self->connection);
  g_free (self);
}

static void
finish_if_over (HvcatExec *self)
{
  if (self->command == NULL && self->relay == NULL)
    finish (self);
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  HvcatExec *self = user_data;
  g_autoptr (HvsockRelay) relay = g_steal_pointer (&self->relay);
  g_autoptr (GError) error = NULL;

  if (!g_io_stream_close_finish (G_IO_STREAM (source), result, &error))
    fail (self, error->message);
  if (self->options->verbose)
    hvcat_session_tell_counts (hvsock_relay_get_bytes_from_second (relay),
                               hvsock_relay_get_bytes_from_first (relay));
  finish_if_over (self);
}

static void
relayed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  HvcatExec *self = user_data;

  /* Each failure was told when its direction ended. */
  hvsock_relay_run_finish (self->relay, result, NULL);
  g_io_stream_close (self->pipes, NULL, NULL);
  g_io_stream_close_async (G_IO_STREAM (self->connection), G_PRIORITY_DEFAULT, NULL, closed_cb,
                           self);
}

/* What it has started may still write after it has ended. When that has ended as well, nobody is
 * there for what the peer may still send. */
static void
stop_if_nobody_is_left (HvcatExec *self)
{
  if (self->command == NULL && self->output_has_ended)
    g_cancellable_cancel (self->stop);
}

/* A command need not read all that there is, or anything. One whose output nobody takes learns of
 * it when it writes. */
static void
ended_cb (HvsockRelay *relay,
          GIOStream *from,
          GIOStream *failed,
          const GError *error,
          gpointer user_data)
{
  HvcatExec *self = user_data;

  if (failed == G_IO_STREAM (self->connection))
    fail (self, error->message);
  if (from != self->pipes)
    return;

  g_input_stream_close (g_io_stream_get_input_stream (self->pipes), NULL, NULL);
  self->output_has_ended = TRUE;
  stop_if_nobody_is_left (self);
}

static void
exited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  HvcatExec *self = user_data;
  g_autoptr (GSubprocess) command = g_steal_pointer (&self->command);
  const gboolean is_signaled = g_subprocess_get_if_signaled (command);
  g_autofree char *message = NULL;

  g_subprocess_wait_finish (command, result, NULL);
  message = is_signaled ? g_strdup_printf ("the command was ended by signal %d",
                                           g_subprocess_get_term_sig (command))
                        : g_strdup_printf ("the command ended with status %d",
                                           g_subprocess_get_exit_status (command));
  if (!g_subprocess_get_successful (command))
    fail (self, message);
  else if (self->options->verbose)
    g_printerr ("%s\n", message);

  stop_if_nobody_is_left (self);
  finish_if_over (self);
}

static void
set_address (GSubprocessLauncher *launcher, const char *variable, HvsockAddress *address)
{
  g_autofree char *uri = address == NULL ? NULL : hvsock_address_to_uri (address);

  if (uri != NULL)
    g_subprocess_launcher_setenv (launcher, variable, uri, TRUE);
  else
    g_subprocess_launcher_unsetenv (launcher, variable);
}

/* What a service manager has told hvcat is not for the command. */
static GSubprocess *
run_command (HvsockConnection *connection, const char *command, GError **error)
{
  static const char *const private_variables[] = { "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PID",
                                                   "NOTIFY_SOCKET" };
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);

  for (gsize i = 0; i < G_N_ELEMENTS (private_variables); i++)
    g_subprocess_launcher_unsetenv (launcher, private_variables[i]);
  set_address (launcher, "HVSOCK_LOCAL_ADDRESS", hvsock_connection_get_local_address (connection));
  set_address (launcher, "HVSOCK_REMOTE_ADDRESS",
               hvsock_connection_get_remote_address (connection));
  return g_subprocess_launcher_spawn (launcher, error, "/bin/sh", "-c", command, NULL);
}

/* The ends of the pipes that are hvcat's: a command that does not read must not hold up the others.
 */
static GIOStream *
open_pipes (GSubprocess *command)
{
  GInputStream *output = g_subprocess_get_stdout_pipe (command);
  GOutputStream *input = g_subprocess_get_stdin_pipe (command);

  g_unix_set_fd_nonblocking (g_unix_input_stream_get_fd (G_UNIX_INPUT_STREAM (output)), TRUE, NULL);
  g_unix_set_fd_nonblocking (g_unix_output_stream_get_fd (G_UNIX_OUTPUT_STREAM (input)), TRUE,
                             NULL);
  return g_simple_io_stream_new (output, input);
}

/* Closes the connection when both directions have ended, and is done when the command has ended as
 * well. */
void
hvcat_exec_start (HvsockConnection *connection,
                  const HvcatOptions *options,
                  HvcatSessionDoneFunc done,
                  gpointer user_data)
{
  HvcatExec *self = g_new0 (HvcatExec, 1);
  g_autoptr (GError) error = NULL;

  self->connection = g_object_ref (connection);
  self->options = options;
  self->done = done;
  self->user_data = user_data;
  self->command = run_command (connection, options->command, &error);
  if (self->command == NULL)
    {
      g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
      fail (self, error->message);
      finish (self);
      return;
    }

  self->stop = g_cancellable_new ();
  self->pipes = open_pipes (self->command);
  self->relay = hvsock_relay_new (G_IO_STREAM (connection), self->pipes);
  g_signal_connect (self->relay, "ended", G_CALLBACK (ended_cb), self);
  g_subprocess_wait_async (self->command, NULL, exited_cb, self);
  hvsock_relay_run_async (self->relay, G_PRIORITY_DEFAULT, self->stop, relayed_cb, self);
}
