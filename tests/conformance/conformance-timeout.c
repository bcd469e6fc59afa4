/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Scenarios of a connection's own time-out, which bounds each read and write that waits. */

#include "peers.h"
#include "waits.h"

/* Long enough to be told from an error at once, in milliseconds. */
#define TIMEOUT 50

static void
test_read (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  gint64 start = g_get_monotonic_time ();

  hvsock_connection_set_timeout (pair.client, TIMEOUT);
  g_assert_cmpuint (hvsock_connection_get_timeout (pair.client), ==, TIMEOUT);
  conformance_expect_read_error (self, pair.client, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, (TIMEOUT - 1) * 1000);

  hvsock_connection_set_timeout (pair.client, 0);
  conformance_expect_alive (self, &pair);
}

static void
test_read_with_cancellable (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  char byte;

  hvsock_connection_set_timeout (pair.client, TIMEOUT);
  g_assert_cmpint (
      self->mode->read (conformance_input (pair.client), &byte, 1, cancellable, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

static void
test_write (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);

  hvsock_connection_set_timeout (pair.client, TIMEOUT);
  conformance_expect_write_error (self, pair.client, G_IO_ERROR_TIMED_OUT);
  hvsock_connection_set_timeout (pair.client, 0);
  conformance_send (self, pair.server, "other way");
  conformance_expect (self, pair.client, "other way");
}

static void
test_in_time (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);

  hvsock_connection_set_timeout (pair.client, G_MAXINT);
  hvsock_connection_set_timeout (pair.server, G_MAXINT);
  conformance_expect_alive (self, &pair);
}

/* Sources that the application waits with are its own to time. */
void
conformance_add_timeout_tests (void)
{
  conformance_add_both ("/connection/timeout/read", test_read);
  conformance_add_both ("/connection/timeout/read-with-cancellable", test_read_with_cancellable);
  conformance_add_both ("/connection/timeout/write", test_write);
  conformance_add_modes ("/connection/timeout/in-time", test_in_time);
}
