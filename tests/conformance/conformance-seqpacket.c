/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Scenarios of packet-oriented connections (`?type=seqpacket`), for transports that have them. */

#include "lanes.h"

static const gsize sizes[] = { 1, 2, 100, 4096, 65536 };

static ConformancePair
connect_messages (Conformance *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockListener) listener =
      hvsock_listen (conformance_backend.packet_uri, NULL, &error);
  g_autofree char *uri = NULL;

  g_assert_no_error (error);
  uri = conformance_get_uri (listener);
  return conformance_connect_to (listener, uri);
}

static void
write_message (Conformance *self, HvsockConnection *connection, gsize size)
{
  g_autoptr (GError) error = NULL;
  gssize n = self->mode->write (conformance_output (connection), conformance_get_random_bytes (),
                                size, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (n, ==, size);
}

static void
expect_message (Conformance *self, HvsockConnection *connection, gsize size)
{
  g_autofree char *buffer = g_malloc (size + 1);
  g_autoptr (GError) error = NULL;
  gssize n = self->mode->read (conformance_input (connection), buffer, size + 1, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (buffer, MAX (n, 0), conformance_get_random_bytes (), size);
}

static void
test_boundaries (Conformance *self)
{
  g_auto (ConformancePair) pair = connect_messages (self);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      write_message (self, pair.client, sizes[i]);
      write_message (self, pair.server, sizes[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      expect_message (self, pair.server, sizes[i]);
      expect_message (self, pair.client, sizes[i]);
    }
  conformance_close (pair.client);
  conformance_expect_end (self, pair.server);
}

static void
test_too_large (Conformance *self)
{
  g_auto (ConformancePair) pair = connect_messages (self);

  write_message (self, pair.client, 100);
  write_message (self, pair.client, 2);
  conformance_expect_read_error (self, pair.server, G_IO_ERROR_MESSAGE_TOO_LARGE);
  expect_message (self, pair.server, 2);
}

static void
test_exact (Conformance *self)
{
  g_auto (ConformancePair) pair = connect_messages (self);

  conformance_send (self, pair.client, "exact");
  conformance_expect (self, pair.server, "exact");
}

static void
test_vectored (Conformance *self)
{
  g_auto (ConformancePair) pair = connect_messages (self);
  GOutputVector vectors[] = {
    { conformance_get_random_bytes (), 100 },
    { conformance_get_random_bytes () + 100, 23 },
  };
  g_autoptr (GError) error = NULL;
  gsize written;

  g_output_stream_writev (conformance_output (pair.client), vectors, G_N_ELEMENTS (vectors),
                          &written, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (written, ==, 123);
  expect_message (self, pair.server, 123);
}

static void
test_stream_refused (Conformance *self)
{
  g_autofree char *uri = g_strconcat (self->uri, "?type=seqpacket", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (hvsock_connect (uri, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
}

void
conformance_add_seqpacket_tests (void)
{
  if (conformance_backend.packet_uri == NULL)
    return;

  conformance_add_modes ("/seqpacket/boundaries", test_boundaries);
  conformance_add_modes ("/seqpacket/too-large", test_too_large);
  conformance_add_modes ("/seqpacket/exact", test_exact);
  conformance_add ("/seqpacket/vectored", test_vectored);
  conformance_add ("/seqpacket/stream-refused", test_stream_refused);
}
