/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The reactor hands over what needs no wait without a turn of the main loop for each. */

#include "ends.h"
#include "unix-sockets.h"
#include "waits.h"

#include <unistd.h>

typedef struct
{
  HvsockListener *listener;
  GPtrArray *connections;
} Server;

static void
accepted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Server *self = user_data;
  g_autoptr (GError) error = NULL;
  HvsockConnection *connection = hvsock_listener_accept_finish (self->listener, result, &error);

  if (connection == NULL)
    {
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
      g_clear_object (&self->listener);
      return;
    }
  g_ptr_array_add (self->connections, connection);
  hvsock_listener_accept_async (self->listener, NULL, accepted_cb, self);
}

#define N_CLIENTS 5

/* All who wait are accepted in the turn that finds the first of them. */
static void
test_all_that_wait (void)
{
  g_auto (Folder) folder = { 0 };
  Server server = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  int clients[N_CLIENTS];

  folder_init (&folder);
  path = g_build_filename (folder.path, "s", NULL);
  server.listener =
      hvsock_listener_new_for_fd (socket_listen (path, SOCK_STREAM, N_CLIENTS), NULL, &error);
  g_assert_no_error (error);
  server.connections = g_ptr_array_new_with_free_func (g_object_unref);
  hvsock_listener_accept_async (server.listener, NULL, accepted_cb, &server);
  conformance_turn ();
  g_assert_cmpuint (server.connections->len, ==, 0);

  for (guint i = 0; i < N_CLIENTS; i++)
    clients[i] = socket_connect (path, SOCK_STREAM | SOCK_NONBLOCK);
  while (server.connections->len == 0)
    g_main_context_iteration (NULL, TRUE);
  /* The first one's wait has a source of its own; the reactor has the others. */
  g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (server.connections->len, ==, N_CLIENTS);

  hvsock_listener_close (server.listener);
  while (server.listener != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_ptr_array_unref (server.connections);
  for (guint i = 0; i < N_CLIENTS; i++)
    close (clients[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/accept/turn/all-that-wait", test_all_that_wait);

  return g_test_run ();
}
