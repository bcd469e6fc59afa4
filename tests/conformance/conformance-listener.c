/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Scenarios of a listener's life: peers that come and go, and closing it. */

#include "peers.h"
#include "waits.h"

static void
expect_accepted (Conformance *self,
                 HvsockListener *listener,
                 GAsyncResult **result,
                 const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockConnection) server = NULL;

  conformance_wait (result);
  server = hvsock_listener_accept_finish (listener, *result, &error);
  g_assert_no_error (error);
  g_clear_object (result);
  conformance_expect (self, server, text);
}

static HvsockConnection *
connect_and_send (Conformance *self, const char *text)
{
  HvsockConnection *client = conformance_connect_client (self->uri);

  conformance_send (self, client, text);
  return client;
}

static void
test_accept_async (Conformance *self)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (HvsockConnection) first = NULL;
  g_autoptr (HvsockConnection) second = NULL;

  hvsock_listener_accept_async (self->listener, NULL, conformance_result_cb, &result);
  conformance_turn ();
  g_assert_null (result);
  first = connect_and_send (self, "first");
  expect_accepted (self, self->listener, &result, "first");

  second = connect_and_send (self, "second");
  hvsock_listener_accept_async (self->listener, NULL, conformance_result_cb, &result);
  expect_accepted (self, self->listener, &result, "second");
}

static gpointer
accept_one (gpointer data)
{
  g_autoptr (GError) error = NULL;
  HvsockConnection *connection = hvsock_listener_accept (data, NULL, &error);

  g_assert_no_error (error);
  return connection;
}

static void
test_accept_blocking (Conformance *self)
{
  ConformanceThread *thread = conformance_thread_new (accept_one, self->listener);
  g_autoptr (HvsockConnection) client = NULL;
  g_autoptr (HvsockConnection) server = NULL;

  conformance_thread_wait_asleep (thread);
  client = connect_and_send (self, "awaited");
  server = conformance_thread_join (thread);
  conformance_expect (self, server, "awaited");
}

/* Those that died before may be accepted, or not be seen at all; whoever comes after them is. */
static void
expect_live_peer (Conformance *self)
{
  g_autoptr (HvsockConnection) client = connect_and_send (self, "x");
  g_autoptr (GError) error = NULL;
  gssize n = 0;
  char byte = 0;

  while (n == 0)
    {
      g_autoptr (HvsockConnection) server = hvsock_listener_accept (self->listener, NULL, &error);

      g_assert_no_error (error);
      n = g_input_stream_read (conformance_input (server), &byte, 1, NULL, &error);
      g_assert_no_error (error);
    }
  g_assert_cmpint (n, ==, 1);
  g_assert_cmpint (byte, ==, 'x');
  conformance_close (client);
}

static void
test_dead_peer (Conformance *self)
{
  g_autoptr (HvsockConnection) dead = conformance_connect_client (self->uri);

  conformance_close (dead);
  expect_live_peer (self);
}

static void
test_close_async (Conformance *self)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (hvsock_listener_is_closed (self->listener));
  hvsock_listener_accept_async (self->listener, NULL, conformance_result_cb, &result);
  conformance_turn ();
  g_assert_null (result);
  hvsock_listener_close (self->listener);
  g_assert_true (hvsock_listener_is_closed (self->listener));
  conformance_wait (&result);
  g_assert_null (hvsock_listener_accept_finish (self->listener, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

static gpointer
accept_closed (gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (hvsock_listener_accept (data, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  return NULL;
}

static void
test_close_blocking (Conformance *self)
{
  ConformanceThread *thread = conformance_thread_new (accept_closed, self->listener);

  conformance_thread_wait_asleep (thread);
  hvsock_listener_close (self->listener);
  conformance_thread_join (thread);
}

static void
test_closed (Conformance *self)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  hvsock_listener_close (self->listener);
  hvsock_listener_close (self->listener);
  accept_closed (self->listener);
  hvsock_listener_accept_async (self->listener, NULL, conformance_result_cb, &result);
  conformance_wait (&result);
  g_assert_null (hvsock_listener_accept_finish (self->listener, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

/* Nobody gets through any more; a transport that cannot refuse ends the connection at once. */
static void
expect_no_service (Conformance *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockConnection) client = hvsock_connect (self->uri, NULL, &error);

  if (client != NULL)
    conformance_expect_end (self, client);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
}

static void
listen_again (Conformance *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockListener) listener = hvsock_listen (self->uri, NULL, &error);

  g_assert_no_error (error);
  {
    g_auto (ConformancePair) pair = conformance_connect_to (listener, self->uri);

    conformance_expect_alive (self, &pair);
  }
}

static void
test_close_refuses (Conformance *self)
{
  hvsock_listener_close (self->listener);
  expect_no_service (self);
  listen_again (self);
}

static void
test_last_reference (Conformance *self)
{
  g_clear_object (&self->listener);
  expect_no_service (self);
  listen_again (self);
}

/* What was accepted before is none of the listener's any more. */
static void
test_close_keeps_connections (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);

  g_clear_object (&self->listener);
  conformance_expect_alive (self, &pair);
}

static void
test_waiting_peer (Conformance *self)
{
  g_autoptr (HvsockConnection) client = conformance_connect_client (self->uri);
  g_autoptr (GError) error = NULL;
  char byte;

  hvsock_listener_close (self->listener);
  if (g_input_stream_read (conformance_input (client), &byte, 1, NULL, &error) != 0)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
}

/* To find out that somebody serves it, a transport may have connected. */
static void
test_address_in_use (Conformance *self)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (hvsock_listen (self->uri, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  expect_live_peer (self);
}

void
conformance_add_listener_tests (void)
{
  conformance_add ("/listener/accept/async", test_accept_async);
  conformance_add ("/listener/accept/blocking", test_accept_blocking);
  conformance_add ("/listener/accept/dead-peer", test_dead_peer);
  conformance_add ("/listener/close/pending/async", test_close_async);
  conformance_add ("/listener/close/pending/blocking", test_close_blocking);
  conformance_add ("/listener/close/own-calls", test_closed);
  conformance_add ("/listener/close/refuses", test_close_refuses);
  conformance_add ("/listener/close/last-reference", test_last_reference);
  conformance_add ("/listener/close/keeps-connections", test_close_keeps_connections);
  conformance_add ("/listener/close/waiting-peer", test_waiting_peer);
  conformance_add ("/listener/address-in-use", test_address_in_use);
}
