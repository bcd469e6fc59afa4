/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Relays between GIO's own connections, over the loopback interface: on every system, and without
 * a descriptor of ours. */

#include "relay-fixture.h"

static void
make_connection (RelaySide *self)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any_port = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;

  g_socket_listener_add_address (listener, any_port, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP,
                                 NULL, &address, &error);
  g_assert_no_error (error);
  self->peer =
      G_IO_STREAM (g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, &error));
  g_assert_no_error (error);
  self->stream = G_IO_STREAM (g_socket_listener_accept (listener, NULL, NULL, &error));
  g_assert_no_error (error);
}

static void
set_up (RelayFixture *fixture, gconstpointer data)
{
  relay_fixture_init (fixture, make_connection, make_connection);
}

static void
add (const char *path, void (*test) (RelayFixture *fixture, gconstpointer data))
{
  g_test_add (path, RelayFixture, NULL, set_up, test, relay_fixture_tear_down);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  add ("/relay/sockets/both-ways", relay_test_both_ways);
  add ("/relay/sockets/half-close", relay_test_half_close);
  add ("/relay/sockets/cancelled", relay_test_cancelled);

  return g_test_run ();
}
