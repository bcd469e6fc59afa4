/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The wait of a blocking call, and each thing that ends it. */

#include "stream/hvsock-wait-private.h"

#include "base/hvsock-deadline-private.h"

#include "ends.h"
#include "waits.h"

#include <unistd.h>

/* In milliseconds. Tests wait for it, so it is short. */
#define SHORT 20

typedef struct
{
  HvsockChannel *channel;
  GIOCondition condition;
  GCancellable *cancellable;
  int peer;
  int is_exhausted; /* atomic */
} Wait;

static void
wait_init (Wait *self, gboolean is_listener)
{
  g_autoptr (GError) error = NULL;
  int fds[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
  self->channel =
      is_listener ? hvsock_channel_new_for_listener (fds[0], &error) : hvsock_channel_new (fds[0]);
  g_assert_no_error (error);
  self->condition = G_IO_IN;
  self->cancellable = g_cancellable_new ();
  self->peer = fds[1];
}

static void
wait_clear (Wait *self)
{
  g_clear_pointer (&self->channel, hvsock_channel_unref);
  g_clear_object (&self->cancellable);
  close (self->peer);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Wait, wait_clear)

/* Returns the code of the error, or -1 for none. */
static gpointer
wait_for_ever (gpointer data)
{
  Wait *self = data;
  g_autoptr (GError) error = NULL;
  gboolean is_ready;

  g_assert_true (hvsock_channel_enter (self->channel, NULL));
  is_ready = hvsock_wait (self->channel, self->condition, HVSOCK_DEADLINE_NEVER, self->cancellable,
                          &error);
  hvsock_channel_leave (self->channel);
  g_assert_cmpint (is_ready, ==, error == NULL);
  if (error != NULL)
    g_assert_cmpuint (error->domain, ==, G_IO_ERROR);
  return GINT_TO_POINTER (error != NULL ? error->code : -1);
}

static int
join (ConformanceThread *thread)
{
  return GPOINTER_TO_INT (conformance_thread_join (thread));
}

static void
test_ready (void)
{
  g_auto (Wait) wait = { 0 };
  ConformanceThread *thread;

  wait_init (&wait, FALSE);
  thread = conformance_thread_new (wait_for_ever, &wait);
  conformance_thread_wait_asleep (thread);
  g_assert_cmpint (send (wait.peer, "a", 1, MSG_NOSIGNAL), ==, 1);
  g_assert_cmpint (join (thread), ==, -1);
}

static void
test_failed (void)
{
  g_auto (Wait) wait = { 0 };
  ConformanceThread *thread;

  wait_init (&wait, FALSE);
  thread = conformance_thread_new (wait_for_ever, &wait);
  conformance_thread_wait_asleep (thread);
  g_assert_no_errno (shutdown (wait.peer, SHUT_RDWR));
  g_assert_cmpint (join (thread), ==, -1);
}

static void
test_closed (gconstpointer data)
{
  g_auto (Wait) wait = { 0 };
  ConformanceThread *thread;

  wait_init (&wait, GPOINTER_TO_INT (data));
  thread = conformance_thread_new (wait_for_ever, &wait);
  conformance_thread_wait_asleep (thread);
  hvsock_channel_close (wait.channel);
  g_assert_cmpint (join (thread), ==, -1);
}

static void
test_cancelled (void)
{
  g_auto (Wait) wait = { 0 };
  ConformanceThread *thread;

  wait_init (&wait, FALSE);
  thread = conformance_thread_new (wait_for_ever, &wait);
  conformance_thread_wait_asleep (thread);
  g_cancellable_cancel (wait.cancellable);
  g_assert_cmpint (join (thread), ==, G_IO_ERROR_CANCELLED);
}

static void
expect_timed_out (Wait *wait, GIOCondition condition)
{
  g_autoptr (GError) error = NULL;
  gint64 began = g_get_monotonic_time ();

  g_assert_false (hvsock_wait (wait->channel, condition, hvsock_deadline_after (SHORT),
                               wait->cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpint (g_get_monotonic_time () - began, >=, SHORT * 1000);
}

static void
test_timed_out (void)
{
  g_auto (Wait) wait = { 0 };

  wait_init (&wait, FALSE);
  expect_timed_out (&wait, G_IO_IN);
}

/* Even though there is something to read. */
static void
test_time_only (void)
{
  g_auto (Wait) wait = { 0 };

  wait_init (&wait, FALSE);
  g_assert_cmpint (send (wait.peer, "a", 1, MSG_NOSIGNAL), ==, 1);
  expect_timed_out (&wait, 0);
}

/* A deadline that has passed is no obstacle to what is ready. */
static void
test_late_and_ready (void)
{
  g_auto (Wait) wait = { 0 };
  g_autoptr (GError) error = NULL;

  wait_init (&wait, FALSE);
  g_assert_cmpint (send (wait.peer, "a", 1, MSG_NOSIGNAL), ==, 1);
  g_assert_true (hvsock_wait (wait.channel, G_IO_IN, g_get_monotonic_time () - 1, NULL, &error));
  g_assert_no_error (error);
}

static gpointer
wait_when_exhausted (gpointer data)
{
  Wait *self = data;

  while (!g_atomic_int_get (&self->is_exhausted))
    g_thread_yield ();
  return wait_for_ever (data);
}

/* Threads are made before, since that needs descriptors. */
static ConformanceThread *
wait_without_descriptors (Wait *wait)
{
  ConformanceThread *thread = conformance_thread_new (wait_when_exhausted, wait);

  take_all_descriptors ();
  g_atomic_int_set (&wait->is_exhausted, TRUE);
  conformance_thread_wait_asleep (thread);
  return thread;
}

static void
test_exhausted_ready (void)
{
  g_auto (Wait) wait = { 0 };
  ConformanceThread *thread;

  wait_init (&wait, FALSE);
  thread = wait_without_descriptors (&wait);
  g_assert_cmpint (send (wait.peer, "a", 1, MSG_NOSIGNAL), ==, 1);
  g_assert_cmpint (join (thread), ==, -1);
  free_all_descriptors ();
}

static void
test_exhausted_cancelled (void)
{
  g_auto (Wait) wait = { 0 };
  ConformanceThread *thread;

  wait_init (&wait, TRUE);
  thread = wait_without_descriptors (&wait);
  g_cancellable_cancel (wait.cancellable);
  g_assert_cmpint (join (thread), ==, G_IO_ERROR_CANCELLED);
  free_all_descriptors ();
}

static void
test_exhausted_closed (void)
{
  g_auto (Wait) wait = { 0 };
  ConformanceThread *thread;

  wait_init (&wait, TRUE);
  thread = wait_without_descriptors (&wait);
  hvsock_channel_close (wait.channel);
  g_assert_cmpint (join (thread), ==, -1);
  free_all_descriptors ();
}

static void
test_exhausted_timed_out (void)
{
  g_auto (Wait) wait = { 0 };

  wait_init (&wait, FALSE);
  take_all_descriptors ();
  expect_timed_out (&wait, G_IO_IN);
  free_all_descriptors ();
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/wait/ready", test_ready);
  g_test_add_func ("/wait/failed", test_failed);
  g_test_add_data_func ("/wait/closed/connection", GINT_TO_POINTER (FALSE), test_closed);
  g_test_add_data_func ("/wait/closed/listener", GINT_TO_POINTER (TRUE), test_closed);
  g_test_add_func ("/wait/cancelled", test_cancelled);
  g_test_add_func ("/wait/timed-out", test_timed_out);
  g_test_add_func ("/wait/time-only", test_time_only);
  g_test_add_func ("/wait/late-and-ready", test_late_and_ready);
  g_test_add_func ("/wait/exhausted/ready", test_exhausted_ready);
  g_test_add_func ("/wait/exhausted/cancelled", test_exhausted_cancelled);
  g_test_add_func ("/wait/exhausted/closed", test_exhausted_closed);
  g_test_add_func ("/wait/exhausted/timed-out", test_exhausted_timed_out);

  return g_test_run ();
}
