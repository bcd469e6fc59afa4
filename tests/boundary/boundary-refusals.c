/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Scenarios in which nobody is there. That the error is another one than TIMED_OUT says that it
 * came before the deadline. */

#include "boundary.h"

static void
expect_connect_error (const char *uri, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (hvsock_connect (uri, NULL, &error));
  g_assert_error (error, G_IO_ERROR, code);
}

static void
test_by_guest (void)
{
  g_autofree char *uri = boundary_backend.get_connect_uri (4999);

  expect_connect_error (uri, G_IO_ERROR_CONNECTION_REFUSED);
}

static void
test_by_host (void)
{
  const gboolean is_told = boundary_backend.refuses_guest;
  g_autoptr (HvsockConnection) request =
      boundary_request ("dial %u vsock://host:4999 echo", is_told ? 10000 : 1000);

  boundary_expect_error (request, G_IO_ERROR,
                         is_told ? G_IO_ERROR_CONNECTION_REFUSED : G_IO_ERROR_TIMED_OUT);
}

static void
test_no_machine_from_host (void)
{
  expect_connect_error (boundary_backend.missing_uri, boundary_backend.missing_code);
}

/* To a guest all other machines are silent, so only the deadline says it. */
static void
test_no_machine_from_guest (void)
{
  const gint64 start = g_get_monotonic_time ();
  g_autoptr (HvsockConnection) request = boundary_request ("dial 1000 vsock://4242:5000 echo");

  boundary_expect_error (request, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, G_USEC_PER_SEC);
}

/* A refusal leaves nothing behind that would be in the way of the next connection. */
static void
test_afterwards (void)
{
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (HvsockConnection) connection = NULL;

      test_by_guest ();
      connection = boundary_request ("echo");
      boundary_expect_echo (connection);
    }
}

void
boundary_add_refusal_tests (void)
{
  boundary_add ("refused-by-guest", test_by_guest);
  boundary_add ("refused-by-host", test_by_host);
  boundary_add ("no-such-machine-from-host", test_no_machine_from_host);
  boundary_add ("no-such-machine-from-guest", test_no_machine_from_guest);
  boundary_add ("refused-and-connected", test_afterwards);
}
