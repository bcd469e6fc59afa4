/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What scenarios ask of the agent, and what they expect of a connection. All calls block: a
 * deadline bounds each scenario. */

#include "boundary.h"

#include <string.h>

#define HELLO "hello across the boundary"

/* Connects to the agent and sends it the line. */
HvsockConnection *
boundary_request (const char *format, ...)
{
  g_autofree char *uri = boundary_backend.get_connect_uri (WIRE_AGENT_PORT);
  g_autofree char *line = NULL;
  g_autoptr (GError) error = NULL;
  HvsockConnection *connection = hvsock_connect (uri, NULL, &error);
  va_list arguments;

  g_assert_no_error (error);
  va_start (arguments, format);
  line = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  wire_send_line (connection, line, &error);
  g_assert_no_error (error);
  return connection;
}

/* Has the agent connect to the host's @port and serve @verb. Returns the host's end of that, and in
 * @request the connection at which the result will come. */
HvsockConnection *
boundary_dial (guint port, const char *verb, HvsockConnection **request)
{
  g_autofree char *uri = boundary_backend.get_listen_uri (port);
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockListener) listener = hvsock_listen (uri, NULL, &error);
  HvsockConnection *connection;

  g_assert_no_error (error);
  *request = boundary_request ("dial 10000 vsock://host:%u %s", port, verb);
  connection = hvsock_listener_accept (listener, NULL, &error);
  g_assert_no_error (error);
  return connection;
}

void
boundary_send_text (HvsockConnection *connection, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (wire_output (connection), text, strlen (text), NULL, NULL, &error);
  g_assert_no_error (error);
}

void
boundary_expect_line (HvsockConnection *connection, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line = wire_read_line (connection, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (line, ==, expected);
}

/* That the agent failed so. */
void
boundary_expect_error (HvsockConnection *connection, GQuark domain, int code)
{
  g_autofree char *expected = g_strdup_printf ("error %s %d ", g_quark_to_string (domain), code);
  g_autoptr (GError) error = NULL;
  g_autofree char *line = wire_read_line (connection, &error);
  g_autofree char *start = NULL;

  g_assert_no_error (error);
  g_test_message ("%s", line);
  start = g_strndup (line, strlen (expected));
  g_assert_cmpstr (start, ==, expected);
}

void
boundary_expect_end (HvsockConnection *connection)
{
  g_autoptr (GError) error = NULL;
  char byte;
  gssize n = g_input_stream_read (wire_input (connection), &byte, 1, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (n, ==, 0);
}

/* Of a connection whose other end echoes. */
void
boundary_expect_echo (HvsockConnection *connection)
{
  boundary_send_text (connection, HELLO "\n");
  boundary_expect_line (connection, HELLO);
}
