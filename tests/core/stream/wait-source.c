/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* How tasks are parked until their descriptors are ready, and each thing that wakes them. */

#include "stream/hvsock-wait-source-private.h"

#include "ends.h"
#include "waits.h"

#include <unistd.h>

/* In milliseconds. Tests wait for it, so it is short. */
#define SHORT 5

typedef struct
{
  HvsockChannel *channel;
  int fd;
  int peer;
} Pair;

static void
pair_init (Pair *self, gboolean is_listener)
{
  g_autoptr (GError) error = NULL;
  int fds[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
  self->channel =
      is_listener ? hvsock_channel_new_for_listener (fds[0], &error) : hvsock_channel_new (fds[0]);
  g_assert_no_error (error);
  self->fd = fds[0];
  self->peer = fds[1];
}

static void
pair_clear (Pair *self)
{
  g_clear_pointer (&self->channel, hvsock_channel_unref);
  close (self->peer);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pair, pair_clear)

static void
pair_make_ready (Pair *self)
{
  g_assert_cmpint (send (self->peer, "a", 1, MSG_NOSIGNAL), ==, 1);
}

/* The task's data is the main context that it is to be in. */
static void
ready_cb (gpointer task, gboolean timed_out)
{
  g_assert_true (g_main_context_is_owner (g_task_get_task_data (task)));
  g_task_return_int (task, timed_out);
}

typedef struct
{
  GCancellable *cancellable;
  GMainContext *context;
  GAsyncResult *result;
  GPtrArray *order; /* where each adds itself when it is done, if that is wanted */
} Parked;

static void
parked_init (Parked *self)
{
  self->cancellable = g_cancellable_new ();
  self->context = g_main_context_ref_thread_default ();
}

static void
parked_clear (Parked *self)
{
  g_clear_object (&self->cancellable);
  g_clear_object (&self->result);
  g_main_context_unref (self->context);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Parked, parked_clear)

static void
parked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Parked *self = data;

  conformance_result_cb (source, result, &self->result);
  if (self->order != NULL)
    g_ptr_array_add (self->order, self);
}

static void
park (Parked *self, Pair *pair, GIOCondition condition, guint timeout, int priority)
{
  g_autoptr (GTask) task = g_task_new (NULL, self->cancellable, parked_cb, self);
  HvsockWaiter waiter;

  g_task_set_priority (task, priority);
  g_task_set_task_data (task, g_main_context_ref (self->context),
                        (GDestroyNotify) g_main_context_unref);
  waiter = hvsock_waiter_for_task (task, ready_cb);
  hvsock_wait_source_park (pair->channel, condition, timeout, &waiter);
}

static void
expect (Parked *self, gboolean timed_out)
{
  g_autoptr (GError) error = NULL;

  conformance_wait (&self->result);
  g_assert_cmpint (g_task_propagate_int (G_TASK (self->result), &error), ==, timed_out);
  g_assert_no_error (error);
}

static void
test_ready (void)
{
  g_auto (Pair) pair = { 0 };
  g_auto (Parked) parked = { 0 };

  pair_init (&pair, FALSE);
  parked_init (&parked);
  park (&parked, &pair, G_IO_IN, 0, G_PRIORITY_DEFAULT);
  conformance_turn ();
  g_assert_null (parked.result);
  pair_make_ready (&pair);
  expect (&parked, FALSE);
}

static void
test_timed_out (void)
{
  g_auto (Pair) pair = { 0 };
  g_auto (Parked) parked = { 0 };

  pair_init (&pair, FALSE);
  parked_init (&parked);
  park (&parked, &pair, G_IO_IN, SHORT, G_PRIORITY_DEFAULT);
  expect (&parked, TRUE);
}

/* Even though there is something to read. */
static void
test_time_only (void)
{
  g_auto (Pair) pair = { 0 };
  g_auto (Parked) parked = { 0 };
  gint64 began = g_get_monotonic_time ();

  pair_init (&pair, FALSE);
  parked_init (&parked);
  pair_make_ready (&pair);
  park (&parked, &pair, 0, SHORT, G_PRIORITY_DEFAULT);
  expect (&parked, TRUE);
  g_assert_cmpint (g_get_monotonic_time () - began, >=, SHORT * 1000);
}

/* It is ready, and its time has passed, when the main context looks. */
static void
test_late_and_ready (void)
{
  g_auto (Pair) pair = { 0 };
  g_auto (Parked) parked = { 0 };
  gint64 end;

  pair_init (&pair, FALSE);
  parked_init (&parked);
  pair_make_ready (&pair);
  park (&parked, &pair, G_IO_IN, SHORT, G_PRIORITY_DEFAULT);
  end = g_get_monotonic_time () + SHORT * 1000;
  while (g_get_monotonic_time () <= end)
    g_thread_yield ();
  expect (&parked, FALSE);
}

static void
test_closed (void)
{
  g_auto (Pair) pair = { 0 };
  g_auto (Parked) waiting = { 0 };
  g_auto (Parked) timed = { 0 };
  g_auto (Parked) later = { 0 };

  pair_init (&pair, FALSE);
  parked_init (&waiting);
  parked_init (&timed);
  parked_init (&later);
  park (&waiting, &pair, G_IO_IN, 0, G_PRIORITY_DEFAULT);
  park (&timed, &pair, G_IO_OUT, G_MAXINT, G_PRIORITY_DEFAULT);
  hvsock_channel_close (pair.channel);
  g_assert_true (is_open (pair.fd));
  expect (&waiting, FALSE);
  expect (&timed, FALSE);
  g_assert_false (is_open (pair.fd));

  park (&later, &pair, G_IO_IN, G_MAXINT, G_PRIORITY_DEFAULT);
  expect (&later, FALSE);
}

/* A listener's socket is not shut down. */
static void
test_closed_listener (void)
{
  g_auto (Pair) pair = { 0 };
  g_auto (Parked) waiting = { 0 };
  g_auto (Parked) timed = { 0 };

  pair_init (&pair, TRUE);
  parked_init (&waiting);
  parked_init (&timed);
  park (&waiting, &pair, G_IO_IN, 0, G_PRIORITY_DEFAULT);
  park (&timed, &pair, 0, G_MAXINT, G_PRIORITY_DEFAULT);
  conformance_turn ();
  g_assert_null (waiting.result);
  hvsock_channel_close (pair.channel);
  expect (&waiting, FALSE);
  expect (&timed, FALSE);
  g_assert_false (is_open (pair.fd));
}

static void
closing_cb (gpointer task, gboolean timed_out)
{
  Pair *pair = g_task_get_task_data (task);

  hvsock_channel_close (pair->channel);
  g_task_return_boolean (task, !is_open (pair->fd));
}

/* Who is called finds that nothing but itself keeps the descriptor open. */
static void
test_over_when_called (gconstpointer is_listener)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GTask) task = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  HvsockWaiter waiter;

  pair_init (&pair, GPOINTER_TO_INT (is_listener));
  task = g_task_new (NULL, NULL, conformance_result_cb, &result);
  g_task_set_task_data (task, &pair, NULL);
  waiter = hvsock_waiter_for_task (task, closing_cb);
  hvsock_wait_source_park (pair.channel, G_IO_IN, 0, &waiter);
  pair_make_ready (&pair);
  conformance_wait (&result);
  g_assert_true (g_task_propagate_boolean (task, NULL));
}

static void
test_cancelled (void)
{
  g_auto (Pair) pair = { 0 };
  g_auto (Parked) parked = { 0 };
  g_autoptr (GError) error = NULL;

  pair_init (&pair, FALSE);
  parked_init (&parked);
  park (&parked, &pair, G_IO_IN, 0, G_PRIORITY_DEFAULT);
  conformance_turn ();
  g_cancellable_cancel (parked.cancellable);
  conformance_wait (&parked.result);
  g_assert_cmpint (g_task_propagate_int (G_TASK (parked.result), &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_priority (void)
{
  static const int priorities[] = { G_PRIORITY_LOW, G_PRIORITY_HIGH, G_PRIORITY_DEFAULT };
  static const guint expected[] = { 1, 2, 0 };
  g_autoptr (GPtrArray) order = g_ptr_array_new ();
  Pair pairs[3];
  Parked parked[3] = { { 0 } };

  for (guint i = 0; i < 3; i++)
    {
      pair_init (&pairs[i], FALSE);
      parked_init (&parked[i]);
      parked[i].order = order;
      park (&parked[i], &pairs[i], G_IO_IN, 0, priorities[i]);
    }
  for (guint i = 0; i < 3; i++)
    pair_make_ready (&pairs[i]);
  while (order->len < 3)
    g_main_context_iteration (NULL, TRUE);

  for (guint i = 0; i < 3; i++)
    {
      g_assert_true (g_ptr_array_index (order, i) == &parked[expected[i]]);
      parked_clear (&parked[i]);
      pair_clear (&pairs[i]);
    }
}

/* Only the context that the task was made in wakes it. */
static void
test_context (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_auto (Pair) pair = { 0 };
  g_auto (Parked) parked = { 0 };

  pair_init (&pair, FALSE);
  g_main_context_push_thread_default (context);
  parked_init (&parked);
  park (&parked, &pair, G_IO_IN, 0, G_PRIORITY_DEFAULT);
  g_main_context_pop_thread_default (context);
  pair_make_ready (&pair);
  conformance_turn ();
  g_assert_null (parked.result);

  g_main_context_push_thread_default (context);
  expect (&parked, FALSE);
  g_main_context_pop_thread_default (context);
}

/* As long as nobody runs the main context, the number of the descriptor stays taken. */
static void
test_closed_context_idle (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_auto (Pair) pair = { 0 };
  g_auto (Parked) parked = { 0 };

  pair_init (&pair, FALSE);
  g_main_context_push_thread_default (context);
  parked_init (&parked);
  park (&parked, &pair, G_IO_IN, 0, G_PRIORITY_DEFAULT);
  hvsock_channel_close (pair.channel);
  g_assert_true (is_open (pair.fd));
  expect (&parked, FALSE);
  g_main_context_pop_thread_default (context);
  g_assert_false (is_open (pair.fd));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/wait-source/ready", test_ready);
  g_test_add_func ("/wait-source/timed-out", test_timed_out);
  g_test_add_func ("/wait-source/time-only", test_time_only);
  g_test_add_func ("/wait-source/late-and-ready", test_late_and_ready);
  g_test_add_func ("/wait-source/closed/connection", test_closed);
  g_test_add_func ("/wait-source/closed/listener", test_closed_listener);
  g_test_add_data_func ("/wait-source/over-when-called/connection", GINT_TO_POINTER (FALSE),
                        test_over_when_called);
  g_test_add_data_func ("/wait-source/over-when-called/listener", GINT_TO_POINTER (TRUE),
                        test_over_when_called);
  g_test_add_func ("/wait-source/cancelled", test_cancelled);
  g_test_add_func ("/wait-source/priority", test_priority);
  g_test_add_func ("/wait-source/context", test_context);
  g_test_add_func ("/wait-source/closed/context-idle", test_closed_context_idle);

  return g_test_run ();
}
