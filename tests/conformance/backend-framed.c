/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The conformance suite over another transport with `?framing=shutdown`: FRAMED_OVER is its name,
 * and its own backend is linked as framed_backend. Both ends are the library's, so that what only
 * that transport has, with one end by hand, is left to its own run; so are descriptors, which
 * framed connections do not give. */

#include "peers.h"

extern const ConformanceBackend framed_backend;

/* Takes @uri, which has no options. */
static char *
add_framing (char *uri)
{
  g_autofree char *plain = uri;

  return g_strconcat (plain, "?framing=shutdown", NULL);
}

/* What is sent in the background has a main context for the life of the process. That one has room
 * for nothing is sure of a plain Unix socket only. */
static void
warm_up (Conformance *self)
{
  g_autofree char *path = g_build_filename (self->folder.path, "warm", NULL);
  g_autoptr (HvsockAddress) address = hvsock_unix_address_new (path);
  g_autofree char *uri = add_framing (hvsock_address_to_uri (address));
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockListener) listener = hvsock_listen (uri, NULL, &error);
  char buffer[4096];

  g_assert_no_error (error);
  {
    g_auto (ConformancePair) pair = conformance_connect_to (listener, uri);

    conformance_fill (pair.client);
    conformance_end_writing (pair.client);
    while (g_input_stream_read (conformance_input (pair.server), buffer, sizeof buffer, NULL,
                                &error) > 0)
      continue;
    g_assert_no_error (error);
  }
}

static const char *
framed_get_obstacle (void)
{
  return framed_backend.get_obstacle ();
}

static char *
framed_set_up (Conformance *self)
{
  static gsize is_warm = 0;

  if (g_once_init_enter (&is_warm))
    {
      warm_up (self);
      g_once_init_leave (&is_warm, 1);
    }
  return add_framing (framed_backend.set_up (self));
}

static void
framed_tear_down (Conformance *self)
{
  framed_backend.tear_down (self);
}

/* What is adopted is not framed. */
static int
framed_listen_by_hand (Conformance *self, HvsockAddress **address)
{
  return framed_backend.listen_by_hand (self, address);
}

static char *
framed_refuse (Conformance *self)
{
  return add_framing (framed_backend.refuse (self));
}

static HvsockListener *
framed_stop_refusing (Conformance *self, const char *uri)
{
  g_autoptr (GError) error = NULL;
  HvsockListener *listener;

  if (framed_backend.stop_refusing != NULL)
    return framed_backend.stop_refusing (self, uri);

  listener = hvsock_listen (uri, NULL, &error);
  g_assert_no_error (error);
  return listener;
}

static char *
framed_get_missing_uri (Conformance *self)
{
  return add_framing (framed_backend.get_missing_uri (self));
}

static char *
framed_fall_silent (Conformance *self)
{
  return add_framing (framed_backend.fall_silent (self));
}

static void
framed_let_in (int fd)
{
  if (framed_backend.let_in != NULL)
    framed_backend.let_in (fd);
}

static char *
framed_get_long_uri (Conformance *self)
{
  return add_framing (framed_backend.get_long_uri (self));
}

static void
framed_check_addresses (Conformance *self, HvsockConnection *client, HvsockConnection *server)
{
  g_assert_true (HVSOCK_IS_FRAMED_CONNECTION (client));
  g_assert_true (HVSOCK_IS_FRAMED_CONNECTION (server));
  g_assert_cmpint (hvsock_connection_get_fd (client), ==, -1);
  framed_backend.check_addresses (self, client, server);
}

const ConformanceBackend conformance_backend = {
  .name = FRAMED_OVER "-framed",
  .framed_over = FRAMED_OVER,
  .get_obstacle = framed_get_obstacle,
  .set_up = framed_set_up,
  .tear_down = framed_tear_down,
  .listen_by_hand = framed_listen_by_hand,
  .refuse = framed_refuse,
  .stop_refusing = framed_stop_refusing,
  .get_missing_uri = framed_get_missing_uri,
  .fall_silent = framed_fall_silent,
  .let_in = framed_let_in,
  .get_long_uri = framed_get_long_uri,
  .check_addresses = framed_check_addresses,
};
