/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Scenarios of moving data: much of it both ways at once, and in packets. */

#include "boundary.h"

#include "service.h"

/* Each end has a seed of its own. */
#define HOST_SEED  1
#define GUEST_SEED 2

static char *
get_exchange (void)
{
  return g_strdup_printf ("exchange %u %u %" G_GUINT64_FORMAT, GUEST_SEED, HOST_SEED,
                          boundary_backend.exchange_size);
}

/* The agent says at @request that it got the same. */
static void
exchange (HvsockConnection *connection, HvsockConnection *request)
{
  const gint64 start = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;

  wire_exchange (connection, HOST_SEED, GUEST_SEED, boundary_backend.exchange_size, &error);
  g_assert_no_error (error);
  boundary_expect_line (request, "ok ");
  g_test_message ("%" G_GUINT64_FORMAT " MiB each way in %.1f s",
                  boundary_backend.exchange_size / (1024 * 1024),
                  (g_get_monotonic_time () - start) / (double) G_USEC_PER_SEC);
}

static void
test_exchange_to_guest (void)
{
  g_autofree char *verb = get_exchange ();
  g_autoptr (HvsockConnection) connection = boundary_request ("%s", verb);

  exchange (connection, connection);
}

static void
test_exchange_from_guest (void)
{
  g_autofree char *verb = get_exchange ();
  g_autoptr (HvsockConnection) request = NULL;
  g_autoptr (HvsockConnection) connection = boundary_dial (5020, verb, &request);

  exchange (connection, request);
}

/* Two packets on the way at once stay two; each comes back whole. */
static void
expect_packets_echoed (HvsockConnection *connection)
{
  static const gsize sizes[] = { 1, 17, 4096, 65536, 5 };
  g_autofree guint8 *sent = g_malloc (65536);
  g_autofree guint8 *received = g_malloc (2 * 65536);
  guint64 state = HOST_SEED;

  wire_fill (&state, sent, 65536);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (
          g_output_stream_write (wire_output (connection), sent, sizes[i], NULL, &error), ==,
          sizes[i]);
      g_assert_no_error (error);
    }
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GError) error = NULL;
      gssize n = g_input_stream_read (wire_input (connection), received, 2 * 65536, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpmem (received, n, sent, sizes[i]);
    }
}

static void
test_packets_to_guest (void)
{
  g_autoptr (HvsockConnection) request = NULL;
  g_autoptr (HvsockConnection) connection = NULL;
  g_autofree char *uri = boundary_backend.get_connect_uri (5021);
  g_autofree char *packet_uri = g_strconcat (uri, "?type=seqpacket", NULL);
  g_autoptr (GError) error = NULL;

  if (!boundary_backend.has_packets)
    {
      g_assert_null (hvsock_connect (packet_uri, NULL, &error));
      g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI);
      return;
    }
  request = boundary_request ("listen vsock://:5021?type=seqpacket echo");
  boundary_expect_line (request, SERVICE_LISTENING);
  connection = hvsock_connect (packet_uri, NULL, &error);
  g_assert_no_error (error);
  expect_packets_echoed (connection);
}

static void
test_packets_from_guest (void)
{
  g_autoptr (HvsockConnection) request = NULL;
  g_autoptr (HvsockConnection) connection = NULL;
  g_autofree char *uri = boundary_backend.get_listen_uri (5022);
  g_autofree char *packet_uri = g_strconcat (uri, "?type=seqpacket", NULL);
  g_autoptr (HvsockListener) listener = NULL;
  g_autoptr (GError) error = NULL;

  if (boundary_backend.has_packets)
    {
      listener = hvsock_listen (packet_uri, NULL, &error);
      g_assert_no_error (error);
    }
  request = boundary_request ("dial 10000 vsock://host:5022?type=seqpacket echo");
  if (!boundary_backend.has_packets)
    {
      boundary_expect_error (request, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
      return;
    }
  connection = hvsock_listener_accept (listener, NULL, &error);
  g_assert_no_error (error);
  expect_packets_echoed (connection);
}

void
boundary_add_data_tests (void)
{
  boundary_add ("exchange-to-guest", test_exchange_to_guest);
  boundary_add ("exchange-from-guest", test_exchange_from_guest);
  boundary_add ("packets-to-guest", test_packets_to_guest);
  boundary_add ("packets-from-guest", test_packets_from_guest);
}
