/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* An asynchronous operation and its result, in place of a GTask, which was more than half of what a
 * read in a main loop cost beyond its system call. A stream has one operation at a time for each
 * direction, so it keeps this one for the next; and an operation that need not wait is called back
 * by the reactor in the same turn of the main loop, if there is one, instead of the next. */

#include "stream/hvsock-operation-private.h"

#include "base/hvsock-context-private.h"
#include "stream/hvsock-reactor-private.h"

struct _HvsockOperation
{
  GObject parent_instance;

  gpointer source; /* a reference unless a stream keeps this: that has one itself meanwhile */
  gboolean is_kept;

  GMainContext *context;
  int priority;
  GCancellable *cancellable;
  GAsyncReadyCallback callback;
  gpointer user_data;
  gpointer data;
  gboolean has_waited;
  gboolean is_finished; /* its result was taken */
  int n_calls;          /* atomic: callbacks that have not returned yet */

  gssize number;
  gpointer object;
  GError *error;
};

static void async_result_iface_init (GAsyncResultIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (HvsockOperation,
                               hvsock_operation,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_RESULT, async_result_iface_init))

static gpointer
hvsock_operation_get_user_data (GAsyncResult *result)
{
  return HVSOCK_OPERATION (result)->user_data;
}

static GObject *
hvsock_operation_get_source_object (GAsyncResult *result)
{
  HvsockOperation *self = HVSOCK_OPERATION (result);

  return self->source == NULL ? NULL : g_object_ref (self->source);
}

static void
async_result_iface_init (GAsyncResultIface *iface)
{
  iface->get_user_data = hvsock_operation_get_user_data;
  iface->get_source_object = hvsock_operation_get_source_object;
}

static void
clear_result (HvsockOperation *self)
{
  g_clear_object (&self->object);
  g_clear_error (&self->error);
}

static void
hvsock_operation_finalize (GObject *object)
{
  HvsockOperation *self = HVSOCK_OPERATION (object);

  clear_result (self);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->context, g_main_context_unref);
  if (!self->is_kept)
    g_clear_object (&self->source);
  G_OBJECT_CLASS (hvsock_operation_parent_class)->finalize (object);
}

static void
hvsock_operation_class_init (HvsockOperationClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = hvsock_operation_finalize;
}

static void
hvsock_operation_init (HvsockOperation *self)
{
}

static void
begin (HvsockOperation *self,
       int priority,
       GCancellable *cancellable,
       GAsyncReadyCallback callback,
       gpointer user_data)
{
  clear_result (self);
  if (cancellable != NULL)
    self->cancellable = g_object_ref (cancellable);
  self->context = g_main_context_ref_thread_default ();
  self->priority = priority;
  self->callback = callback;
  self->user_data = user_data;
  self->has_waited = FALSE;
  self->is_finished = FALSE;
}

/* Begins an operation of @source, which is kept alive. */
HvsockOperation *
hvsock_operation_new (gpointer source,
                      int priority,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  HvsockOperation *self = g_object_new (HVSOCK_TYPE_OPERATION, NULL);

  self->source = g_object_ref (source);
  begin (self, priority, cancellable, callback, user_data);
  return self;
}

/* Whether nobody has use for the last result any more. A callback that has taken its result may
 * well begin the next operation. */
static gboolean
is_free (HvsockOperation *self)
{
  const int n_others = self->is_finished ? g_atomic_int_get (&self->n_calls) : 0;

  return g_atomic_int_get ((int *) &G_OBJECT (self)->ref_count) == 1 + n_others;
}

/* Gives up what a stream keeps: whoever else still has it keeps the stream by it. Before the stream
 * is finalized it is too late for that. */
static void
let_go (HvsockOperation **kept, gpointer source)
{
  HvsockOperation *self = g_steal_pointer (kept);

  self->is_kept = FALSE;
  self->source = source == NULL ? NULL : g_object_ref (source);
  g_object_unref (self);
}

/* Likewise, for a @source that has one operation of a kind at a time, is alive while it is under
 * way, and keeps it in @kept. */
HvsockOperation *
hvsock_operation_renew (HvsockOperation **kept,
                        gpointer source,
                        int priority,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  if (*kept != NULL && !is_free (*kept))
    let_go (kept, source);
  if (*kept == NULL)
    {
      *kept = g_object_new (HVSOCK_TYPE_OPERATION, NULL);
      (*kept)->source = source;
      (*kept)->is_kept = TRUE;
    }
  begin (*kept, priority, cancellable, callback, user_data);
  return *kept;
}

/* When the source is finalized. */
void
hvsock_operation_give_up (HvsockOperation **kept)
{
  if (*kept != NULL)
    let_go (kept, NULL);
}

gpointer
hvsock_operation_get_source (HvsockOperation *self)
{
  return self->source;
}

/* What the implementation of the operation needs, and keeps alive. */
void
hvsock_operation_set_data (HvsockOperation *self, gpointer data)
{
  self->data = data;
}

gpointer
hvsock_operation_get_data (HvsockOperation *self)
{
  return self->data;
}

/* For a wait of @self, after which @ready is called. */
HvsockWaiter
hvsock_operation_wait (HvsockOperation *self, HvsockReadyFunc ready)
{
  const gboolean is_again = self->has_waited;

  self->has_waited = TRUE;
  return (HvsockWaiter){ self, ready, self->context, self->priority, self->cancellable, is_again };
}

gboolean
hvsock_operation_is_cancelled (HvsockOperation *self, GError **error)
{
  return g_cancellable_set_error_if_cancelled (self->cancellable, error);
}

/* The context is the thread's default meanwhile, as it is for a GTask: whoever runs it need not
 * have made it so, and the next operation is to be in the same. */
static void
call_back (gpointer operation, gboolean timed_out)
{
  HvsockOperation *self = operation;
  g_autoptr (GMainContext) context = g_steal_pointer (&self->context);
  gboolean has_entered;

  g_clear_object (&self->cancellable);
  if (self->callback == NULL)
    return;

  has_entered = hvsock_context_enter (context);
  g_atomic_int_inc (&self->n_calls);
  self->callback (self->source, G_ASYNC_RESULT (self), self->user_data);
  g_atomic_int_add (&self->n_calls, -1);
  hvsock_context_leave (context, has_entered);
}

/* Never within the call that has begun the operation: its caller does not expect that yet. */
static void
return_result (HvsockOperation *self)
{
  HvsockWaiter waiter;

  if (self->has_waited)
    {
      call_back (self, FALSE);
      return;
    }
  waiter = hvsock_operation_wait (self, call_back);
  hvsock_reactor_defer (&waiter);
}

/* Takes @error, and @number if that is %NULL. */
void
hvsock_operation_return (HvsockOperation *self, gssize number, GError *error)
{
  self->number = error == NULL ? number : -1;
  self->error = error;
  return_result (self);
}

/* Takes @object. */
void
hvsock_operation_return_object (HvsockOperation *self, gpointer object)
{
  self->object = object;
  return_result (self);
}

static HvsockOperation *
take_result (GAsyncResult *result, GError **error)
{
  HvsockOperation *self = HVSOCK_OPERATION (result);

  self->is_finished = TRUE;
  if (self->error != NULL)
    g_propagate_error (error, g_steal_pointer (&self->error));
  return self;
}

gssize
hvsock_operation_finish (GAsyncResult *result, gpointer source, GError **error)
{
  g_return_val_if_fail (HVSOCK_IS_OPERATION (result), -1);
  g_return_val_if_fail (HVSOCK_OPERATION (result)->source == source, -1);

  return take_result (result, error)->number;
}

gpointer
hvsock_operation_finish_object (GAsyncResult *result, gpointer source, GError **error)
{
  g_return_val_if_fail (HVSOCK_IS_OPERATION (result), NULL);
  g_return_val_if_fail (HVSOCK_OPERATION (result)->source == source, NULL);

  return g_steal_pointer (&take_result (result, error)->object);
}
