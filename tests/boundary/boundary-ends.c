/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Scenarios of closing one direction, where the boundary has that, and both. */

#include "boundary.h"

/* More than all the buffers on the way. */
#define MUCH (4 * 1024 * 1024)

/* Where the boundary would cut both directions, or none, the library closes none and says so. */
static void
end_direction (HvsockConnection *connection)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (hvsock_connection_can_half_close (connection), ==,
                   boundary_backend.has_half_close);
  if (hvsock_connection_shutdown (connection, FALSE, TRUE, &error))
    g_assert_true (boundary_backend.has_half_close);
  else if (boundary_backend.has_half_close)
    g_assert_no_error (error);
  else
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

static void
test_half_close_by_host (void)
{
  g_autoptr (HvsockConnection) connection = NULL;

  if (!boundary_backend.has_half_close)
    {
      connection = boundary_request ("echo");
      boundary_expect_echo (connection);
      end_direction (connection);
      boundary_expect_echo (connection);
      return;
    }
  connection = boundary_request ("answer");
  boundary_send_text (connection, "question");
  end_direction (connection);
  boundary_expect_line (connection, "ok question");
  boundary_expect_end (connection);
}

/* The guest can close its direction. Where that is not passed on, all that was sent before is, and
 * so is what the host answers. */
static void
test_half_close_by_guest (void)
{
  g_autoptr (HvsockConnection) request = NULL;
  g_autoptr (HvsockConnection) connection = boundary_dial (5030, "ask question", &request);
  g_autoptr (GError) error = NULL;

  boundary_expect_line (connection, "question");
  if (boundary_backend.has_half_close)
    boundary_expect_end (connection);
  boundary_send_text (connection, "answer");
  end_direction (connection);
  if (!boundary_backend.has_half_close)
    {
      g_io_stream_close (G_IO_STREAM (connection), NULL, &error);
      g_assert_no_error (error);
    }
  boundary_expect_line (request, "ok answer");
}

static void
test_close_by_host (void)
{
  g_autofree char *verb = g_strdup_printf ("take 3 %u", MUCH);
  g_autoptr (HvsockConnection) request = NULL;
  g_autoptr (HvsockConnection) connection = boundary_dial (5031, verb, &request);
  g_autoptr (GError) error = NULL;

  wire_send (connection, 3, MUCH, &error);
  g_assert_no_error (error);
  g_io_stream_close (G_IO_STREAM (connection), NULL, &error);
  g_assert_no_error (error);
  boundary_expect_line (request, "ok ");
}

static void
test_close_by_guest (void)
{
  g_autoptr (HvsockConnection) connection = boundary_request ("send 4 %u", MUCH);
  g_autoptr (GError) error = NULL;

  wire_receive (connection, 4, MUCH, &error);
  g_assert_no_error (error);
  boundary_expect_end (connection);
}

void
boundary_add_end_tests (void)
{
  boundary_add ("half-close-by-host", test_half_close_by_host);
  boundary_add ("half-close-by-guest", test_half_close_by_guest);
  boundary_add ("close-by-host-delivers", test_close_by_host);
  boundary_add ("close-by-guest-delivers", test_close_by_guest);
}
