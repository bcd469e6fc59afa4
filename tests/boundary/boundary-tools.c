/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The tools at both ends, as processes. The one in the guest has the connection to the agent as its
 * standard input and output. */

#include "boundary.h"

#include "../tools/tool-process.h"
#include "folder.h"

#include <string.h>

#define SIZE (1024 * 1024)

/* Its input ends after so many bytes, whether or not the boundary can tell an end. And its output
 * is a pipe, because it makes that non-blocking: so would it make the input of head, which is the
 * same socket. */
#define GUEST_HVCAT "run head -c %u | \"$HVCAT\" %s | cat"

static GBytes *
make_data (guint64 seed)
{
  guint8 *data = g_malloc (SIZE);

  wire_fill (&seed, data, SIZE);
  return g_bytes_new_take (data, SIZE);
}

static void
result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **place = user_data;

  *place = g_object_ref (result);
}

static void
start_writing (GOutputStream *stream, GBytes *data, GAsyncResult **result)
{
  gsize size;
  gconstpointer bytes = g_bytes_get_data (data, &size);

  g_output_stream_write_all_async (stream, bytes, size, G_PRIORITY_DEFAULT, NULL, result_cb,
                                   result);
}

static void
finish_writing (GOutputStream *stream, GAsyncResult **result)
{
  g_autoptr (GError) error = NULL;

  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_output_stream_write_all_finish (stream, *result, NULL, &error);
  g_assert_no_error (error);
}

/* Through both hvcats each way, at once. @guest is where the agent runs the one in the guest. The
 * input of the host's ends last, so nothing depends on how the boundary tells that. */
static void
exchange (ToolProcess *host, HvsockConnection *guest)
{
  GOutputStream *host_input = g_subprocess_get_stdin_pipe (host->process);
  g_autoptr (GBytes) to_guest = make_data (5);
  g_autoptr (GBytes) from_guest = make_data (6);
  g_autofree guint8 *received = g_malloc (SIZE);
  g_autoptr (GAsyncResult) host_written = NULL;
  g_autoptr (GAsyncResult) guest_written = NULL;
  g_autoptr (GAsyncResult) read = NULL;
  g_autoptr (GError) error = NULL;
  gsize n;

  start_writing (host_input, to_guest, &host_written);
  start_writing (wire_output (guest), from_guest, &guest_written);
  g_input_stream_read_all_async (wire_input (guest), received, SIZE, G_PRIORITY_DEFAULT, NULL,
                                 result_cb, &read);
  finish_writing (host_input, &host_written);
  finish_writing (wire_output (guest), &guest_written);
  while (read == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_input_stream_read_all_finish (wire_input (guest), read, &n, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (received, n, g_bytes_get_data (to_guest, NULL), SIZE);
  tool_process_wait_for_output (host, SIZE);

  tool_process_end_input (host);
  tool_process_assert_ends (host, 0, NULL);
  tool_process_assert_output (host, from_guest);
  boundary_expect_line (guest, "ok 0");
}

/* Where the boundary does not tell one hvcat that the input of the other one has ended, they would
 * wait for each other. */
static const char *
get_end_option (void)
{
  return boundary_backend.has_half_close ? "--verbose" : "--quit-after=100";
}

static void
test_hvcat_to_guest (void)
{
  g_autofree char *uri = boundary_backend.get_connect_uri (5050);
  g_autoptr (HvsockConnection) guest = boundary_request (GUEST_HVCAT, SIZE, "-l vsock://:5050");
  g_autoptr (ToolProcess) host =
      tool_process_new ("hvcat", get_end_option (), "--retry", "--timeout=60000", uri, NULL);

  exchange (host, guest);
}

static void
test_hvcat_from_guest (void)
{
  g_autofree char *uri = boundary_backend.get_listen_uri (5051);
  g_autoptr (ToolProcess) host =
      tool_process_new ("hvcat", get_end_option (), "-v", "-l", uri, NULL);
  g_autoptr (HvsockConnection) guest = NULL;

  tool_process_wait_for_message (host, "listening on");
  guest = boundary_request (GUEST_HVCAT, SIZE, "vsock://host:5051");
  exchange (host, guest);
}

/* A program that knows nothing of vsock reaches the agent through a forwarder on the host. */
static void
test_hvcat_forwards (void)
{
  g_autofree char *guest_uri = boundary_backend.get_connect_uri (WIRE_AGENT_PORT);
  g_autoptr (GError) error = NULL;
  g_auto (Folder) folder = { 0 };
  g_autofree char *uri = NULL;
  g_autoptr (ToolProcess) forwarder = NULL;
  g_autoptr (HvsockConnection) connection = NULL;

  folder_init (&folder);
  uri = g_strdup_printf ("unix://%s/socket", folder.path);
  forwarder = tool_process_new ("hvcat", "-v", "-l", "--to", guest_uri, uri, NULL);
  tool_process_wait_for_message (forwarder, "listening on");
  connection = hvsock_connect (uri, NULL, &error);
  g_assert_no_error (error);
  boundary_send_text (connection, "send 7 1048576\n");
  wire_receive (connection, 7, 1048576, &error);
  g_assert_no_error (error);
  boundary_expect_end (connection);
  g_clear_object (&connection);
  tool_process_assert_ends (forwarder, 0, NULL);
  folder_assert_empty (&folder);
}

/* That the report's table has the plugin as available, and its section below has the lines. */
static void
expect_probed (const char *report, const BoundaryProbed *expected)
{
  g_autofree char *in_table = g_strdup_printf ("(?m)^%s .* available ", expected->plugin);
  g_autofree char *heading = g_strdup_printf ("\n\n%s: ", expected->plugin);
  const char *section = strstr (report, heading);
  g_auto (GStrv) parts = NULL;

  g_test_message ("%s", report);
  g_assert_true (g_regex_match_simple (in_table, report, 0, 0));
  g_assert_nonnull (section);
  parts = g_strsplit (section + strlen ("\n\n"), "\n\n", 2);
  for (guint i = 0; expected->lines[i] != NULL; i++)
    g_assert_nonnull (strstr (parts[0], expected->lines[i]));
}

static void
test_probe_on_host (void)
{
  g_autoptr (ToolProcess) probe = tool_process_new ("hvsock-probe", NULL);

  tool_process_assert_ends (probe, 0, NULL);
  expect_probed (probe->output->str, &boundary_backend.probed);
}

static void
test_probe_in_guest (void)
{
  static const BoundaryProbed expected = {
    "vsock",
    { "\n  local CID: " BOUNDARY_GUEST_CID "\n", "\n  role: guest", "\n  reaches host: yes" },
  };
  g_autoptr (HvsockConnection) connection = boundary_request ("run exec \"$HVSOCK_PROBE\"");
  g_autoptr (GString) report = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  char piece[1024];
  gssize n;

  while ((n = g_input_stream_read (wire_input (connection), piece, sizeof piece, NULL, &error)) > 0)
    g_string_append_len (report, piece, n);
  g_assert_no_error (error);
  expect_probed (report->str, &expected);
  g_assert_true (g_str_has_suffix (report->str, "\nok 0\n"));
}

void
boundary_add_tool_tests (void)
{
  boundary_add ("hvcat-to-guest", test_hvcat_to_guest);
  boundary_add ("hvcat-from-guest", test_hvcat_from_guest);
  boundary_add ("hvcat-forwards", test_hvcat_forwards);
  boundary_add ("probe-on-host", test_probe_on_host);
  boundary_add ("probe-in-guest", test_probe_in_guest);
}
