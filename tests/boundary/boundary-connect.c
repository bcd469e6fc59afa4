/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Scenarios of connecting and listening at each end, by one and by many at once. */

#include "boundary.h"

#include "crowd.h"
#include "service.h"

#include <string.h>

#define MANY 200

static void
test_to_guest (void)
{
  g_autoptr (HvsockConnection) connection = boundary_request ("echo");

  boundary_expect_echo (connection);
}

static void
test_from_guest (void)
{
  g_autoptr (HvsockConnection) request = NULL;
  g_autoptr (HvsockConnection) connection = boundary_dial (5010, "echo", &request);

  boundary_expect_echo (connection);
}

/* What the agent says of its end: "ok OWN PEER". Returns the peer's. */
static char *
read_guest_addresses (HvsockConnection *connection, const char *own_prefix)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line = wire_read_line (connection, &error);
  g_auto (GStrv) words = NULL;

  g_assert_no_error (error);
  words = g_strsplit (line, " ", -1);
  g_assert_cmpuint (g_strv_length (words), ==, 3);
  g_assert_cmpstr (words[0], ==, "ok");
  g_test_message ("%s", line);
  g_assert_true (g_str_has_prefix (words[1], own_prefix));
  g_assert_true (g_str_has_prefix (words[2], "vsock://2:"));
  return g_strdup (words[2]);
}

static void
test_addresses_to_guest (void)
{
  g_autofree char *own = g_strdup_printf (BOUNDARY_GUEST_URI "%u", WIRE_AGENT_PORT);
  g_autofree char *uri = boundary_backend.get_connect_uri (WIRE_AGENT_PORT);
  g_autoptr (HvsockConnection) connection = boundary_request ("addresses");
  g_autofree char *remote =
      hvsock_address_to_uri (hvsock_connection_get_remote_address (connection));
  g_autofree char *peer = read_guest_addresses (connection, own);

  g_assert_cmpstr (remote, ==, uri);
  boundary_backend.check_host_address (hvsock_connection_get_local_address (connection), peer);
}

static void
test_addresses_from_guest (void)
{
  g_autoptr (HvsockConnection) request = NULL;
  g_autoptr (HvsockConnection) connection = boundary_dial (5011, "addresses", &request);
  /* Linux tells an end that connects no CID of its own. */
  g_autofree char *peer = read_guest_addresses (request, "vsock://:");

  g_assert_cmpstr (peer, ==, "vsock://2:5011");
  boundary_backend.check_guest_address (hvsock_connection_get_remote_address (connection));
}

static void
test_many_to_guest (void)
{
  g_autofree char *uri = boundary_backend.get_connect_uri (WIRE_AGENT_PORT);
  g_autoptr (GError) error = NULL;

  crowd_run (uri, MANY, &error);
  g_assert_no_error (error);
}

static void
test_many_from_guest (void)
{
  g_autofree char *uri = boundary_backend.get_listen_uri (5012);
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockListener) listener = hvsock_listen (uri, NULL, &error);
  g_autoptr (HvsockConnection) request = NULL;
  Service *service;

  g_assert_no_error (error);
  service = service_start (listener);
  request = boundary_request ("crowd %u vsock://host:5012", MANY);
  boundary_expect_line (request, "ok ");
  service_stop (service);
}

void
boundary_add_connect_tests (void)
{
  boundary_add ("connect-to-guest", test_to_guest);
  boundary_add ("connect-from-guest", test_from_guest);
  boundary_add ("addresses-to-guest", test_addresses_to_guest);
  boundary_add ("addresses-from-guest", test_addresses_from_guest);
  boundary_add ("many-to-guest", test_many_to_guest);
  boundary_add ("many-from-guest", test_many_from_guest);
}
