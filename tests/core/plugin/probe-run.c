/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Tests of a probe in its own thread, which is private. The transport is a stand-in that answers
 * when the test opens its gate. */

#include "base/hvsock-deadline-private.h"
#include "plugin/hvsock-probe-run-private.h"

#include <hvsock/hvsock-error.h>

#include "waits.h"

#include <string.h>

typedef enum
{
  ANSWER_WHEN_OPEN,
  ANSWER_WHEN_CANCELLED,
  ANSWER_NOTHING,
} Manner;

typedef struct
{
  HvsockTransport parent_instance;

  Manner manner;
  GMutex lock;
  GCond changed;
  gboolean is_open;
} StandIn;

typedef struct
{
  HvsockTransportClass parent_class;
} StandInClass;

static GType stand_in_get_type (void);

G_DEFINE_TYPE (StandIn, stand_in, HVSOCK_TYPE_TRANSPORT)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StandIn, g_object_unref)

static void
cancelled_cb (GCancellable *cancellable, gpointer data)
{
  StandIn *self = data;

  g_mutex_lock (&self->lock);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

static gboolean
may_answer (StandIn *self, GCancellable *cancellable)
{
  return self->is_open ||
         (self->manner == ANSWER_WHEN_CANCELLED && g_cancellable_is_cancelled (cancellable));
}

static HvsockProbe *
stand_in_probe (HvsockTransport *transport, GCancellable *cancellable)
{
  StandIn *self = (StandIn *) transport;
  gulong handler;

  if (self->manner == ANSWER_NOTHING)
    return NULL;

  handler = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), self, NULL);
  g_mutex_lock (&self->lock);
  while (!may_answer (self, cancellable))
    g_cond_wait (&self->changed, &self->lock);
  g_mutex_unlock (&self->lock);
  g_cancellable_disconnect (cancellable, handler);

  return hvsock_probe_new_available (HVSOCK_FEATURE_STREAM);
}

static void
stand_in_class_init (StandInClass *klass)
{
  HVSOCK_TRANSPORT_CLASS (klass)->probe = stand_in_probe;
}

static void
stand_in_init (StandIn *self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
}

static StandIn *
stand_in_new (Manner manner, gboolean is_open)
{
  StandIn *self = g_object_new (stand_in_get_type (), "name", "stand-in", NULL);

  self->manner = manner;
  self->is_open = is_open;
  return self;
}

static void
stand_in_open (StandIn *self)
{
  g_mutex_lock (&self->lock);
  self->is_open = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

static HvsockProbeRun *
start (StandIn *stand_in, guint timeout)
{
  g_autoptr (GError) error = NULL;
  HvsockProbeRun *run = hvsock_probe_run_start (HVSOCK_TRANSPORT (stand_in), timeout, &error);

  g_assert_no_error (error);
  return run;
}

static void
wait_until_over (HvsockProbeRun *run)
{
  while (!hvsock_probe_run_is_over (run))
    g_thread_yield ();
}

static void
test_answers (void)
{
  g_autoptr (StandIn) stand_in = stand_in_new (ANSWER_WHEN_OPEN, TRUE);
  g_autoptr (HvsockProbeRun) run = start (stand_in, 60000);
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockProbe) probe = hvsock_probe_run_wait (run, HVSOCK_DEADLINE_NEVER, NULL, &error);
  g_autoptr (HvsockProbe) again = hvsock_probe_run_wait (run, HVSOCK_DEADLINE_NEVER, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (hvsock_probe_is_available (probe));
  g_assert_true (probe == again);
  g_assert_true (hvsock_probe_run_is_over (run));
  g_assert_false (hvsock_probe_run_is_given_up (run));
}

static gpointer
open_cb (gpointer data)
{
  stand_in_open (data);
  return NULL;
}

static void
test_no_limit (void)
{
  g_autoptr (StandIn) stand_in = stand_in_new (ANSWER_WHEN_OPEN, FALSE);
  g_autoptr (HvsockProbeRun) run = start (stand_in, 0);
  GThread *opener = g_thread_new ("open", open_cb, stand_in);
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockProbe) probe = hvsock_probe_run_wait (run, HVSOCK_DEADLINE_NEVER, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (probe);
  g_thread_join (opener);
}

/* Who comes when the time is over does not wait again, even once there is an answer. */
static void
test_late (void)
{
  g_autoptr (StandIn) stand_in = stand_in_new (ANSWER_WHEN_OPEN, FALSE);
  g_autoptr (HvsockProbeRun) run = start (stand_in, 1);

  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (hvsock_probe_run_wait (run, HVSOCK_DEADLINE_NEVER, NULL, &error));
      g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_UNAVAILABLE);
      g_assert_nonnull (strstr (error->message, "probe did not answer within 1 ms"));
      g_assert_nonnull (strstr (error->message, "'stand-in'"));
      g_assert_true (hvsock_probe_run_is_given_up (run));

      stand_in_open (stand_in);
      wait_until_over (run);
    }
}

/* A probe that heeds its cancellable is not left behind. */
static void
test_late_and_polite (void)
{
  g_autoptr (StandIn) stand_in = stand_in_new (ANSWER_WHEN_CANCELLED, FALSE);
  g_autoptr (HvsockProbeRun) run = start (stand_in, 1);
  g_autoptr (GError) error = NULL;

  g_assert_null (hvsock_probe_run_wait (run, HVSOCK_DEADLINE_NEVER, NULL, &error));
  g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_UNAVAILABLE);
  wait_until_over (run);
}

static void
test_no_answer (void)
{
  g_autoptr (StandIn) stand_in = stand_in_new (ANSWER_NOTHING, FALSE);
  g_autoptr (HvsockProbeRun) run = start (stand_in, 60000);
  g_autoptr (GError) error = NULL;

  g_assert_null (hvsock_probe_run_wait (run, HVSOCK_DEADLINE_NEVER, NULL, &error));
  g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_UNAVAILABLE);
}

typedef struct
{
  HvsockProbeRun *run;
  GCancellable *cancellable;
  GError *error;
} Waiter;

static gpointer
wait_cb (gpointer data)
{
  Waiter *waiter = data;

  return hvsock_probe_run_wait (waiter->run, HVSOCK_DEADLINE_NEVER, waiter->cancellable,
                                &waiter->error);
}

static void
test_cancelled_before (void)
{
  g_autoptr (StandIn) stand_in = stand_in_new (ANSWER_WHEN_CANCELLED, FALSE);
  g_autoptr (HvsockProbeRun) run = start (stand_in, 60000);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (hvsock_probe_run_wait (run, HVSOCK_DEADLINE_NEVER, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (hvsock_probe_run_is_given_up (run));
  wait_until_over (run);
}

static void
test_cancelled_during (void)
{
  g_autoptr (StandIn) stand_in = stand_in_new (ANSWER_WHEN_CANCELLED, FALSE);
  g_autoptr (HvsockProbeRun) run = start (stand_in, 60000);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Waiter waiter = { run, cancellable, NULL };
  ConformanceThread *thread = conformance_thread_new (wait_cb, &waiter);

  conformance_thread_wait_asleep (thread);
  g_cancellable_cancel (cancellable);
  g_assert_null (conformance_thread_join (thread));
  g_assert_error (waiter.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&waiter.error);
  wait_until_over (run);
}

/* One who gives up does not take the answer away from another who waits. */
static void
test_cancelled_by_one (void)
{
  g_autoptr (StandIn) stand_in = stand_in_new (ANSWER_WHEN_OPEN, FALSE);
  g_autoptr (HvsockProbeRun) run = start (stand_in, 60000);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (HvsockProbe) probe = NULL;
  Waiter hasty = { run, cancellable, NULL };
  Waiter patient = { run, NULL, NULL };
  ConformanceThread *patient_thread = conformance_thread_new (wait_cb, &patient);
  ConformanceThread *hasty_thread;

  /* One after the other: neither sleeps for the other's lock. */
  conformance_thread_wait_asleep (patient_thread);
  hasty_thread = conformance_thread_new (wait_cb, &hasty);
  conformance_thread_wait_asleep (hasty_thread);
  g_cancellable_cancel (cancellable);
  g_assert_null (conformance_thread_join (hasty_thread));
  g_assert_error (hasty.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&hasty.error);

  stand_in_open (stand_in);
  probe = conformance_thread_join (patient_thread);
  g_assert_no_error (patient.error);
  g_assert_true (hvsock_probe_is_available (probe));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/probe-run/answers", test_answers);
  g_test_add_func ("/probe-run/no-limit", test_no_limit);
  g_test_add_func ("/probe-run/late", test_late);
  g_test_add_func ("/probe-run/late-and-polite", test_late_and_polite);
  g_test_add_func ("/probe-run/no-answer", test_no_answer);
  g_test_add_func ("/probe-run/cancelled/before", test_cancelled_before);
  g_test_add_func ("/probe-run/cancelled/during", test_cancelled_during);
  g_test_add_func ("/probe-run/cancelled/by-one", test_cancelled_by_one);

  return g_test_run ();
}
