/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The conformance suite over plain Unix sockets. */

#include "peers.h"
#include "socket-files.h"

static HvsockAddress *
make_address (Conformance *self, const char *name)
{
  g_autofree char *path = g_build_filename (self->folder.path, name, NULL);

  return hvsock_unix_address_new (path);
}

static char *
make_uri (Conformance *self, const char *name)
{
  g_autoptr (HvsockAddress) address = make_address (self, name);

  return hvsock_address_to_uri (address);
}

static const char *
unix_get_obstacle (void)
{
  return NULL;
}

static char *
unix_set_up (Conformance *self)
{
  return make_uri (self, "service");
}

static void
unix_tear_down (Conformance *self)
{
  conformance_socket_clear (self);
}

static int
unix_listen_by_hand (Conformance *self, HvsockAddress **address)
{
  *address = make_address (self, "inherited");
  return socket_listen (hvsock_unix_address_get_path (HVSOCK_UNIX_ADDRESS (*address)), SOCK_STREAM,
                        16);
}

static char *
unix_refuse (Conformance *self)
{
  g_autofree char *path = g_build_filename (self->folder.path, "refused", NULL);

  socket_make_stale (path);
  return make_uri (self, "refused");
}

static char *
unix_get_missing_uri (Conformance *self)
{
  return make_uri (self, "missing");
}

static char *
unix_fall_silent (Conformance *self)
{
  g_autofree char *path = g_build_filename (self->folder.path, "silent", NULL);

  conformance_socket_make_silent (self, path);
  return make_uri (self, "silent");
}

static char *
unix_get_long_uri (Conformance *self)
{
  g_autofree char *directory = conformance_make_long_directory (self);
  g_autofree char *path = g_build_filename (directory, "far", NULL);
  g_autoptr (HvsockAddress) address = hvsock_unix_address_new (path);

  return hvsock_address_to_uri (address);
}

/* Those who connect have no name. */
static void
unix_check_addresses (Conformance *self, HvsockConnection *client, HvsockConnection *server)
{
  g_assert_true (HVSOCK_IS_UNIX_ADDRESS (hvsock_connection_get_remote_address (client)));
  g_assert_null (hvsock_connection_get_local_address (client));
  g_assert_null (hvsock_connection_get_remote_address (server));
}

const ConformanceBackend conformance_backend = {
  .name = "unix",
  .get_obstacle = unix_get_obstacle,
  .set_up = unix_set_up,
  .tear_down = unix_tear_down,
  .listen_by_hand = unix_listen_by_hand,
  .refuse = unix_refuse,
  .get_missing_uri = unix_get_missing_uri,
  .fall_silent = unix_fall_silent,
  .get_long_uri = unix_get_long_uri,
  .check_addresses = unix_check_addresses,
};
