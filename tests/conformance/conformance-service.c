/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Scenarios of a service that accepts over the transport. */

#include "peers.h"
#include "waits.h"

typedef struct
{
  HvsockService *service;
  HvsockListener *listener;
  HvsockConnection *served; /* the last one that was handed out */
} Server;

static gboolean
incoming_cb (HvsockService *service,
             HvsockConnection *connection,
             HvsockListener *listener,
             gpointer data)
{
  Server *self = data;

  g_set_object (&self->served, connection);
  return TRUE;
}

static void
server_init (Server *self, Conformance *conformance)
{
  *self = (Server){ hvsock_service_new (), conformance->listener };
  g_signal_connect (self->service, "incoming", G_CALLBACK (incoming_cb), self);
  hvsock_service_add_listener (self->service, conformance->listener);
}

static void
server_clear (Server *self)
{
  g_clear_object (&self->served);
  g_clear_object (&self->service);
  /* The service's last accept, which ends in the main context, may keep it a little longer. */
  hvsock_listener_close (self->listener);
  conformance_turn ();
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Server, server_clear)

static HvsockConnection *
connect_client (Conformance *self)
{
  g_autoptr (HvsockClient) client = conformance_client_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  HvsockConnection *connection;

  hvsock_client_connect_async (client, self->uri, NULL, conformance_result_cb, &result);
  conformance_wait (&result);
  connection = hvsock_client_connect_finish (client, result, &error);
  g_assert_no_error (error);
  return connection;
}

static ConformancePair
connect_to_server (Conformance *self, Server *server)
{
  ConformancePair pair = { connect_client (self), NULL };

  while (server->served == NULL)
    g_main_context_iteration (NULL, TRUE);
  pair.server = g_steal_pointer (&server->served);
  return pair;
}

/* By a close, which some transports can tell as a reset only. */
static void
expect_turned_away (HvsockConnection *client)
{
  GInputStream *input = conformance_input (client);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  char byte;

  g_input_stream_read_async (input, &byte, 1, G_PRIORITY_DEFAULT, NULL, conformance_result_cb,
                             &result);
  conformance_wait (&result);
  if (g_input_stream_read_finish (input, result, &error) != 0)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
}

static void
test_incoming (Conformance *self)
{
  g_auto (Server) server = { NULL };

  server_init (&server, self);
  hvsock_service_start (server.service);
  for (guint i = 0; i < 3; i++)
    {
      g_auto (ConformancePair) pair = connect_to_server (self, &server);

      conformance_expect_alive (self, &pair);
      g_assert_cmpuint (hvsock_service_get_n_active (server.service), ==, 1);
    }
  g_assert_cmpuint (hvsock_service_get_n_active (server.service), ==, 0);
  g_assert_cmpuint (hvsock_service_get_n_accepted (server.service), ==, 3);
}

static void
test_refused (Conformance *self)
{
  static const char *const nobody[] = { NULL };
  g_auto (Server) server = { NULL };
  g_autoptr (HvsockConnection) not_allowed = NULL;
  g_autoptr (GError) error = NULL;

  server_init (&server, self);
  hvsock_service_set_max_connections (server.service, 1);
  hvsock_service_start (server.service);
  {
    g_auto (ConformancePair) pair = connect_to_server (self, &server);
    g_autoptr (HvsockConnection) second = connect_client (self);

    expect_turned_away (second);
    conformance_expect_alive (self, &pair);
  }

  g_assert_true (hvsock_service_set_allowed_peers (server.service, nobody, &error));
  not_allowed = connect_client (self);
  expect_turned_away (not_allowed);
  g_assert_cmpuint (hvsock_service_get_n_refused (server.service), ==, 2);
}

static void
test_first_byte (Conformance *self)
{
  g_auto (Server) server = { NULL };
  g_autoptr (HvsockConnection) silent = NULL;

  server_init (&server, self);
  hvsock_service_set_first_byte_timeout (server.service, 100);
  hvsock_service_start (server.service);
  silent = connect_client (self);
  expect_turned_away (silent);
  g_assert_cmpuint (hvsock_service_get_n_silent (server.service), ==, 1);
  /* The next one is not silent, however busy the machine is. */
  hvsock_service_set_first_byte_timeout (server.service, 60000);
  {
    g_auto (ConformancePair) pair = { connect_client (self), NULL };

    conformance_send (self, pair.client, "first");
    while (server.served == NULL)
      g_main_context_iteration (NULL, TRUE);
    pair.server = g_steal_pointer (&server.served);
    conformance_expect (self, pair.server, "first");
  }
}

static void
test_drain (Conformance *self)
{
  g_auto (Server) server = { NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  server_init (&server, self);
  hvsock_service_start (server.service);
  {
    g_auto (ConformancePair) pair = connect_to_server (self, &server);

    hvsock_service_drain_async (server.service, 0, NULL, conformance_result_cb, &result);
    conformance_turn ();
    g_assert_null (result);
    conformance_expect_alive (self, &pair);
  }
  conformance_wait (&result);
  g_assert_true (hvsock_service_drain_finish (server.service, result, &error));
  g_assert_no_error (error);
  g_assert_true (hvsock_listener_is_closed (self->listener));
}

void
conformance_add_service_tests (void)
{
  conformance_add ("/service/incoming", test_incoming);
  conformance_add ("/service/refused", test_refused);
  conformance_add ("/service/first-byte", test_first_byte);
  conformance_add ("/service/drain", test_drain);
}
