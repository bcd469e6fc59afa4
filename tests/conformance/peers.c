/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The two ends of a connection and what scenarios say over them. Both ends are in this process;
 * where both would have to act at once, the scenario has a thread or asynchronous calls. */

#include "peers.h"

#include <string.h>

/* In milliseconds. */
#define SOON 20

char conformance_many_bytes[16 * 1024 * 1024];

/* One that waits for as long as it takes, since a deadline bounds each scenario. Who chooses no
 * time-out takes a short silence for a refusal, where the system does not tell of one. */
HvsockClient *
conformance_client_new (void)
{
  HvsockClient *client = hvsock_client_new ();

  hvsock_client_set_timeout (client, 0);
  return client;
}

HvsockConnection *
conformance_connect_client (const char *uri)
{
  g_autoptr (HvsockClient) client = conformance_client_new ();
  g_autoptr (GError) error = NULL;
  HvsockConnection *connection = hvsock_client_connect (client, uri, NULL, &error);

  g_assert_no_error (error);
  return connection;
}

ConformancePair
conformance_connect_to (HvsockListener *listener, const char *uri)
{
  g_autoptr (GError) error = NULL;
  ConformancePair pair;

  pair.client = conformance_connect_client (uri);
  pair.server = hvsock_listener_accept (listener, NULL, &error);
  g_assert_no_error (error);
  return pair;
}

ConformancePair
conformance_connect (Conformance *self)
{
  return conformance_connect_to (self->listener, self->uri);
}

/* Packet-oriented. */
ConformancePair
conformance_connect_messages (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockListener) listener =
      hvsock_listen (conformance_backend.packet_uri, NULL, &error);
  g_autofree char *uri = NULL;

  g_assert_no_error (error);
  uri = conformance_get_uri (listener);
  return conformance_connect_to (listener, uri);
}

void
conformance_pair_clear (ConformancePair *pair)
{
  g_clear_object (&pair->client);
  g_clear_object (&pair->server);
}

/* What connects to @listener, which does not listen on every address. */
char *
conformance_get_uri (HvsockListener *listener)
{
  return hvsock_address_to_uri (hvsock_listener_get_local_address (listener));
}

GInputStream *
conformance_input (HvsockConnection *connection)
{
  return g_io_stream_get_input_stream (G_IO_STREAM (connection));
}

GOutputStream *
conformance_output (HvsockConnection *connection)
{
  return g_io_stream_get_output_stream (G_IO_STREAM (connection));
}

void
conformance_send (Conformance *self, HvsockConnection *connection, const char *text)
{
  gsize length = strlen (text);

  for (gsize sent = 0; sent < length;)
    {
      g_autoptr (GError) error = NULL;
      gssize n = self->mode->write (conformance_output (connection), text + sent, length - sent,
                                    NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpint (n, >, 0);
      sent += n;
    }
}

void
conformance_expect (Conformance *self, HvsockConnection *connection, const char *text)
{
  gsize length = strlen (text);
  g_autofree char *buffer = g_malloc0 (length + 1);

  for (gsize got = 0; got < length;)
    {
      g_autoptr (GError) error = NULL;
      gssize n = self->mode->read (conformance_input (connection), buffer + got, length - got, NULL,
                                   &error);

      g_assert_no_error (error);
      g_assert_cmpint (n, >, 0);
      got += n;
    }
  g_assert_cmpstr (buffer, ==, text);
}

void
conformance_expect_end (Conformance *self, HvsockConnection *connection)
{
  g_autoptr (GError) error = NULL;
  char byte;
  gssize n = self->mode->read (conformance_input (connection), &byte, 1, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (n, ==, 0);
}

void
conformance_expect_read_error (Conformance *self, HvsockConnection *connection, int code)
{
  g_autoptr (GError) error = NULL;
  char byte;
  gssize n = self->mode->read (conformance_input (connection), &byte, 1, NULL, &error);

  g_assert_error (error, G_IO_ERROR, code);
  g_assert_cmpint (n, ==, -1);
}

/* Bytes may still find room on their way to an end that is gone, so it may take some writes. */
void
conformance_expect_write_error (Conformance *self, HvsockConnection *connection, int code)
{
  g_autoptr (GError) error = NULL;
  gssize n;

  do
    n = self->mode->write (conformance_output (connection), conformance_many_bytes, 4096, NULL,
                           &error);
  while (n > 0);

  g_assert_error (error, G_IO_ERROR, code);
  g_assert_cmpint (n, ==, -1);
}

/* Nothing is on its way in @pair, and both directions work. */
void
conformance_expect_alive (Conformance *self, ConformancePair *pair)
{
  conformance_send (self, pair->client, "question");
  conformance_expect (self, pair->server, "question");
  conformance_send (self, pair->server, "answer");
  conformance_expect (self, pair->client, "answer");
}

/* The peer sees the end of the stream if the transport can tell it without closing all. */
void
conformance_end_writing (HvsockConnection *connection)
{
  g_autoptr (GError) error = NULL;

  if (!hvsock_connection_can_half_close (connection))
    return;

  hvsock_connection_shutdown (connection, FALSE, TRUE, &error);
  g_assert_no_error (error);
}

void
conformance_close (HvsockConnection *connection)
{
  g_autoptr (GError) error = NULL;

  /* A framed connection waits for the other end to answer, which mostly is in this thread. */
  if (conformance_backend.framed_over != NULL)
    hvsock_connection_set_timeout (connection, SOON);
  g_io_stream_close (G_IO_STREAM (connection), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_io_stream_is_closed (G_IO_STREAM (connection)));
}

/* Writes as much as goes without waiting. A relay on the way may make room again at any time. */
gsize
conformance_fill (HvsockConnection *connection)
{
  GPollableOutputStream *output = G_POLLABLE_OUTPUT_STREAM (conformance_output (connection));
  g_autoptr (GError) error = NULL;
  gsize filled = 0;
  gssize n;

  while ((n = g_pollable_output_stream_write_nonblocking (output, conformance_many_bytes, 65536,
                                                          NULL, &error)) > 0)
    filled += n;

  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  return filled;
}

HvsockFeatures
conformance_get_features (void)
{
  const char *name = conformance_backend.framed_over != NULL ? conformance_backend.framed_over
                                                             : conformance_backend.name;
  HvsockRegistry *registry = hvsock_registry_get_default ();
  g_autoptr (GPtrArray) plugins = hvsock_registry_list_plugins (registry);

  for (guint i = 0; i < plugins->len; i++)
    if (g_str_equal (hvsock_plugin_info_get_name (plugins->pdata[i]), name))
      {
        g_autoptr (GError) error = NULL;
        g_autoptr (HvsockProbe) probe =
            hvsock_registry_probe (registry, plugins->pdata[i], NULL, &error);

        g_assert_no_error (error);
        g_assert_true (hvsock_probe_is_available (probe));
        return hvsock_probe_get_features (probe);
      }
  g_assert_not_reached ();
}
