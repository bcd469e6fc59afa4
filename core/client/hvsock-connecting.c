/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* From a URI to a connection, with one deadline over all that it takes: find the transport, resolve
 * the name, connect, and where that was asked for, try again. */

#include "client/hvsock-client-private.h"

#include "base/hvsock-context-private.h"
#include "base/hvsock-deadline-private.h"
#include "plugin/hvsock-registry-private.h"
#include "stream/hvsock-transport-private.h"

HvsockConnecting *
hvsock_connecting_new (HvsockClient *client, const char *uri)
{
  HvsockConnecting *self = g_new0 (HvsockConnecting, 1);

  self->registry = g_object_ref (hvsock_client_get_registry (client));
  self->uri = g_strdup (uri);
  self->timeout = hvsock_client_get_timeout (client);
  self->is_timeout_chosen = hvsock_client_has_chosen_timeout (client);
  self->retry_interval = hvsock_client_get_retry_interval (client);
  self->deadline = hvsock_deadline_after (self->timeout);
  return self;
}

void
hvsock_connecting_free (HvsockConnecting *self)
{
  g_clear_object (&self->registry);
  g_clear_object (&self->transport);
  g_clear_object (&self->address);
  g_clear_error (&self->obstacle);
  g_free (self->uri);
  g_free (self);
}

/* Worth a retry is what a service that has not started yet looks like: nobody listens, no socket
 * file, no such VM. */
static gboolean
is_worth_a_retry (HvsockConnecting *self, const GError *failure)
{
  return self->retry_interval != 0 &&
         (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED) ||
          g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) ||
          g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE));
}

/* How long to pause before the next attempt in milliseconds, or 0 if @failure is final. When the
 * deadline comes first, in the pause or in the attempt after it, @failure becomes that, and tells
 * what was in the way until then. */
static guint
plan_retry (HvsockConnecting *self, GError **failure)
{
  const gboolean has_time = !hvsock_deadline_has_passed (self->deadline);
  const guint remaining = hvsock_deadline_get_remaining (self->deadline);

  if (is_worth_a_retry (self, *failure))
    {
      g_clear_error (&self->obstacle);
      self->obstacle = g_steal_pointer (failure);
      if (has_time)
        return remaining == 0 ? self->retry_interval : MIN (remaining, self->retry_interval);
    }
  else if (has_time || self->obstacle == NULL ||
           !g_error_matches (*failure, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return 0;

  g_clear_error (failure);
  g_set_error (failure, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "no success within %u ms: %s",
               self->timeout, self->obstacle->message);
  return 0;
}

/* How long the next attempt may take, in milliseconds, 0 for ever. Where silence is the only
 * refusal there is, it is waited for until the deadline if the application has chosen that; unless
 * it wants several attempts. */
static guint
plan_attempt (HvsockConnecting *self)
{
  const guint remaining = hvsock_deadline_get_remaining (self->deadline);
  const guint refusal = HVSOCK_TRANSPORT_GET_CLASS (self->transport)->refusal_timeout;

  self->awaits_refusal = refusal != 0 && (remaining == 0 || remaining > refusal) &&
                         (!self->is_timeout_chosen || self->retry_interval != 0);
  return self->awaits_refusal ? refusal : remaining;
}

static void
note_refusal (HvsockConnecting *self, GError *failure)
{
  if (self->awaits_refusal && g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    failure->code = G_IO_ERROR_CONNECTION_REFUSED;
}

static HvsockConnection *
connect_once (HvsockConnecting *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (HvsockAddress) resolved =
      hvsock_transport_resolve (self->transport, self->address,
                                hvsock_deadline_get_remaining (self->deadline), cancellable, error);
  g_autoptr (GError) failure = NULL;
  HvsockConnection *connection;

  if (resolved == NULL)
    return NULL;

  connection = hvsock_transport_connect (self->transport, resolved, plan_attempt (self),
                                         cancellable, &failure);
  if (connection == NULL)
    {
      note_refusal (self, failure);
      g_propagate_error (error, g_steal_pointer (&failure));
    }
  return hvsock_framing_wrap_connection (self->transport, self->address, connection);
}

typedef struct
{
  GMutex lock;
  GCond cancelled;
} Pause;

static void
cancelled_cb (GCancellable *cancellable, gpointer pause)
{
  Pause *self = pause;

  g_mutex_lock (&self->lock);
  g_cond_signal (&self->cancelled);
  g_mutex_unlock (&self->lock);
}

/* To poll for a cancellation would need a descriptor, and GLib ends the process when there is none.
 */
static void
pause_for (guint milliseconds, GCancellable *cancellable)
{
  const gint64 end = hvsock_deadline_after (milliseconds);
  gulong id = 0;
  Pause self;

  g_mutex_init (&self.lock);
  g_cond_init (&self.cancelled);
  if (cancellable != NULL)
    id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), &self, NULL);

  g_mutex_lock (&self.lock);
  while (!g_cancellable_is_cancelled (cancellable) &&
         g_cond_wait_until (&self.cancelled, &self.lock, end))
    continue;
  g_mutex_unlock (&self.lock);

  g_cancellable_disconnect (cancellable, id);
  g_cond_clear (&self.cancelled);
  g_mutex_clear (&self.lock);
}

HvsockConnection *
hvsock_connecting_run (HvsockConnecting *self, GCancellable *cancellable, GError **error)
{
  self->transport = hvsock_registry_resolve_before (self->registry, self->uri, self->deadline,
                                                    &self->address, cancellable, error);
  if (self->transport == NULL)
    return NULL;

  for (;;)
    {
      g_autoptr (GError) failure = NULL;
      HvsockConnection *connection = connect_once (self, cancellable, &failure);
      guint pause;

      if (connection != NULL)
        return connection;

      pause = plan_retry (self, &failure);
      if (pause == 0)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return NULL;
        }
      pause_for (pause, cancellable);
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
    }
}

static void resolve_address (HvsockConnecting *self, GTask *task);

/* A source does not bring its context with it, where the next attempt is to begin. */
static gboolean
retry_cb (gpointer user_data)
{
  GTask *task = user_data;
  g_autoptr (GMainContext) context = g_main_context_ref (g_task_get_context (task));
  const gboolean has_entered = hvsock_context_enter (context);

  if (!g_task_return_error_if_cancelled (task))
    resolve_address (g_task_get_task_data (task), task);
  hvsock_context_leave (context, has_entered);
  return G_SOURCE_REMOVE;
}

static void
retry_after (GTask *task, guint milliseconds)
{
  g_autoptr (GSource) pause = g_timeout_source_new (milliseconds);

  if (g_task_get_cancellable (task) != NULL)
    {
      g_autoptr (GSource) cancelled = g_cancellable_source_new (g_task_get_cancellable (task));

      g_source_set_dummy_callback (cancelled);
      g_source_add_child_source (pause, cancelled);
    }
  g_task_attach_source (task, pause, retry_cb);
}

static void
fail_or_retry (HvsockConnecting *self, GTask *task, GError *failure)
{
  guint pause = plan_retry (self, &failure);

  if (pause == 0)
    {
      g_task_return_error (task, failure);
      return;
    }

  retry_after (task, pause);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  HvsockConnecting *self = g_task_get_task_data (task);
  GError *error = NULL;
  HvsockConnection *connection = hvsock_framing_wrap_connection (
      self->transport, self->address,
      hvsock_transport_connect_finish (HVSOCK_TRANSPORT (source), result, &error));

  if (connection != NULL)
    {
      g_task_return_pointer (task, connection, g_object_unref);
      return;
    }

  note_refusal (self, error);
  fail_or_retry (self, task, error);
}

static void
connect_address (HvsockConnecting *self, GTask *task, HvsockAddress *address)
{
  hvsock_transport_connect_async (self->transport, address, plan_attempt (self),
                                  g_task_get_cancellable (task), connected_cb, g_object_ref (task));
}

static void
address_resolved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  HvsockConnecting *self = g_task_get_task_data (task);
  g_autoptr (HvsockAddress) resolved = NULL;
  GError *error = NULL;

  resolved = hvsock_transport_resolve_finish (HVSOCK_TRANSPORT (source), result, &error);
  if (resolved == NULL)
    fail_or_retry (self, task, error);
  else
    connect_address (self, task, resolved);
}

static void
resolve_address (HvsockConnecting *self, GTask *task)
{
  if (!hvsock_transport_has_name (self->transport, self->address))
    connect_address (self, task, self->address);
  else
    hvsock_transport_resolve_async (
        self->transport, self->address, hvsock_deadline_get_remaining (self->deadline),
        g_task_get_cancellable (task), address_resolved_cb, g_object_ref (task));
}

static void
transport_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  HvsockConnecting *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->transport =
      hvsock_registry_resolve_finish (HVSOCK_REGISTRY (source), result, &self->address, &error);
  if (self->transport == NULL)
    g_task_return_error (task, error);
  else
    resolve_address (self, task);
}

/* Finishes @task, whose data is @self, with a connection. Each callback costs a turn of the main
 * loop, so what is known without one is not asked for by one. */
void
hvsock_connecting_start (HvsockConnecting *self, GTask *task)
{
  if (g_task_return_error_if_cancelled (task))
    return;

  self->transport = hvsock_registry_try_resolve (self->registry, self->uri, &self->address, NULL);
  if (self->transport != NULL)
    resolve_address (self, task);
  else
    hvsock_registry_resolve_before_async (self->registry, self->uri, self->deadline,
                                          g_task_get_cancellable (task), transport_found_cb,
                                          g_object_ref (task));
}
