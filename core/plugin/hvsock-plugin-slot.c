/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The life of one plugin in one registry: found, then loaded once however many threads ask, then
 * probed until it is available. The plugin's code never runs under the lock of its slot. */

#include "plugin/hvsock-plugin-slot-private.h"

#include "plugin/hvsock-module-loader-private.h"
#include "plugin/hvsock-plugin-info-private.h"
#include "plugin/hvsock-probe-run-private.h"

#include <hvsock/hvsock-error.h>

struct _HvsockPluginSlot
{
  HvsockPluginInfo *info;

  /* The transport once a probe found it available: read without the lock. */
  HvsockTransport *available;

  GMutex lock;
  GCond loaded;
  gboolean is_loading;
  HvsockTransport *transport;
  HvsockProbeRun *run;
};

HvsockPluginSlot *
hvsock_plugin_slot_new (HvsockPluginInfo *info)
{
  HvsockPluginSlot *self = g_new0 (HvsockPluginSlot, 1);

  self->info = g_object_ref (info);
  g_mutex_init (&self->lock);
  g_cond_init (&self->loaded);
  return self;
}

void
hvsock_plugin_slot_free (HvsockPluginSlot *self)
{
  g_object_unref (self->info);
  g_clear_object (&self->transport);
  g_clear_pointer (&self->run, hvsock_probe_run_unref);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->loaded);
  g_free (self);
}

HvsockPluginInfo *
hvsock_plugin_slot_get_info (HvsockPluginSlot *self)
{
  return self->info;
}

/* The transport when it is loaded and known to be available, else %NULL. Costs no system call. */
HvsockTransport *
hvsock_plugin_slot_get_available (HvsockPluginSlot *self)
{
  return g_atomic_pointer_get (&self->available);
}

/* Called with the lock held and gives it up while the plugin's code runs. */
static void
load_unlocked (HvsockPluginSlot *self)
{
  const HvsockKeyFile *key_file = hvsock_plugin_info_get_key_file (self->info);
  g_autoptr (GError) error = NULL;
  HvsockTransport *transport;

  self->is_loading = TRUE;
  g_mutex_unlock (&self->lock);
  transport = hvsock_module_load (key_file, &error);
  g_mutex_lock (&self->lock);
  self->is_loading = FALSE;
  self->transport = transport;

  if (transport != NULL)
    hvsock_plugin_info_set_loaded (self->info);
  else
    hvsock_plugin_info_set_failed (self->info, error);

  g_cond_broadcast (&self->loaded);
}

static HvsockTransport *
load (HvsockPluginSlot *self, GError **error)
{
  HvsockTransport *transport;

  g_mutex_lock (&self->lock);
  while (self->is_loading)
    g_cond_wait (&self->loaded, &self->lock);

  if (hvsock_plugin_info_get_state (self->info) == HVSOCK_PLUGIN_STATE_FOUND)
    load_unlocked (self);

  transport = self->transport;
  g_mutex_unlock (&self->lock);

  if (transport == NULL)
    g_propagate_error (error, hvsock_plugin_info_dup_error (self->info));

  return transport;
}

/* A plugin that hangs keeps its one thread: nobody starts a second while the first has not come
 * back. */
static HvsockProbeRun *
join_run (HvsockPluginSlot *self, HvsockTransport *transport, guint timeout, GError **error)
{
  HvsockProbeRun *run = NULL;

  g_mutex_lock (&self->lock);
  if (self->run != NULL && hvsock_probe_run_is_over (self->run))
    g_clear_pointer (&self->run, hvsock_probe_run_unref);

  if (self->run == NULL)
    self->run = hvsock_probe_run_start (transport, timeout, error);

  if (self->run != NULL)
    run = hvsock_probe_run_ref (self->run);
  g_mutex_unlock (&self->lock);

  return run;
}

static void
set_unavailable (HvsockPluginSlot *self, HvsockProbe *probe, GError **error)
{
  const char *remedy = hvsock_probe_get_remedy (probe);

  g_set_error (error, HVSOCK_ERROR, HVSOCK_ERROR_UNAVAILABLE,
               "transport '%s' is not available: %s%s%s", hvsock_plugin_info_get_name (self->info),
               hvsock_probe_get_reason (probe), remedy != NULL ? ": " : "",
               remedy != NULL ? remedy : "");
}

/* What the info tells of the plugin from now on, unless another probe has begun meanwhile. Who
 * asked may have given up; that is not about the plugin. */
static void
keep_outcome (HvsockPluginSlot *self,
              HvsockProbeRun *run,
              HvsockProbe *probe,
              const GError *failure)
{
  g_autoptr (GError) reason = NULL;

  if (probe != NULL && !hvsock_probe_is_available (probe))
    set_unavailable (self, probe, &reason);
  else if (g_error_matches (failure, HVSOCK_ERROR, HVSOCK_ERROR_UNAVAILABLE))
    reason = g_error_copy (failure);

  g_mutex_lock (&self->lock);
  if (self->run == run && (probe != NULL || reason != NULL))
    hvsock_plugin_info_set_unavailable (self->info, reason);
  g_mutex_unlock (&self->lock);
}

/* Loads the plugin when needed, and probes it, or joins a probe that is under way. A run that the
 * last caller gave up may answer nothing but that: it is waited for, and another one started. */
HvsockProbe *
hvsock_plugin_slot_probe (HvsockPluginSlot *self,
                          guint timeout,
                          gint64 deadline,
                          GCancellable *cancellable,
                          GError **error)
{
  HvsockTransport *transport = load (self, error);

  while (transport != NULL)
    {
      g_autoptr (HvsockProbe) probe = NULL;
      g_autoptr (GError) failure = NULL;
      g_autoptr (HvsockProbeRun) run = join_run (self, transport, timeout, error);

      if (run == NULL)
        return NULL;

      probe = hvsock_probe_run_wait (run, deadline, cancellable, &failure);
      if (probe != NULL && hvsock_probe_is_available (probe))
        g_atomic_pointer_set (&self->available, transport);
      else if (probe != NULL && hvsock_probe_run_is_given_up (run))
        continue;

      keep_outcome (self, run, probe, failure);
      if (probe == NULL)
        g_propagate_error (error, g_steal_pointer (&failure));
      return g_steal_pointer (&probe);
    }

  return NULL;
}

/* The transport, loaded and available. Fails with the error of loading, or with
 * %HVSOCK_ERROR_UNAVAILABLE. */
HvsockTransport *
hvsock_plugin_slot_require (HvsockPluginSlot *self,
                            guint timeout,
                            gint64 deadline,
                            GCancellable *cancellable,
                            GError **error)
{
  HvsockTransport *available = hvsock_plugin_slot_get_available (self);
  g_autoptr (HvsockProbe) probe = NULL;

  if (available != NULL)
    return available;

  probe = hvsock_plugin_slot_probe (self, timeout, deadline, cancellable, error);
  if (probe == NULL)
    return NULL;

  if (hvsock_probe_is_available (probe))
    return hvsock_plugin_slot_get_available (self);

  set_unavailable (self, probe, error);
  return NULL;
}
