/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A listener over a descriptor that somebody else has made. */

#include "ends.h"
#include "unix-sockets.h"
#include "waits.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

typedef struct
{
  Folder folder;
  char *path;
  int fd;
  HvsockListener *listener;
} Inherited;

static void
inherited_init (Inherited *self)
{
  g_autoptr (GError) error = NULL;

  folder_init (&self->folder);
  self->path = g_build_filename (self->folder.path, "s", NULL);
  self->fd = socket_listen (self->path, SOCK_STREAM, 8);
  g_assert_no_errno (fcntl (self->fd, F_SETFD, 0));
  self->listener = hvsock_listener_new_for_fd (self->fd, NULL, &error);
  g_assert_no_error (error);
}

static void
inherited_clear (Inherited *self)
{
  g_clear_object (&self->listener);
  g_clear_pointer (&self->path, g_free);
  folder_clear (&self->folder);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Inherited, inherited_clear)

static void
test_adopted (void)
{
  g_auto (Inherited) inherited = { 0 };
  HvsockAddress *address;

  inherited_init (&inherited);
  g_assert_cmpint (fcntl (inherited.fd, F_GETFL) & O_NONBLOCK, !=, 0);
  g_assert_cmpint (fcntl (inherited.fd, F_GETFD) & FD_CLOEXEC, !=, 0);
  address = hvsock_listener_get_local_address (inherited.listener);
  g_assert_cmpstr (hvsock_unix_address_get_path (HVSOCK_UNIX_ADDRESS (address)), ==,
                   inherited.path);

  hvsock_listener_close (inherited.listener);
  g_assert_false (is_open (inherited.fd));
  g_assert_true (exists (inherited.path));
}

/* The system's own idea of the address is not asked for. */
static void
test_adopted_with_address (void)
{
  g_auto (Folder) folder = { 0 };
  g_autoptr (HvsockAddress) address = hvsock_unix_address_new ("/elsewhere");
  g_autoptr (HvsockListener) listener = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  folder_init (&folder);
  path = g_build_filename (folder.path, "s", NULL);
  listener = hvsock_listener_new_for_fd (socket_listen (path, SOCK_STREAM, 1), address, &error);
  g_assert_no_error (error);
  g_assert_true (hvsock_listener_get_local_address (listener) == address);
}

static int
make_pipe (void)
{
  int fds[2];

  g_assert_no_errno (pipe (fds));
  close (fds[1]);
  return fds[0];
}

static int
make_connected (void)
{
  int fds[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM, 0, fds));
  close (fds[1]);
  return fds[0];
}

static int
make_fresh (void)
{
  return socket (AF_UNIX, SOCK_STREAM, 0);
}

static void
test_refused (void)
{
  static int (*const makers[]) (void) = { make_pipe, make_connected, make_fresh };

  for (guint i = 0; i < G_N_ELEMENTS (makers); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *prefix = NULL;
      int fd = makers[i]();

      prefix = g_strdup_printf ("cannot listen on descriptor %d: ", fd);
      g_assert_null (hvsock_listener_new_for_fd (fd, NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
      g_assert_true (g_str_has_prefix (error->message, prefix));
      g_assert_no_errno (close (fd));
    }
}

static void
test_no_descriptor (void)
{
  g_auto (Folder) folder = { 0 };
  g_autoptr (HvsockListener) listener = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  int fd;

  folder_init (&folder);
  path = g_build_filename (folder.path, "s", NULL);
  fd = socket_listen (path, SOCK_STREAM, 1);
  take_all_descriptors ();
  listener = hvsock_listener_new_for_fd (fd, NULL, &error);
  free_all_descriptors ();
  g_assert_null (listener);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES);
  g_assert_no_errno (close (fd));
}

/* A family that the library has no addresses of. */
static void
test_unknown_family (void)
{
  struct sockaddr_in in = { .sin_family = AF_INET };
  g_autoptr (HvsockListener) listener = NULL;
  g_autoptr (HvsockConnection) connection = NULL;
  g_autoptr (GError) error = NULL;
  socklen_t length = sizeof in;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int client = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  in.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &in, sizeof in));
  g_assert_no_errno (listen (fd, 1));
  g_assert_no_errno (getsockname (fd, (struct sockaddr *) &in, &length));
  g_assert_no_errno (connect (client, (struct sockaddr *) &in, length));
  listener = hvsock_listener_new_for_fd (fd, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (hvsock_listener_get_local_address (listener));
  connection = hvsock_listener_accept (listener, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (hvsock_connection_get_local_address (connection));
  g_assert_null (hvsock_connection_get_remote_address (connection));
  close (client);
}

static void
test_accepted (void)
{
  g_auto (Inherited) inherited = { 0 };
  g_autoptr (HvsockConnection) connection = NULL;
  g_autoptr (GError) error = NULL;
  int client, fd;

  inherited_init (&inherited);
  client = socket_connect (inherited.path, SOCK_STREAM | SOCK_NONBLOCK);
  connection = hvsock_listener_accept (inherited.listener, NULL, &error);
  g_assert_no_error (error);
  fd = hvsock_connection_get_fd (connection);
  g_assert_cmpint (fcntl (fd, F_GETFL) & O_NONBLOCK, ==, 0);
  g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, !=, 0);
  g_assert_true (hvsock_connection_get_local_address (connection) ==
                 hvsock_listener_get_local_address (inherited.listener));
  g_assert_null (hvsock_connection_get_remote_address (connection));
  close (client);
}

static void
test_several_waits (void)
{
  g_auto (Inherited) inherited = { 0 };
  GAsyncResult *results[3] = { NULL };
  int clients[3];

  inherited_init (&inherited);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    hvsock_listener_accept_async (inherited.listener, NULL, conformance_result_cb, &results[i]);
  conformance_turn ();
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    clients[i] = socket_connect (inherited.path, SOCK_STREAM | SOCK_NONBLOCK);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr (HvsockConnection) connection = NULL;
      g_autoptr (GError) error = NULL;

      conformance_wait (&results[i]);
      connection = hvsock_listener_accept_finish (inherited.listener, results[i], &error);
      g_assert_no_error (error);
      g_object_unref (results[i]);
      close (clients[i]);
    }
}

static void
test_several_waits_closed (void)
{
  g_auto (Inherited) inherited = { 0 };
  GAsyncResult *results[3] = { NULL };

  inherited_init (&inherited);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    hvsock_listener_accept_async (inherited.listener, NULL, conformance_result_cb, &results[i]);
  conformance_turn ();
  hvsock_listener_close (inherited.listener);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr (GError) error = NULL;

      conformance_wait (&results[i]);
      g_assert_null (hvsock_listener_accept_finish (inherited.listener, results[i], &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
      g_object_unref (results[i]);
    }
  g_assert_false (is_open (inherited.fd));
}

static void
check_beyond_help (Inherited *inherited, GError *error)
{
  g_autofree char *prefix =
      g_strdup_printf ("cannot accept a peer of 'unix://%s': ", inherited->path);

  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_true (g_str_has_prefix (error->message, prefix));
}

/* Somebody else has shut the socket down: no wait will ever help. */
static void
test_beyond_help (void)
{
  g_auto (Inherited) inherited = { 0 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  inherited_init (&inherited);
  hvsock_listener_accept_async (inherited.listener, NULL, conformance_result_cb, &result);
  conformance_turn ();
  g_assert_null (result);
  g_assert_no_errno (shutdown (inherited.fd, SHUT_RDWR));
  conformance_wait (&result);
  g_assert_null (hvsock_listener_accept_finish (inherited.listener, result, &error));
  check_beyond_help (&inherited, error);
  g_clear_error (&error);
  g_assert_null (hvsock_listener_accept (inherited.listener, NULL, &error));
  check_beyond_help (&inherited, error);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/fd-listener/adopts/by-itself", test_adopted);
  g_test_add_func ("/fd-listener/adopts/with-address", test_adopted_with_address);
  g_test_add_func ("/fd-listener/adopts/unknown-family", test_unknown_family);
  g_test_add_func ("/fd-listener/refuses/other-descriptors", test_refused);
  g_test_add_func ("/fd-listener/refuses/without-descriptors", test_no_descriptor);
  g_test_add_func ("/fd-listener/accepts/one", test_accepted);
  g_test_add_func ("/fd-listener/accepts/several", test_several_waits);
  g_test_add_func ("/fd-listener/closed/several-waits", test_several_waits_closed);
  g_test_add_func ("/fd-listener/beyond-help", test_beyond_help);

  return g_test_run ();
}
