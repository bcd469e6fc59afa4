/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* One call of a transport's probe, in a thread of its own and with a deadline, for as many callers
 * as want its answer. It stands between plugin code, which may hang, and the rest of the process: a
 * hang costs one thread and a bounded wait. */

#include "plugin/hvsock-probe-run-private.h"

#include "base/hvsock-deadline-private.h"
#include "plugin/hvsock-worker-private.h"

#include <hvsock/hvsock-error.h>

struct _HvsockProbeRun
{
  gatomicrefcount references;
  HvsockTransport *transport;
  guint timeout;
  gint64 deadline;

  /* Asks the plugin to stop, once nobody waits for its answer any more. */
  GCancellable *giving_up;

  GMutex lock;
  GCond changed;
  guint waiters;
  gboolean is_over;
  gboolean is_late;
  HvsockProbe *probe;
};

HvsockProbeRun *
hvsock_probe_run_ref (HvsockProbeRun *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
hvsock_probe_run_unref (HvsockProbeRun *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;

  g_object_unref (self->transport);
  g_object_unref (self->giving_up);
  g_clear_object (&self->probe);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_free (self);
}

static gpointer
probe_cb (gpointer data)
{
  g_autoptr (HvsockProbeRun) self = data;
  g_autoptr (HvsockProbe) probe = hvsock_transport_probe (self->transport, self->giving_up);

  g_mutex_lock (&self->lock);
  self->is_over = TRUE;
  self->probe = g_steal_pointer (&probe);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);

  return NULL;
}

/* Starts the probe of @transport, which has @timeout milliseconds to answer, 0 for all the time. */
HvsockProbeRun *
hvsock_probe_run_start (HvsockTransport *transport, guint timeout, GError **error)
{
  g_autoptr (HvsockProbeRun) self = g_new0 (HvsockProbeRun, 1);

  g_atomic_ref_count_init (&self->references);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->transport = g_object_ref (transport);
  self->giving_up = g_cancellable_new ();
  self->timeout = timeout;
  self->deadline = hvsock_deadline_after (timeout);

  if (!hvsock_worker_start ("hvsock-probe", probe_cb, hvsock_probe_run_ref (self), error))
    {
      hvsock_probe_run_unref (self);
      return NULL;
    }

  return g_steal_pointer (&self);
}

/* Whether the plugin has answered, in time or not. Until then no other run should be started. */
gboolean
hvsock_probe_run_is_over (HvsockProbeRun *self)
{
  gboolean is_over;

  g_mutex_lock (&self->lock);
  is_over = self->is_over;
  g_mutex_unlock (&self->lock);

  return is_over;
}

/* Whether the plugin was asked to stop, so that an answer may say no more than that it did. */
gboolean
hvsock_probe_run_is_given_up (HvsockProbeRun *self)
{
  return g_cancellable_is_cancelled (self->giving_up);
}

static void
cancelled_cb (GCancellable *cancellable, gpointer data)
{
  HvsockProbeRun *self = data;

  g_mutex_lock (&self->lock);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

/* Waits until the run is over or late, or @deadline has passed, or @cancellable is cancelled.
 * Whether the run is of no use to anybody afterwards is returned. Call it with the lock held. */
static gboolean
wait_for_change (HvsockProbeRun *self, gint64 deadline, GCancellable *cancellable)
{
  const gint64 end = MIN (deadline, self->deadline);

  self->waiters++;
  while (!self->is_over && !hvsock_deadline_has_passed (end) &&
         !g_cancellable_is_cancelled (cancellable))
    if (end == HVSOCK_DEADLINE_NEVER)
      g_cond_wait (&self->changed, &self->lock);
    else
      g_cond_wait_until (&self->changed, &self->lock, end);
  self->is_late = self->is_late || (!self->is_over && hvsock_deadline_has_passed (self->deadline));
  self->waiters--;

  return !self->is_over && (self->is_late || self->waiters == 0);
}

static void
fail_without_probe (HvsockProbeRun *self, gboolean is_late, gboolean is_over, GError **error)
{
  const char *name = hvsock_transport_get_name (self->transport);

  if (is_late)
    g_set_error (error, HVSOCK_ERROR, HVSOCK_ERROR_UNAVAILABLE,
                 "transport '%s': probe did not answer within %u ms", name, self->timeout);
  else if (is_over)
    g_set_error (error, HVSOCK_ERROR, HVSOCK_ERROR_UNAVAILABLE,
                 "transport '%s': probe gave no answer", name);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                 "transport '%s': probe did not answer before the time was over", name);
}

/* Gives the plugin's answer. Fails with %HVSOCK_ERROR_UNAVAILABLE when it does not come in time,
 * which is counted from the start of the run, with %G_IO_ERROR_TIMED_OUT when @deadline comes
 * before that, and with %G_IO_ERROR_CANCELLED. */
HvsockProbe *
hvsock_probe_run_wait (HvsockProbeRun *self,
                       gint64 deadline,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (HvsockProbe) probe = NULL;
  gboolean is_late, is_over, is_useless;
  gulong handler = 0;

  /* Both calls may wait for a handler that takes the lock, so they are made without it. */
  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), self, NULL);

  g_mutex_lock (&self->lock);
  is_useless = wait_for_change (self, deadline, cancellable);
  is_late = self->is_late;
  is_over = self->is_over;
  if (!is_late)
    g_set_object (&probe, self->probe);
  g_mutex_unlock (&self->lock);

  g_cancellable_disconnect (cancellable, handler);
  if (is_useless)
    g_cancellable_cancel (self->giving_up);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  if (probe == NULL)
    fail_without_probe (self, is_late, is_over, error);

  return g_steal_pointer (&probe);
}
