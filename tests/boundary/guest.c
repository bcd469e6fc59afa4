/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The guest. One is booted for all scenarios, by the first that needs it. */

#include "boundary.h"

static GSubprocess *guest = NULL;

static void
accepted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  HvsockConnection **connection = user_data;
  g_autoptr (GError) error = NULL;

  *connection = hvsock_listener_accept_finish (HVSOCK_LISTENER (source), result, &error);
  g_assert_no_error (error);
}

static gboolean
is_connected (gpointer data)
{
  HvsockConnection **connection = data;

  return *connection != NULL;
}

/* The agent connects when it is ready. */
static void
start (void)
{
  const char *const *device = boundary_backend.start_device ();
  g_autofree char *ready = g_strdup_printf ("vsock://host:%u", WIRE_READY_PORT);
  const char *const arguments[] = { GUEST_RUN, "--timeout", "1700", device[0], device[1],
                                    "--",      AGENT,       ready,  NULL };
  g_autofree char *uri = boundary_backend.get_listen_uri (WIRE_READY_PORT);
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockListener) listener = hvsock_listen (uri, NULL, &error);
  g_autoptr (HvsockConnection) connection = NULL;

  g_assert_no_error (error);
  hvsock_listener_accept_async (listener, NULL, accepted_cb, &connection);
  guest = boundary_spawn (arguments, is_connected, &connection);
  boundary_expect_line (connection, WIRE_READY);
}

void
boundary_guest_need (void)
{
  if (guest == NULL)
    start ();
}

/* As if its power were cut: its processor stops wherever it is. */
void
boundary_guest_kill (void)
{
  boundary_end (guest);
}

/* Also after it was killed. */
void
boundary_guest_stop (void)
{
  if (guest == NULL)
    return;
  boundary_end (guest);
  g_clear_object (&guest);
  boundary_backend.stop_device ();
}
