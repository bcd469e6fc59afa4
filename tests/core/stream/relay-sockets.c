/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Relays between GIO's own connections, over the loopback interface: on every system, and without
 * a descriptor of ours. */

#include <hvsock/hvsock-plugin.h>

#include "waits.h"

#include <string.h>

#define SIZE (3 * 1024 * 1024 + 77)

/* A side of the relay, and who is beyond it. */
typedef struct
{
  GIOStream *stream;
  GSocket *peer;
} Side;

static void
side_init (Side *self)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any_port = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  g_socket_listener_add_address (listener, any_port, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP,
                                 NULL, &address, &error);
  g_assert_no_error (error);
  connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, &error);
  g_assert_no_error (error);
  self->peer = g_object_ref (g_socket_connection_get_socket (connection));
  self->stream = G_IO_STREAM (g_socket_listener_accept (listener, NULL, NULL, &error));
  g_assert_no_error (error);
}

static void
side_clear (Side *self)
{
  g_clear_object (&self->stream);
  g_clear_object (&self->peer);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Side, side_clear)

static void
send_all (GSocket *socket, const char *bytes, gsize size)
{
  while (size > 0)
    {
      g_autoptr (GError) error = NULL;
      gssize n = g_socket_send (socket, bytes, size, NULL, &error);

      g_assert_no_error (error);
      bytes += n;
      size -= (gsize) n;
    }
}

static void
finish_sending (GSocket *socket)
{
  g_autoptr (GError) error = NULL;

  g_socket_shutdown (socket, FALSE, TRUE, &error);
  g_assert_no_error (error);
}

/* All that comes until the end. */
static GByteArray *
receive_all (GSocket *socket)
{
  GByteArray *received = g_byte_array_new ();
  char bytes[65536];
  gssize n;

  do
    {
      g_autoptr (GError) error = NULL;

      n = g_socket_receive (socket, bytes, sizeof bytes, NULL, &error);
      g_assert_no_error (error);
      g_byte_array_append (received, (guint8 *) bytes, (guint) n);
    }
  while (n > 0);
  return received;
}

static void
assert_receives (GSocket *socket, const char *expected)
{
  g_autoptr (GByteArray) received = receive_all (socket);

  g_assert_cmpmem (received->data, received->len, expected, strlen (expected));
}

static void
run (HvsockRelay *relay, GCancellable *cancellable, GAsyncResult **result)
{
  hvsock_relay_run_async (relay, G_PRIORITY_DEFAULT, cancellable, conformance_result_cb, result);
}

/* What a peer sends, and gets. */
typedef struct
{
  GSocket *socket;
  GBytes *sent;
  GByteArray *received;
} Talk;

static gpointer
send_cb (gpointer data)
{
  Talk *talk = data;
  gsize size;
  const char *bytes = g_bytes_get_data (talk->sent, &size);

  send_all (talk->socket, bytes, size);
  finish_sending (talk->socket);
  return NULL;
}

static gpointer
receive_cb (gpointer data)
{
  Talk *talk = data;

  talk->received = receive_all (talk->socket);
  return NULL;
}

static GBytes *
random_bytes (guint32 seed, gsize size)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  guint32 *words = g_new (guint32, size / sizeof (guint32) + 1);

  for (gsize i = 0; i <= size / sizeof (guint32); i++)
    words[i] = g_rand_int (random);
  return g_bytes_new_take (words, size);
}

static void
test_both_ways (void)
{
  g_auto (Side) first = { 0 };
  g_auto (Side) second = { 0 };
  g_autoptr (GBytes) request = random_bytes (1, SIZE);
  g_autoptr (GBytes) answer = random_bytes (2, SIZE / 3);
  g_autoptr (HvsockRelay) relay = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Talk talks[2];
  GThread *threads[4];

  side_init (&first);
  side_init (&second);
  talks[0] = (Talk){ first.peer, request, NULL };
  talks[1] = (Talk){ second.peer, answer, NULL };
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("talk", i < 2 ? send_cb : receive_cb, &talks[i % 2]);

  relay = hvsock_relay_new (first.stream, second.stream);
  run (relay, NULL, &result);
  conformance_wait (&result);
  g_assert_true (hvsock_relay_run_finish (relay, result, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);

  for (guint i = 0; i < G_N_ELEMENTS (talks); i++)
    {
      g_autoptr (GBytes) received = g_byte_array_free_to_bytes (talks[1 - i].received);

      g_assert_true (g_bytes_equal (talks[i].sent, received));
    }
  g_assert_cmpuint (hvsock_relay_get_bytes_from_first (relay), ==, SIZE);
  g_assert_cmpuint (hvsock_relay_get_bytes_from_second (relay), ==, SIZE / 3);
}

static void
ended_cb (HvsockRelay *relay,
          GIOStream *from,
          GIOStream *failed,
          const GError *error,
          gpointer user_data)
{
  GPtrArray *ended = user_data;

  g_ptr_array_add (ended, from);
}

/* The answer comes after the end of the request was passed on. */
static void
test_half_close (void)
{
  g_auto (Side) first = { 0 };
  g_auto (Side) second = { 0 };
  g_autoptr (GPtrArray) ended = g_ptr_array_new ();
  g_autoptr (HvsockRelay) relay = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  side_init (&first);
  side_init (&second);
  relay = hvsock_relay_new (first.stream, second.stream);
  g_signal_connect (relay, "ended", G_CALLBACK (ended_cb), ended);
  run (relay, NULL, &result);
  send_all (first.peer, "request", 7);
  finish_sending (first.peer);
  while (ended->len == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (ended->pdata[0] == first.stream);
  g_assert_null (result);
  assert_receives (second.peer, "request");

  send_all (second.peer, "answer", 6);
  finish_sending (second.peer);
  conformance_wait (&result);
  g_assert_true (hvsock_relay_run_finish (relay, result, &error));
  g_assert_no_error (error);
  assert_receives (first.peer, "answer");
}

static void
test_cancelled (void)
{
  g_auto (Side) first = { 0 };
  g_auto (Side) second = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (HvsockRelay) relay = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  side_init (&first);
  side_init (&second);
  relay = hvsock_relay_new (first.stream, second.stream);
  run (relay, cancellable, &result);
  conformance_turn ();
  g_assert_null (result);
  g_cancellable_cancel (cancellable);
  conformance_wait (&result);
  g_assert_false (hvsock_relay_run_finish (relay, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/relay/sockets/both-ways", test_both_ways);
  g_test_add_func ("/relay/sockets/half-close", test_half_close);
  g_test_add_func ("/relay/sockets/cancelled", test_cancelled);

  return g_test_run ();
}
