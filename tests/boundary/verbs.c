/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the service can do, a function for each verb. They return the result, or NULL with an
 * error. */

#include "service.h"

#include "crowd.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* More than a packet, which one read takes whole. */
#define PIECE (256 * 1024)

typedef char *(*Verb) (HvsockConnection *connection, const char *arguments, GError **error);

/* Numbers at the start of @arguments, each followed by a blank or the end; returns what follows. */
static const char *
parse_numbers (const char *arguments, guint64 *numbers, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      char *end;

      numbers[i] = g_ascii_strtoull (arguments, &end, 10);
      if (end == arguments)
        g_error ("number %u is missing in '%s'", i, arguments);
      arguments = end + strspn (end, " ");
    }
  return arguments;
}

static char *
parse_word (const char **arguments)
{
  const gsize length = strcspn (*arguments, " ");
  char *word = g_strndup (*arguments, length);

  *arguments += length + strspn (*arguments + length, " ");
  return word;
}

static char *
verb_echo (HvsockConnection *connection, const char *arguments, GError **error)
{
  g_autofree char *piece = g_malloc (PIECE);
  gssize n;

  while ((n = g_input_stream_read (wire_input (connection), piece, PIECE, NULL, error)) > 0)
    {
      if (!g_output_stream_write_all (wire_output (connection), piece, n, NULL, NULL, error))
        return NULL;
    }
  return n < 0 ? NULL : g_strdup ("");
}

static char *
verb_send (HvsockConnection *connection, const char *arguments, GError **error)
{
  guint64 numbers[2];

  parse_numbers (arguments, numbers, G_N_ELEMENTS (numbers));
  if (!wire_send (connection, numbers[0], numbers[1], error) ||
      !g_io_stream_close (G_IO_STREAM (connection), NULL, error))
    return NULL;
  return g_strdup ("");
}

static char *
read_to_end (HvsockConnection *connection, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  char piece[4096];
  gssize n;

  while ((n = g_input_stream_read (wire_input (connection), piece, sizeof piece, NULL, error)) > 0)
    g_string_append_len (text, piece, n);
  return n < 0 ? NULL : g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
verb_take (HvsockConnection *connection, const char *arguments, GError **error)
{
  g_autofree char *rest = NULL;
  guint64 numbers[2];

  parse_numbers (arguments, numbers, G_N_ELEMENTS (numbers));
  if (!wire_receive (connection, numbers[0], numbers[1], error))
    return NULL;
  rest = read_to_end (connection, error);
  if (rest != NULL && *rest != '\0')
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "more came: '%s'", rest);
  return rest == NULL || *rest != '\0' ? NULL : g_steal_pointer (&rest);
}

static char *
verb_exchange (HvsockConnection *connection, const char *arguments, GError **error)
{
  guint64 numbers[3];

  parse_numbers (arguments, numbers, G_N_ELEMENTS (numbers));
  if (!wire_exchange (connection, numbers[0], numbers[1], numbers[2], error))
    return NULL;
  return g_strdup ("");
}

static char *
verb_answer (HvsockConnection *connection, const char *arguments, GError **error)
{
  return read_to_end (connection, error);
}

static char *
verb_ask (HvsockConnection *connection, const char *question, GError **error)
{
  if (!wire_send_line (connection, question, error) ||
      !hvsock_connection_shutdown (connection, FALSE, TRUE, error))
    return NULL;
  return read_to_end (connection, error);
}

static char *
verb_addresses (HvsockConnection *connection, const char *arguments, GError **error)
{
  g_autofree char *local = hvsock_address_to_uri (hvsock_connection_get_local_address (connection));
  g_autofree char *remote =
      hvsock_address_to_uri (hvsock_connection_get_remote_address (connection));

  return g_strdup_printf ("%s %s", local, remote);
}

static char *
verb_source (HvsockConnection *connection, const char *arguments, GError **error)
{
  wire_send (connection, 1, G_MAXUINT64, error);
  return NULL;
}

static char *
verb_sink (HvsockConnection *connection, const char *arguments, GError **error)
{
  gssize n;

  do
    n = g_input_stream_skip (wire_input (connection), PIECE, NULL, error);
  while (n > 0);
  return n < 0 ? NULL : g_strdup ("");
}

static char *
verb_run (HvsockConnection *connection, const char *command, GError **error)
{
  const char *const arguments[] = { "/bin/bash", "-o", "pipefail", "-c", command, NULL };
  const int fd = hvsock_connection_get_fd (connection);
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GSubprocess) process = NULL;

  g_subprocess_launcher_take_stdin_fd (launcher, fcntl (fd, F_DUPFD_CLOEXEC, 0));
  g_subprocess_launcher_take_stdout_fd (launcher, fcntl (fd, F_DUPFD_CLOEXEC, 0));
  process = g_subprocess_launcher_spawnv (launcher, arguments, error);
  g_clear_object (&launcher);
  if (process == NULL || !g_subprocess_wait (process, NULL, error))
    return NULL;
  return g_strdup_printf ("%d", g_subprocess_get_exit_status (process));
}

static char *
verb_crowd (HvsockConnection *connection, const char *arguments, GError **error)
{
  guint64 n;
  const char *uri = parse_numbers (arguments, &n, 1);

  return crowd_run (uri, (guint) n, error) ? g_strdup ("") : NULL;
}

static char *
verb_dial (HvsockConnection *connection, const char *arguments, GError **error)
{
  guint64 timeout;
  const char *line = parse_numbers (arguments, &timeout, 1);
  g_autofree char *uri = parse_word (&line);
  g_autoptr (HvsockClient) client = hvsock_client_new ();
  g_autoptr (HvsockConnection) dialled = NULL;

  hvsock_client_set_timeout (client, (guint) timeout);
  dialled = hvsock_client_connect (client, uri, NULL, error);
  return dialled == NULL ? NULL : service_perform (dialled, line, error);
}

static char *
verb_listen (HvsockConnection *connection, const char *line, GError **error)
{
  g_autofree char *uri = parse_word (&line);
  g_autoptr (HvsockListener) listener = hvsock_listen (uri, NULL, error);
  g_autoptr (HvsockConnection) accepted = NULL;

  if (listener == NULL || !wire_send_line (connection, SERVICE_LISTENING, error))
    return NULL;
  accepted = hvsock_listener_accept (listener, NULL, error);
  return accepted == NULL ? NULL : service_perform (accepted, line, error);
}

static const struct
{
  const char *name;
  Verb func;
} verbs[] = {
  { "addresses", verb_addresses }, { "answer", verb_answer }, { "ask", verb_ask },
  { "crowd", verb_crowd },         { "dial", verb_dial },     { "echo", verb_echo },
  { "exchange", verb_exchange },   { "listen", verb_listen }, { "run", verb_run },
  { "send", verb_send },           { "sink", verb_sink },     { "source", verb_source },
  { "take", verb_take },
};

char *
service_perform (HvsockConnection *connection, const char *line, GError **error)
{
  g_autofree char *name = parse_word (&line);

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      if (strcmp (verbs[i].name, name) == 0)
        return verbs[i].func (connection, line, error);
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "there is no verb '%s'", name);
  return NULL;
}
