/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* One attempt to connect to a URI, step by step: what HvsockClient does in one call, taken apart so
 * that it can be told how far it got and where the time went. */

#include "hvsock-probe-attempt.h"

#include "hvsock-probe-service.h"

typedef struct
{
  ProbeStep *step;
  guint timeout;
  gint64 deadline; /* in microseconds, 0 for none */
  gint64 start;
} Clock;

static void
clock_start (Clock *self, ProbeStep *step)
{
  self->step = step;
  self->start = g_get_monotonic_time ();
}

static gboolean
clock_stop (Clock *self, gboolean is_done)
{
  self->step->duration = g_get_monotonic_time () - self->start;
  self->step->state = is_done ? PROBE_STEP_DONE : PROBE_STEP_FAILED;
  return is_done;
}

/* Gives what is left in milliseconds, 0 for no limit. Fails the step when that is nothing. */
static gboolean
clock_has_time (const Clock *self, guint *remaining, ProbeAttempt *attempt)
{
  gint64 left = self->deadline - self->start;

  *remaining = self->deadline == 0 ? 0 : (guint) MAX ((left + 999) / 1000, 1);
  if (self->deadline == 0 || left > 0)
    return TRUE;

  g_set_error (&attempt->error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
               "cannot connect to '%s': the steps before took all of %u ms", attempt->uri,
               self->timeout);
  return FALSE;
}

/* The registry has a limit of its own for a plugin that does not answer. */
static void
limit_probes (HvsockRegistry *registry, guint timeout)
{
  guint limit;

  g_object_get (registry, "probe-timeout", &limit, NULL);
  if (timeout != 0 && (limit == 0 || timeout < limit))
    g_object_set (registry, "probe-timeout", timeout, NULL);
}

/* Loads and asks the plugins of the scheme, so that it does not count for the next step. A URI that
 * has no scheme fails in that one. */
static gboolean
find_plugin (ProbeAttempt *self, Clock *clock, HvsockRegistry *registry)
{
  ProbeStep *step = &self->steps[PROBE_STEP_PLUGIN];
  g_autofree char *scheme = g_uri_parse_scheme (self->uri);
  g_autoptr (HvsockTransport) transport = NULL;

  if (scheme == NULL)
    return TRUE;

  clock_start (clock, step);
  transport = hvsock_registry_lookup (registry, scheme, NULL, &self->error);
  if (transport != NULL)
    step->result = g_strdup (hvsock_transport_get_name (transport));
  return clock_stop (clock, transport != NULL);
}

/* Another plugin of the scheme serves when the first does not take the URI. */
static HvsockTransport *
parse (ProbeAttempt *self, Clock *clock, HvsockRegistry *registry, HvsockAddress **address)
{
  ProbeStep *plugin = &self->steps[PROBE_STEP_PLUGIN];
  ProbeStep *step = &self->steps[PROBE_STEP_PARSE];
  HvsockTransport *transport;

  clock_start (clock, step);
  transport = hvsock_registry_resolve (registry, self->uri, address, NULL, &self->error);
  if (transport != NULL)
    {
      step->result = hvsock_address_to_uri (*address);
      g_free (plugin->result);
      plugin->result = g_strdup (hvsock_transport_get_name (transport));
    }
  clock_stop (clock, transport != NULL);
  return transport;
}

static HvsockAddress *
resolve (ProbeAttempt *self, Clock *clock, HvsockTransport *transport, HvsockAddress *address)
{
  ProbeStep *step = &self->steps[PROBE_STEP_RESOLVE];
  HvsockAddress *resolved = NULL;
  guint remaining;

  clock_start (clock, step);
  if (clock_has_time (clock, &remaining, self))
    resolved = hvsock_transport_resolve (transport, address, remaining, NULL, &self->error);
  if (resolved != NULL && resolved != address)
    step->result = hvsock_address_to_uri (resolved);
  clock_stop (clock, resolved != NULL);
  return resolved;
}

/* From here on the peer's answer is awaited. */
static void
handshake_cb (HvsockTransport *transport, HvsockAddress *address, Clock *clock)
{
  ProbeStep *connect = clock->step;

  clock_stop (clock, TRUE);
  clock_start (clock, connect + 1);
}

/* What the transport sends first has been sent; nothing is waited for, and the end is told. */
static void
connect_to (ProbeAttempt *self, Clock *clock, HvsockTransport *transport, HvsockAddress *address)
{
  g_autoptr (HvsockConnection) connection = NULL;
  gulong handler = g_signal_connect (transport, "handshake", G_CALLBACK (handshake_cb), clock);
  ProbeStep *handshake = &self->steps[PROBE_STEP_HANDSHAKE];
  guint remaining;

  clock_start (clock, &self->steps[PROBE_STEP_CONNECT]);
  if (clock_has_time (clock, &remaining, self))
    connection = hvsock_transport_connect (transport, address, remaining, NULL, &self->error);
  if (clock_stop (clock, connection != NULL) && clock->step != handshake)
    handshake->state = PROBE_STEP_NONE;
  g_signal_handler_disconnect (transport, handler);
}

static void
run_steps (ProbeAttempt *self, Clock *clock, HvsockRegistry *registry)
{
  g_autoptr (HvsockTransport) transport = NULL;
  g_autoptr (HvsockAddress) address = NULL;
  g_autoptr (HvsockAddress) resolved = NULL;

  if (!find_plugin (self, clock, registry))
    return;
  transport = parse (self, clock, registry, &address);
  if (transport == NULL)
    return;
  resolved = resolve (self, clock, transport, address);
  if (resolved != NULL)
    connect_to (self, clock, transport, resolved);
}

/* A @timeout in milliseconds, 0 for none, is for all steps together. */
void
probe_attempt_run (ProbeAttempt *self, HvsockRegistry *registry, const char *uri, guint timeout)
{
  Clock clock = { .timeout = timeout };

  *self = (ProbeAttempt){
    .uri = uri,
    .steps = { { "plugin" }, { "parse" }, { "resolve" }, { "connect" }, { "handshake" } },
  };
  if (timeout != 0)
    clock.deadline = g_get_monotonic_time () + (gint64) timeout * 1000;
  limit_probes (registry, timeout);
  run_steps (self, &clock, registry);
  if (self->error != NULL)
    self->remedy = probe_service_dup_remedy (uri);
}

void
probe_attempt_clear (ProbeAttempt *self)
{
  for (guint i = 0; i < PROBE_N_STEPS; i++)
    g_free (self->steps[i].result);
  g_clear_error (&self->error);
  g_clear_pointer (&self->remedy, g_free);
}

/* NULL if the attempt succeeded. */
const ProbeStep *
probe_attempt_get_failed_step (const ProbeAttempt *self)
{
  for (guint i = 0; i < PROBE_N_STEPS; i++)
    {
      if (self->steps[i].state == PROBE_STEP_FAILED)
        return &self->steps[i];
    }
  return NULL;
}

const char *
probe_step_get_state (const ProbeStep *self)
{
  static const char *const states[] = { "not tried", "done", "failed", "none" };

  return states[self->state];
}
