/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What a listener gets from its base class: one that can no more than accept(), or than
 * accept_async(), or neither. */

#include "no-connection.h"
#include "waits.h"

/* It hands out what a test puts into its queue: connections and errors. */
typedef struct
{
  HvsockListener parent_instance;

  GAsyncQueue *queue;
  GThread *accepted_in;
  guint n_closed;
} QueueListener;

typedef HvsockListenerClass QueueListenerClass;

GType queue_listener_get_type (void);
G_DEFINE_TYPE (QueueListener, queue_listener, HVSOCK_TYPE_LISTENER)

static HvsockConnection *
queue_listener_accept (HvsockListener *listener, GCancellable *cancellable, GError **error)
{
  QueueListener *self = (QueueListener *) listener;
  gpointer item;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  self->accepted_in = g_thread_self ();
  item = g_async_queue_pop (self->queue);
  if (G_TYPE_CHECK_INSTANCE_TYPE (item, HVSOCK_TYPE_CONNECTION))
    return item;

  g_clear_object (&item);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "the queue is out of order");
  return NULL;
}

static void
queue_listener_close (HvsockListener *listener)
{
  ((QueueListener *) listener)->n_closed++;
}

static void
queue_listener_finalize (GObject *object)
{
  g_async_queue_unref (((QueueListener *) object)->queue);
  G_OBJECT_CLASS (queue_listener_parent_class)->finalize (object);
}

static void
queue_listener_class_init (QueueListenerClass *klass)
{
  klass->accept = queue_listener_accept;
  klass->close = queue_listener_close;
  G_OBJECT_CLASS (klass)->finalize = queue_listener_finalize;
}

static void
queue_listener_init (QueueListener *self)
{
  self->queue = g_async_queue_new_full (g_object_unref);
}

static HvsockListener *
queue_listener_new (void)
{
  return g_object_new (queue_listener_get_type (), NULL);
}

static void
put (HvsockListener *listener, gpointer item)
{
  g_async_queue_push (((QueueListener *) listener)->queue, item);
}

static void
test_accept_async (void)
{
  g_autoptr (HvsockListener) listener = queue_listener_new ();
  g_autoptr (HvsockConnection) connection = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  HvsockConnection *put_in = g_object_new (no_connection_get_type (), NULL);

  hvsock_listener_accept_async (listener, NULL, conformance_result_cb, &result);
  conformance_turn ();
  g_assert_null (result);
  put (listener, put_in);
  conformance_wait (&result);
  connection = hvsock_listener_accept_finish (listener, result, &error);
  g_assert_no_error (error);
  g_assert_true (connection == put_in);
  g_assert_true (((QueueListener *) listener)->accepted_in != g_thread_self ());
}

static void
test_accept_async_fails (void)
{
  g_autoptr (HvsockListener) listener = queue_listener_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  put (listener, g_object_new (G_TYPE_OBJECT, NULL));
  hvsock_listener_accept_async (listener, NULL, conformance_result_cb, &result);
  conformance_wait (&result);
  g_assert_null (hvsock_listener_accept_finish (listener, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
}

static void
test_accept_async_cancelled (void)
{
  g_autoptr (HvsockListener) listener = queue_listener_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  hvsock_listener_accept_async (listener, cancellable, conformance_result_cb, &result);
  conformance_wait (&result);
  g_assert_null (hvsock_listener_accept_finish (listener, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* It accepts a connection of nothing as soon as the caller's context runs. */
typedef HvsockListener PromptListener;
typedef HvsockListenerClass PromptListenerClass;

GType prompt_listener_get_type (void);
G_DEFINE_TYPE (PromptListener, prompt_listener, HVSOCK_TYPE_LISTENER)

static void
prompt_listener_accept_async (HvsockListener *listener,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (listener, cancellable, callback, user_data);

  g_task_return_pointer (task, g_object_new (no_connection_get_type (), NULL), g_object_unref);
}

static void
prompt_listener_class_init (PromptListenerClass *klass)
{
  klass->accept_async = prompt_listener_accept_async;
}

static void
prompt_listener_init (PromptListener *self)
{
}

static void
test_accept (void)
{
  g_autoptr (HvsockListener) listener = g_object_new (prompt_listener_get_type (), NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (HvsockConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  connection = hvsock_listener_accept (listener, cancellable, &error);
  g_assert_no_error (error);
  g_assert_true (G_TYPE_CHECK_INSTANCE_TYPE (connection, no_connection_get_type ()));

  g_cancellable_cancel (cancellable);
  g_assert_null (hvsock_listener_accept (listener, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

typedef HvsockListener DeafListener;
typedef HvsockListenerClass DeafListenerClass;

GType deaf_listener_get_type (void);
G_DEFINE_TYPE (DeafListener, deaf_listener, HVSOCK_TYPE_LISTENER)

static void
deaf_listener_class_init (DeafListenerClass *klass)
{
}

static void
deaf_listener_init (DeafListener *self)
{
}

static void
test_accept_neither (void)
{
  g_autoptr (HvsockListener) listener = g_object_new (deaf_listener_get_type (), NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (hvsock_listener_accept (listener, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

static void
test_close (void)
{
  g_autoptr (HvsockListener) listener = queue_listener_new ();

  g_assert_false (hvsock_listener_is_closed (listener));
  hvsock_listener_close (listener);
  g_assert_true (hvsock_listener_is_closed (listener));
  hvsock_listener_close (listener);
  g_object_run_dispose (G_OBJECT (listener));
  g_assert_cmpuint (((QueueListener *) listener)->n_closed, ==, 1);
}

static void
test_close_with_last_reference (void)
{
  g_autoptr (HvsockListener) listener = queue_listener_new ();

  g_object_run_dispose (G_OBJECT (listener));
  g_assert_true (hvsock_listener_is_closed (listener));
  g_assert_cmpuint (((QueueListener *) listener)->n_closed, ==, 1);
}

static void
test_local_address (void)
{
  g_autoptr (HvsockAddress) address = hvsock_unix_address_new ("/s");
  g_autoptr (HvsockAddress) got = NULL;
  g_autoptr (HvsockListener) with = NULL;
  g_autoptr (HvsockListener) without = queue_listener_new ();

  with = g_object_new (queue_listener_get_type (), "local-address", address, NULL);
  g_object_get (with, "local-address", &got, NULL);
  g_assert_true (got == address);
  g_assert_true (hvsock_listener_get_local_address (with) == address);
  g_assert_null (hvsock_listener_get_local_address (without));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/listener/accept/by-async", test_accept);
  g_test_add_func ("/listener/accept/neither", test_accept_neither);
  g_test_add_func ("/listener/accept-async/later", test_accept_async);
  g_test_add_func ("/listener/accept-async/fails", test_accept_async_fails);
  g_test_add_func ("/listener/accept-async/cancelled", test_accept_async_cancelled);
  g_test_add_func ("/listener/close/once", test_close);
  g_test_add_func ("/listener/close/with-last-reference", test_close_with_last_reference);
  g_test_add_func ("/listener/local-address", test_local_address);

  return g_test_run ();
}
