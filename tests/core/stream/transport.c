/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What a transport gets from its base class. Three stand-ins implement one way to connect, the
 * other way, and none. */

#include "no-connection.h"
#include "resolves.h"
#include "waits.h"

/* The path says what is to come of the attempt. */
static HvsockConnection *
pretend (HvsockAddress *address, guint timeout, GCancellable *cancellable, GError **error)
{
  const char *path = hvsock_unix_address_get_path (HVSOCK_UNIX_ADDRESS (address));

  g_assert_cmpuint (timeout, ==, 1234);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  if (g_str_equal (path, "/good"))
    return g_object_new (no_connection_get_type (), "remote-address", address, NULL);

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
  return NULL;
}

typedef HvsockTransport BlockingTransport;
typedef HvsockTransportClass BlockingTransportClass;

GType blocking_transport_get_type (void);
G_DEFINE_TYPE (BlockingTransport, blocking_transport, HVSOCK_TYPE_TRANSPORT)

static HvsockConnection *
blocking_transport_connect (HvsockTransport *transport,
                            HvsockAddress *address,
                            guint timeout,
                            GCancellable *cancellable,
                            GError **error)
{
  return pretend (address, timeout, cancellable, error);
}

static void
blocking_transport_class_init (BlockingTransportClass *klass)
{
  klass->connect = blocking_transport_connect;
}

static void
blocking_transport_init (BlockingTransport *self)
{
}

typedef HvsockTransport AsyncTransport;
typedef HvsockTransportClass AsyncTransportClass;

GType async_transport_get_type (void);
G_DEFINE_TYPE (AsyncTransport, async_transport, HVSOCK_TYPE_TRANSPORT)

typedef struct
{
  HvsockAddress *address;
  guint timeout;
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  g_object_unref (request->address);
  g_free (request);
}

static gboolean
connect_cb (gpointer data)
{
  GTask *task = data;
  Request *request = g_task_get_task_data (task);
  GError *error = NULL;
  HvsockConnection *connection =
      pretend (request->address, request->timeout, g_task_get_cancellable (task), &error);

  if (connection != NULL)
    g_task_return_pointer (task, connection, g_object_unref);
  else
    g_task_return_error (task, error);
  return G_SOURCE_REMOVE;
}

static void
async_transport_connect_async (HvsockTransport *transport,
                               HvsockAddress *address,
                               guint timeout,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (transport, cancellable, callback, user_data);
  g_autoptr (GSource) source = g_idle_source_new ();
  Request *request = g_new (Request, 1);

  *request = (Request){ g_object_ref (address), timeout };
  g_task_set_task_data (task, request, request_free);
  g_task_attach_source (task, source, connect_cb);
}

/* Only the address "/name" has a name. */
static gboolean
resolve_cb (gpointer data)
{
  GTask *task = data;
  const char *path = hvsock_unix_address_get_path (g_task_get_task_data (task));

  if (g_str_equal (path, "/name"))
    g_task_return_pointer (task, hvsock_unix_address_new ("/resolved"), g_object_unref);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "nobody is called so");
  return G_SOURCE_REMOVE;
}

/* Within the cancellation. */
static void
give_up_cb (GCancellable *cancellable, gpointer data)
{
  g_autoptr (GTask) task = data;

  g_task_return_error_if_cancelled (task);
}

/* The address "/silent" is looked up until that is cancelled. */
static void
async_transport_resolve_async (HvsockTransport *transport,
                               HvsockAddress *address,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (transport, cancellable, callback, user_data);
  g_autoptr (GSource) source = g_idle_source_new ();

  g_task_set_task_data (task, g_object_ref (address), g_object_unref);
  if (g_str_equal (hvsock_unix_address_get_path (HVSOCK_UNIX_ADDRESS (address)), "/silent"))
    g_cancellable_connect (cancellable, G_CALLBACK (give_up_cb), g_steal_pointer (&task), NULL);
  else
    g_task_attach_source (task, source, resolve_cb);
}

static void
async_transport_class_init (AsyncTransportClass *klass)
{
  klass->connect_async = async_transport_connect_async;
  klass->resolve_async = async_transport_resolve_async;
}

static void
async_transport_init (AsyncTransport *self)
{
}

/* The same, and it tells which addresses have a name: it is never asked to resolve another. */
typedef AsyncTransport NamesTransport;
typedef AsyncTransportClass NamesTransportClass;

GType names_transport_get_type (void);
G_DEFINE_TYPE (NamesTransport, names_transport, async_transport_get_type ())

static gboolean
names_transport_has_name (HvsockTransport *transport, HvsockAddress *address)
{
  const char *path = hvsock_unix_address_get_path (HVSOCK_UNIX_ADDRESS (address));

  return !g_str_equal (path, "/s");
}

static void
names_transport_class_init (NamesTransportClass *klass)
{
  klass->has_name = names_transport_has_name;
}

static void
names_transport_init (NamesTransport *self)
{
}

typedef HvsockTransport MuteTransport;
typedef HvsockTransportClass MuteTransportClass;

GType mute_transport_get_type (void);
G_DEFINE_TYPE (MuteTransport, mute_transport, HVSOCK_TYPE_TRANSPORT)

static void
mute_transport_class_init (MuteTransportClass *klass)
{
}

static void
mute_transport_init (MuteTransport *self)
{
}

typedef HvsockConnection *(*Connect) (HvsockTransport *transport,
                                      HvsockAddress *address,
                                      GCancellable *cancellable,
                                      GError **error);

static HvsockConnection *
connect_blocking (HvsockTransport *transport,
                  HvsockAddress *address,
                  GCancellable *cancellable,
                  GError **error)
{
  return hvsock_transport_connect (transport, address, 1234, cancellable, error);
}

static HvsockConnection *
connect_async (HvsockTransport *transport,
               HvsockAddress *address,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  hvsock_transport_connect_async (transport, address, 1234, cancellable, conformance_result_cb,
                                  &result);
  g_assert_null (result);
  conformance_wait (&result);
  return hvsock_transport_connect_finish (transport, result, error);
}

static const Connect connects[] = { connect_blocking, connect_async };

static void
test_connect (gconstpointer data)
{
  GType (*get_type) (void) = data;
  g_autoptr (HvsockTransport) transport = g_object_new (get_type (), NULL);
  g_autoptr (HvsockAddress) good = hvsock_unix_address_new ("/good");
  g_autoptr (HvsockAddress) bad = hvsock_unix_address_new ("/bad");
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();

  g_cancellable_cancel (cancelled);
  for (guint i = 0; i < G_N_ELEMENTS (connects); i++)
    {
      g_autoptr (HvsockConnection) connection = NULL;
      g_autoptr (GError) error = NULL;

      connection = connects[i](transport, good, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (hvsock_connection_get_remote_address (connection) == good);
      g_assert_null (connects[i](transport, bad, NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
      g_clear_error (&error);
      g_assert_null (connects[i](transport, good, cancelled, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
}

static void
test_cannot_connect (void)
{
  g_autoptr (HvsockTransport) transport = g_object_new (mute_transport_get_type (), NULL);
  g_autoptr (HvsockAddress) address = hvsock_unix_address_new ("/s");

  for (guint i = 0; i < G_N_ELEMENTS (connects); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (connects[i](transport, address, NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
      g_assert_true (g_str_has_prefix (error->message, "cannot connect to 'unix:///s': "));
    }
}

static void
test_listen_only (void)
{
  g_autoptr (HvsockTransport) transport = g_object_new (blocking_transport_get_type (), NULL);
  g_autoptr (HvsockAddress) address = hvsock_vsock_address_new (HVSOCK_CID_ANY, 80);

  for (guint i = 0; i < G_N_ELEMENTS (connects); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (connects[i](transport, address, NULL, &error));
      g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI);
      g_assert_true (g_str_has_prefix (error->message, "cannot connect to 'vsock://:80': "));
    }
}

static void
test_connect_only (void)
{
  g_autoptr (HvsockTransport) transport = g_object_new (mute_transport_get_type (), NULL);
  g_autoptr (HvsockAddress) address = hvsock_vsock_address_new_for_name ("vm", 80);
  g_autoptr (GError) error = NULL;

  g_assert_null (hvsock_transport_listen (transport, address, NULL, &error));
  g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI);
  g_assert_cmpstr (error->message, ==,
                   "cannot listen on 'vsock://vm:80': the address is for connecting only");
}

static void
test_cannot_listen (void)
{
  g_autoptr (HvsockTransport) transport = g_object_new (mute_transport_get_type (), NULL);
  g_autoptr (HvsockAddress) address = hvsock_unix_address_new ("/s");
  g_autoptr (GError) error = NULL;

  g_assert_null (hvsock_transport_listen (transport, address, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_assert_true (g_str_has_prefix (error->message, "cannot listen on 'unix:///s': "));
}

static void
test_resolve (gconstpointer data)
{
  GType (*get_type) (void) = data;
  g_autoptr (HvsockTransport) transport = g_object_new (get_type (), NULL);
  g_autoptr (HvsockAddress) name = hvsock_unix_address_new ("/name");
  g_autoptr (HvsockAddress) other = hvsock_unix_address_new ("/other");

  for (guint i = 0; i < G_N_ELEMENTS (resolves); i++)
    {
      g_autoptr (HvsockAddress) resolved = NULL;
      g_autoptr (GError) error = NULL;

      resolved = resolves[i](transport, name, 60000, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (hvsock_unix_address_get_path (HVSOCK_UNIX_ADDRESS (resolved)), ==,
                       "/resolved");
      g_assert_null (resolves[i](transport, other, 60000, NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
      g_assert_cmpstr (error->message, ==, "cannot resolve 'unix:///other': nobody is called so");
    }
}

static void
test_resolve_late (void)
{
  g_autoptr (HvsockTransport) transport = g_object_new (names_transport_get_type (), NULL);
  g_autoptr (HvsockAddress) silent = hvsock_unix_address_new ("/silent");

  for (guint i = 0; i < G_N_ELEMENTS (resolves); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (resolves[i](transport, silent, 20, NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
      g_assert_cmpstr (error->message, ==,
                       "cannot resolve 'unix:///silent': no answer within 20 ms");
    }
}

static gboolean
cancel_cb (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return G_SOURCE_REMOVE;
}

/* Within the loop that waits, and so that the transport answers within the cancellation. */
static void
test_resolve_cancelled (void)
{
  g_autoptr (HvsockTransport) transport = g_object_new (names_transport_get_type (), NULL);
  g_autoptr (HvsockAddress) silent = hvsock_unix_address_new ("/silent");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_timeout_add (20, cancel_cb, cancellable);
  g_assert_null (resolve_async (transport, silent, 60000, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static gpointer
cancel_in_thread (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
test_resolve_cancelled_by_thread (void)
{
  g_autoptr (HvsockTransport) transport = g_object_new (names_transport_get_type (), NULL);
  g_autoptr (HvsockAddress) silent = hvsock_unix_address_new ("/silent");

  for (guint i = 0; i < G_N_ELEMENTS (resolves); i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      GThread *thread = g_thread_new ("canceller", cancel_in_thread, cancellable);
      g_autoptr (GError) error = NULL;

      g_assert_null (resolves[i](transport, silent, 0, cancellable, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_thread_join (thread);
    }
}

/* Without a way to resolve, or a name, an address is what it stands for. */
static void
test_resolve_nothing (gconstpointer data)
{
  GType (*get_type) (void) = data;
  g_autoptr (HvsockTransport) transport = g_object_new (get_type (), NULL);
  g_autoptr (HvsockAddress) address = hvsock_unix_address_new ("/s");

  for (guint i = 0; i < G_N_ELEMENTS (resolves); i++)
    {
      g_autoptr (HvsockAddress) resolved = NULL;
      g_autoptr (GError) error = NULL;

      resolved = resolves[i](transport, address, 0, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (resolved == address);
    }
}

/* A blocking call turns a main context of its own, and never the caller's. */
static gboolean
unexpected_cb (gpointer data)
{
  g_assert_not_reached ();
}

static void
test_own_context (void)
{
  g_autoptr (HvsockTransport) transport = g_object_new (async_transport_get_type (), NULL);
  g_autoptr (HvsockAddress) address = hvsock_unix_address_new ("/good");
  g_autoptr (HvsockConnection) connection = NULL;
  g_autoptr (GError) error = NULL;
  guint id = g_idle_add_full (G_PRIORITY_HIGH, unexpected_cb, NULL, NULL);

  connection = connect_blocking (transport, address, NULL, &error);
  g_assert_no_error (error);
  g_source_remove (id);
  g_assert_null (g_main_context_get_thread_default ());
}

static void
test_other_defaults (void)
{
  g_autoptr (HvsockTransport) transport =
      g_object_new (mute_transport_get_type (), "name", "mute", NULL);
  g_autoptr (HvsockTransport) nameless = g_object_new (mute_transport_get_type (), NULL);
  g_autoptr (HvsockProbe) probe = hvsock_transport_probe (transport, NULL);
  g_autoptr (HvsockAddress) address = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;

  g_object_get (transport, "name", &name, NULL);
  g_assert_cmpstr (name, ==, "mute");
  g_assert_cmpstr (hvsock_transport_get_name (transport), ==, "mute");
  g_assert_null (hvsock_transport_get_name (nameless));

  g_assert_true (hvsock_probe_is_available (probe));
  g_assert_cmpuint (hvsock_probe_get_features (probe), ==,
                    HVSOCK_FEATURE_CONNECT | HVSOCK_FEATURE_STREAM);

  address = hvsock_transport_parse_address (transport, "vsock://2:80", &error);
  g_assert_no_error (error);
  g_assert_true (HVSOCK_IS_VSOCK_ADDRESS (address));
  g_assert_null (hvsock_transport_parse_address (transport, "vsock://2:x", &error));
  g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_data_func ("/transport/connect/from-blocking", blocking_transport_get_type,
                        test_connect);
  g_test_add_data_func ("/transport/connect/from-async", async_transport_get_type, test_connect);
  g_test_add_func ("/transport/connect/from-neither", test_cannot_connect);
  g_test_add_func ("/transport/connect/listen-only-address", test_listen_only);
  g_test_add_func ("/transport/connect/own-context", test_own_context);
  g_test_add_func ("/transport/listen/not-supported", test_cannot_listen);
  g_test_add_func ("/transport/listen/connect-only-address", test_connect_only);
  g_test_add_data_func ("/transport/resolve/every-address", async_transport_get_type, test_resolve);
  g_test_add_data_func ("/transport/resolve/names", names_transport_get_type, test_resolve);
  g_test_add_func ("/transport/resolve/late", test_resolve_late);
  g_test_add_func ("/transport/resolve/cancelled", test_resolve_cancelled);
  g_test_add_func ("/transport/resolve/cancelled-by-thread", test_resolve_cancelled_by_thread);
  g_test_add_data_func ("/transport/resolve/no-name", names_transport_get_type,
                        test_resolve_nothing);
  g_test_add_data_func ("/transport/resolve/default", mute_transport_get_type,
                        test_resolve_nothing);
  g_test_add_func ("/transport/other-defaults", test_other_defaults);

  return g_test_run ();
}
