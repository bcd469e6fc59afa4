/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The base is a TCP socket of the loopback interface: a stream that is not the library's, and that
 * every platform has. */

#include "framed-pair.h"

#include <string.h>

char pair_many_bytes[64 * 1024 * 1024];

static void
connect_sockets (GSocketConnection **near, GSocketConnection **far)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GError) error = NULL;

  g_socket_listener_add_address (listener, any, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL,
                                 &address, &error);
  g_assert_no_error (error);
  g_socket_client_set_enable_proxy (client, FALSE);
  *near = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, &error);
  g_assert_no_error (error);
  *far = g_socket_listener_accept (listener, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
take_framed (Pair *self, HvsockConnection *framed)
{
  self->framed = framed;
  self->input = g_io_stream_get_input_stream (G_IO_STREAM (self->framed));
  self->output = g_io_stream_get_output_stream (G_IO_STREAM (self->framed));
}

void
pair_init (Pair *self)
{
  g_autoptr (GSocketConnection) near = NULL;

  connect_sockets (&near, (GSocketConnection **) &self->peer);
  take_framed (self, hvsock_framed_connection_new (G_IO_STREAM (near)));
}

/* As if it were there. */
void
pair_init_at (Pair *self, HvsockAddress *local_address, HvsockAddress *remote_address)
{
  g_autoptr (GSocketConnection) near = NULL;

  connect_sockets (&near, (GSocketConnection **) &self->peer);
  take_framed (self, g_object_new (HVSOCK_TYPE_FRAMED_CONNECTION, "base", near, "local-address",
                                   local_address, "remote-address", remote_address, NULL));
}

/* A stand-in for a base that takes one byte of whatever it is given. */
typedef GFilterOutputStream NarrowStream;
typedef GFilterOutputStreamClass NarrowStreamClass;

static GType narrow_stream_get_type (void);
G_DEFINE_TYPE (NarrowStream, narrow_stream, G_TYPE_FILTER_OUTPUT_STREAM)

static gssize
narrow_stream_write (GOutputStream *stream,
                     const void *buffer,
                     gsize count,
                     GCancellable *cancellable,
                     GError **error)
{
  return G_OUTPUT_STREAM_CLASS (narrow_stream_parent_class)
      ->write_fn (stream, buffer, MIN (count, 1), cancellable, error);
}

static void
narrow_stream_class_init (NarrowStreamClass *klass)
{
  G_OUTPUT_STREAM_CLASS (klass)->write_fn = narrow_stream_write;
}

static void
narrow_stream_init (NarrowStream *self)
{
}

/* GIO's filters cannot be polled. */
static void
init_filtered (Pair *self, GType output_type)
{
  g_autoptr (GSocketConnection) near = NULL;
  g_autoptr (GInputStream) input = NULL;
  g_autoptr (GOutputStream) output = NULL;
  g_autoptr (GIOStream) base = NULL;

  connect_sockets (&near, (GSocketConnection **) &self->peer);
  input =
      G_INPUT_STREAM (g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (near))));
  output = g_object_new (output_type, "base-stream",
                         g_io_stream_get_output_stream (G_IO_STREAM (near)), NULL);
  base = g_simple_io_stream_new (input, output);
  g_object_set_data_full (G_OBJECT (base), "socket", g_steal_pointer (&near), g_object_unref);
  take_framed (self, hvsock_framed_connection_new (base));
}

void
pair_init_unpollable (Pair *self)
{
  init_filtered (self, G_TYPE_DATA_OUTPUT_STREAM);
}

/* The base takes one byte at a time of what is written. */
void
pair_init_narrow (Pair *self)
{
  init_filtered (self, narrow_stream_get_type ());
}

void
pair_clear (Pair *self)
{
  g_clear_object (&self->framed);
  g_clear_object (&self->peer);
}

void
pair_send (Pair *self, gconstpointer bytes, gsize n_bytes)
{
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (g_io_stream_get_output_stream (self->peer), bytes, n_bytes, NULL, NULL,
                             &error);
  g_assert_no_error (error);
}

/* Until something from the peer is there, which stays unread. */
void
pair_wait_arrival (Pair *self)
{
  GIOStream *base = hvsock_framed_connection_get_base (HVSOCK_FRAMED_CONNECTION (self->framed));
  g_autoptr (GError) error = NULL;

  g_socket_condition_wait (g_socket_connection_get_socket (G_SOCKET_CONNECTION (base)), G_IO_IN,
                           NULL, &error);
  g_assert_no_error (error);
}

void
pair_expect (Pair *self, gconstpointer bytes, gsize n_bytes)
{
  g_autofree guint8 *got = g_malloc (n_bytes);
  g_autoptr (GError) error = NULL;
  gsize n_got;

  g_input_stream_read_all (g_io_stream_get_input_stream (self->peer), got, n_bytes, &n_got, NULL,
                           &error);
  g_assert_no_error (error);
  g_assert_cmpmem (got, n_got, bytes, n_bytes);
}

void
pair_expect_end (Pair *self)
{
  g_autoptr (GError) error = NULL;
  char byte;

  g_assert_cmpint (
      g_input_stream_read (g_io_stream_get_input_stream (self->peer), &byte, 1, NULL, &error), ==,
      0);
  g_assert_no_error (error);
}

/* Reads frames of zeros up to one without data, which is left to be the last that was read: returns
 * how many zeros there were. */
gsize
pair_expect_zeros (Pair *self)
{
  GInputStream *input = g_io_stream_get_input_stream (self->peer);
  static const char zeros[4096];
  gsize n_zeros = 0;

  for (;;)
    {
      g_autoptr (GError) error = NULL;
      char data[4096];
      guint32 header;
      gsize n_read;

      g_input_stream_read_all (input, &header, sizeof header, &n_read, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (n_read, ==, sizeof header);
      header = GUINT32_FROM_LE (header);
      if (header > sizeof data)
        {
          g_assert_cmpuint (header, ==, 0xbeefdead);
          return n_zeros;
        }
      g_input_stream_read_all (input, data, header, &n_read, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (data, n_read, zeros, header);
      n_zeros += n_read;
    }
}

void
pair_close_peer (Pair *self)
{
  g_autoptr (GError) error = NULL;

  g_io_stream_close (self->peer, NULL, &error);
  g_assert_no_error (error);
}

void
pair_read (Pair *self, const char *text)
{
  g_autofree char *got = g_malloc0 (strlen (text) + 1);
  g_autoptr (GError) error = NULL;

  g_input_stream_read_all (self->input, got, strlen (text), NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (got, ==, text);
}

void
pair_read_end (Pair *self)
{
  g_autoptr (GError) error = NULL;
  char byte;

  g_assert_cmpint (g_input_stream_read (self->input, &byte, 1, NULL, &error), ==, 0);
  g_assert_no_error (error);
}

void
pair_read_error (Pair *self, int code)
{
  g_autoptr (GError) error = NULL;
  char byte;

  g_assert_cmpint (g_input_stream_read (self->input, &byte, 1, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, code);
}

void
pair_write (Pair *self, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (self->output, text, strlen (text), NULL, NULL, &error);
  g_assert_no_error (error);
}

void
pair_write_error (Pair *self, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_output_stream_write (self->output, "x", 1, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, code);
}

void
pair_shut_down (Pair *self, gboolean read, gboolean write)
{
  g_autoptr (GError) error = NULL;

  hvsock_connection_shutdown (self->framed, read, write, &error);
  g_assert_no_error (error);
}

void
result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **place = user_data;

  g_assert_null (*place);
  *place = g_object_ref (result);
}

void
result_wait (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

/* Turns the loop until @result cannot come without somebody else's doing. */
void
result_expect_pending (GAsyncResult **result)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_null (*result);
}
