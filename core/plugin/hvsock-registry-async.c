/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The registry's calls that do not block. What needs a plugin to be loaded or probed runs the
 * blocking call in a thread of its own; what is known is answered without one. */

#include "plugin/hvsock-registry-private.h"

#include "base/hvsock-deadline-private.h"
#include "plugin/hvsock-worker-private.h"

typedef struct
{
  char *uri;
  gint64 deadline;
  HvsockTransport *transport;
  HvsockAddress *address;
} Resolution;

static void
resolution_free (Resolution *self)
{
  g_free (self->uri);
  g_clear_object (&self->transport);
  g_clear_object (&self->address);
  g_free (self);
}

static void
run_in_thread (GTask *task, const char *name, GThreadFunc function)
{
  g_autoptr (GError) error = NULL;

  if (!hvsock_worker_start (name, function, g_object_ref (task), &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      g_object_unref (task);
    }
}

static gpointer
resolve_cb (gpointer data)
{
  g_autoptr (GTask) task = data;
  Resolution *resolution = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  resolution->transport = hvsock_registry_resolve_before (
      g_task_get_source_object (task), resolution->uri, resolution->deadline, &resolution->address,
      g_task_get_cancellable (task), &error);
  if (resolution->transport == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);

  return NULL;
}

/**
 * hvsock_registry_resolve_async:
 * @self: a registry
 * @uri: the URI of a service
 * @cancellable: (nullable): ends the wait for a probe with %G_IO_ERROR_CANCELLED
 * @callback: (scope async): called exactly once
 * @user_data: data for @callback
 *
 * Finds the transport that serves a URI, as [method@Registry.resolve] does.
 *
 * @callback runs in the thread-default main context of the caller. Once the first plugin of a
 * scheme is known to be available, no thread is used.
 *
 * Since: 1.0
 */
void
hvsock_registry_resolve_async (HvsockRegistry *self,
                               const char *uri,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_return_if_fail (HVSOCK_IS_REGISTRY (self));
  g_return_if_fail (uri != NULL);

  hvsock_registry_resolve_before_async (self, uri, HVSOCK_DEADLINE_NEVER, cancellable, callback,
                                        user_data);
}

/* Ended by hvsock_registry_resolve_finish() as well. Fails with %G_IO_ERROR_TIMED_OUT when a probe
 * has not answered by @deadline. */
void
hvsock_registry_resolve_before_async (HvsockRegistry *self,
                                      const char *uri,
                                      gint64 deadline,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (GError) error = NULL;
  Resolution *resolution;

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, hvsock_registry_resolve_async);
  if (g_task_return_error_if_cancelled (task))
    return;

  resolution = g_new0 (Resolution, 1);
  g_task_set_task_data (task, resolution, (GDestroyNotify) resolution_free);
  resolution->transport = hvsock_registry_try_resolve (self, uri, &resolution->address, &error);

  if (resolution->transport != NULL)
    g_task_return_boolean (task, TRUE);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    {
      resolution->uri = g_strdup (uri);
      resolution->deadline = deadline;
      run_in_thread (task, "hvsock-resolve", resolve_cb);
    }
}

/**
 * hvsock_registry_resolve_finish:
 * @self: a registry
 * @result: what the callback was given
 * @address: (out) (transfer full) (optional): return location for the address that the URI stands
 * for
 * @error: return location for an error
 *
 * Ends [method@Registry.resolve_async]. It may be called once for a result. The errors are those of
 * [method@Registry.resolve].
 *
 * Returns: (transfer full): the transport, or %NULL with @error set
 *
 * Since: 1.0
 */
HvsockTransport *
hvsock_registry_resolve_finish (HvsockRegistry *self,
                                GAsyncResult *result,
                                HvsockAddress **address,
                                GError **error)
{
  Resolution *resolution;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (address != NULL)
    *address = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;

  resolution = g_task_get_task_data (G_TASK (result));
  if (address != NULL)
    *address = g_steal_pointer (&resolution->address);

  return g_steal_pointer (&resolution->transport);
}

static gpointer
probe_cb (gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;
  HvsockProbe *probe =
      hvsock_registry_probe (g_task_get_source_object (task), g_task_get_task_data (task),
                             g_task_get_cancellable (task), &error);

  if (probe == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, probe, g_object_unref);

  return NULL;
}

/**
 * hvsock_registry_probe_async:
 * @self: a registry
 * @plugin: a plugin that @self listed
 * @cancellable: (nullable): ends the wait with %G_IO_ERROR_CANCELLED
 * @callback: (scope async): called exactly once
 * @user_data: data for @callback
 *
 * Finds out anew what a plugin's transport can do on this machine, as [method@Registry.probe] does.
 *
 * @callback runs in the thread-default main context of the caller.
 *
 * Since: 1.0
 */
void
hvsock_registry_probe_async (HvsockRegistry *self,
                             HvsockPluginInfo *plugin,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (HVSOCK_IS_REGISTRY (self));
  g_return_if_fail (hvsock_registry_has_plugin (self, plugin));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, hvsock_registry_probe_async);
  if (g_task_return_error_if_cancelled (task))
    return;

  g_task_set_task_data (task, g_object_ref (plugin), g_object_unref);
  run_in_thread (task, "hvsock-probe", probe_cb);
}

/**
 * hvsock_registry_probe_finish:
 * @self: a registry
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Registry.probe_async]. It may be called once for a result. The errors are those of
 * [method@Registry.probe].
 *
 * Returns: (transfer full): the probe, or %NULL with @error set
 *
 * Since: 1.0
 */
HvsockProbe *
hvsock_registry_probe_finish (HvsockRegistry *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
