/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Transports over descriptors that bring one of the two forms of connect themselves: both go
 * through it, since a handshake in the one would be missing from the other. */

#include <hvsock/hvsock-plugin.h>

#include "unix-sockets.h"
#include "waits.h"

#include <unistd.h>

typedef struct
{
  HvsockFdTransport parent_instance;

  gboolean went_through;
} FormTransport;

typedef HvsockFdTransportClass FormTransportClass;

GType form_transport_get_type (void);
G_DEFINE_ABSTRACT_TYPE (FormTransport, form_transport, HVSOCK_TYPE_FD_TRANSPORT)

static int
form_transport_open_socket (HvsockFdTransport *transport,
                            HvsockAddress *address,
                            guint timeout,
                            HvsockSocketTarget *target,
                            GError **error)
{
  g_assert_true (((FormTransport *) transport)->went_through);
  return hvsock_unix_socket_open (hvsock_unix_address_get_path (HVSOCK_UNIX_ADDRESS (address)),
                                  target, error);
}

static void
form_transport_class_init (FormTransportClass *klass)
{
  klass->open_socket = form_transport_open_socket;
}

static void
form_transport_init (FormTransport *self)
{
}

typedef FormTransport AsyncTransport;
typedef FormTransportClass AsyncTransportClass;

GType async_transport_get_type (void);
G_DEFINE_TYPE (AsyncTransport, async_transport, form_transport_get_type ())

static void
async_transport_connect_async (HvsockTransport *transport,
                               HvsockAddress *address,
                               guint timeout,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  ((FormTransport *) transport)->went_through = TRUE;
  HVSOCK_TRANSPORT_CLASS (async_transport_parent_class)
      ->connect_async (transport, address, timeout, cancellable, callback, user_data);
}

static void
async_transport_class_init (AsyncTransportClass *klass)
{
  HVSOCK_TRANSPORT_CLASS (klass)->connect_async = async_transport_connect_async;
}

static void
async_transport_init (AsyncTransport *self)
{
}

typedef FormTransport BlockingTransport;
typedef FormTransportClass BlockingTransportClass;

GType blocking_transport_get_type (void);
G_DEFINE_TYPE (BlockingTransport, blocking_transport, form_transport_get_type ())

static HvsockConnection *
blocking_transport_connect (HvsockTransport *transport,
                            HvsockAddress *address,
                            guint timeout,
                            GCancellable *cancellable,
                            GError **error)
{
  ((FormTransport *) transport)->went_through = TRUE;
  return HVSOCK_TRANSPORT_CLASS (blocking_transport_parent_class)
      ->connect (transport, address, timeout, cancellable, error);
}

static void
blocking_transport_class_init (BlockingTransportClass *klass)
{
  HVSOCK_TRANSPORT_CLASS (klass)->connect = blocking_transport_connect;
}

static void
blocking_transport_init (BlockingTransport *self)
{
}

static void
test_form (gconstpointer data)
{
  const GType type = GPOINTER_TO_SIZE (data);
  g_auto (Folder) folder = { 0 };
  g_autoptr (HvsockTransport) transport = g_object_new (type, NULL);
  g_autoptr (HvsockAddress) address = NULL;
  g_autoptr (HvsockConnection) blocking = NULL;
  g_autoptr (HvsockConnection) async = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  int fd;

  folder_init (&folder);
  path = g_build_filename (folder.path, "s", NULL);
  address = hvsock_unix_address_new (path);
  fd = socket_listen (path, SOCK_STREAM, 2);

  blocking = hvsock_transport_connect (transport, address, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (blocking);

  ((FormTransport *) transport)->went_through = FALSE;
  hvsock_transport_connect_async (transport, address, 0, NULL, conformance_result_cb, &result);
  conformance_wait (&result);
  async = hvsock_transport_connect_finish (transport, result, &error);
  g_assert_no_error (error);
  g_assert_nonnull (async);
  close (fd);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_data_func ("/fd-transport/form/async", GSIZE_TO_POINTER (async_transport_get_type ()),
                        test_form);
  g_test_add_data_func ("/fd-transport/form/blocking",
                        GSIZE_TO_POINTER (blocking_transport_get_type ()), test_form);
  return g_test_run ();
}
