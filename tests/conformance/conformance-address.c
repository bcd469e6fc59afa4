/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Scenarios of what connections and listeners tell about themselves: addresses, descriptors,
 * features. */

#include "peers.h"

#include <fcntl.h>
#include <sys/socket.h>

static void
expect_uri (HvsockAddress *address, const char *expected)
{
  g_autofree char *uri = NULL;

  g_assert_nonnull (address);
  uri = hvsock_address_to_uri (address);
  g_assert_cmpstr (uri, ==, expected);
}

static void
test_addresses (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);

  expect_uri (hvsock_listener_get_local_address (self->listener), self->uri);
  expect_uri (hvsock_connection_get_remote_address (pair.client), self->uri);
  expect_uri (hvsock_connection_get_local_address (pair.server), self->uri);
  if (conformance_backend.check_addresses != NULL)
    conformance_backend.check_addresses (self, pair.client, pair.server);
}

static void
expect_private_socket (HvsockConnection *connection)
{
  int fd = hvsock_connection_get_fd (connection);
  int type = 0;
  socklen_t length = sizeof type;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
  g_assert_no_errno (getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &length));
  g_assert_cmpint (type, ==, SOCK_STREAM);
}

static void
test_descriptors (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  g_autoptr (GDir) directory = NULL;
  const char *name;

  expect_private_socket (pair.client);
  expect_private_socket (pair.server);

  /* Nothing else either that a program started from here would inherit. */
  directory = g_dir_open ("/proc/self/fd", 0, NULL);
  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/fd", name, NULL);
      g_autofree char *target = g_file_read_link (path, NULL);
      int fd = (int) g_ascii_strtoll (name, NULL, 10);

      if (fd > 2 && target != NULL && g_str_has_prefix (target, "socket:"))
        g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
    }
}

static void
test_features (Conformance *self)
{
  const HvsockFeatures all = HVSOCK_FEATURE_CONNECT | HVSOCK_FEATURE_LISTEN | HVSOCK_FEATURE_STREAM;

  g_assert_cmpuint (conformance_get_features () & all, ==, all);
}

void
conformance_add_address_tests (void)
{
  conformance_add ("/addresses", test_addresses);
  if (conformance_backend.framed_over == NULL)
    conformance_add ("/descriptors", test_descriptors);
  conformance_add ("/features", test_features);
}
