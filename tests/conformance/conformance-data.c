/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Scenarios of moving data: every byte arrives, in order, at any size and in any mode. */

#include "lanes.h"

static const gsize sizes[] = {
  0, 1, 2, 3, 255, 4095, 4096, 4097, 65535, 65536, 65537, 1024 * 1024 + 1, CONFORMANCE_MOST,
};

static void
test_to_server (Conformance *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_auto (ConformancePair) pair = conformance_connect (self);

      conformance_move (self, &pair, sizes[i], 0);
    }
}

static void
test_to_client (Conformance *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_auto (ConformancePair) pair = conformance_connect (self);

      conformance_move (self, &pair, 0, sizes[i]);
    }
}

static void
test_both_ways (Conformance *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_auto (ConformancePair) pair = conformance_connect (self);

      conformance_move (self, &pair, sizes[i], sizes[G_N_ELEMENTS (sizes) - 1 - i]);
    }
}

static void
test_most_both_ways (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);

  conformance_move (self, &pair, CONFORMANCE_MOST, CONFORMANCE_MOST);
}

static gpointer
echo (gpointer data)
{
  g_autoptr (GError) error = NULL;
  gssize n = g_output_stream_splice (conformance_output (data), conformance_input (data),
                                     G_OUTPUT_STREAM_SPLICE_NONE, NULL, &error);

  g_assert_no_error (error);
  conformance_end_writing (data);
  return GSIZE_TO_POINTER (n);
}

/* One thread writes to a connection while another reads from it what comes back. */
static void
test_echoed (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  GThread *thread = g_thread_new ("echo", echo, pair.server);
  ConformanceLane *lane = conformance_receive_in_thread (pair.client, CONFORMANCE_MOST);
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (conformance_output (pair.client), conformance_get_random_bytes (),
                             CONFORMANCE_MOST, NULL, NULL, &error);
  g_assert_no_error (error);
  conformance_end_writing (pair.client);
  conformance_received (lane);
  conformance_close (pair.client);
  g_assert_cmpuint (GPOINTER_TO_SIZE (g_thread_join (thread)), ==, CONFORMANCE_MOST);
}

void
conformance_add_data_tests (void)
{
  conformance_add_modes ("/connection/data/to-server", test_to_server);
  conformance_add_modes ("/connection/data/to-client", test_to_client);
  conformance_add_modes ("/connection/data/both-ways", test_both_ways);
  conformance_add_modes ("/connection/data/most-both-ways", test_most_both_ways);
  conformance_add ("/connection/data/echoed", test_echoed);
}
