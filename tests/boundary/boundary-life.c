/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A guest that dies while data is moved, and comes again. */

#include "boundary.h"

#define ENOUGH (1024 * 1024)

typedef struct
{
  HvsockConnection *connection;
  int n_chunks; /* atomic */
  GError *error;
} Sender;

static gpointer
send_until_error (gpointer data)
{
  static const guint8 chunk[4096] = { 0 };
  Sender *self = data;

  while (g_output_stream_write_all (wire_output (self->connection), chunk, sizeof chunk, NULL, NULL,
                                    &self->error))
    g_atomic_int_inc (&self->n_chunks);
  return NULL;
}

static void
expect_echo_each_way (void)
{
  g_autoptr (HvsockConnection) to_guest = boundary_request ("echo");
  g_autoptr (HvsockConnection) request = NULL;
  g_autoptr (HvsockConnection) from_guest = boundary_dial (5040, "echo", &request);

  boundary_expect_echo (to_guest);
  boundary_expect_echo (from_guest);
}

/* The process is reading from one connection and writing to another then. */
static void
test_killed (void)
{
  g_autoptr (HvsockConnection) source = boundary_request ("source");
  g_autoptr (HvsockConnection) sink = boundary_request ("sink");
  g_autoptr (GError) error = NULL;
  Sender sender = { sink, 0, NULL };
  GThread *thread = g_thread_new ("send", send_until_error, &sender);
  gsize received = 0;
  gssize n;

  while (received < ENOUGH || g_atomic_int_get (&sender.n_chunks) < ENOUGH / 4096)
    {
      n = g_input_stream_skip (wire_input (source), ENOUGH, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpint (n, >, 0);
      received += n;
    }
  boundary_guest_kill ();

  do
    n = g_input_stream_skip (wire_input (source), ENOUGH, NULL, &error);
  while (n > 0);
  if (boundary_backend.killed_code < 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, G_IO_ERROR, boundary_backend.killed_code);

  /* Which of the two depends on whether it was in the middle of a call. */
  g_thread_join (thread);
  if (!g_error_matches (sender.error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED))
    g_assert_error (sender.error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
  g_clear_error (&sender.error);

  boundary_guest_stop ();
  boundary_guest_need ();
  expect_echo_each_way ();
}

void
boundary_add_life_tests (void)
{
  boundary_add ("killed-and-started-again", test_killed);
}
