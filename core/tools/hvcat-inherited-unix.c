/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Listening sockets by the protocol of systemd's socket activation, sd_listen_fds(3): LISTEN_FDS
 * says how many there are from descriptor 3 on, and LISTEN_PID for whom. */

#include "hvcat-inherited.h"

#include <unistd.h>

#define FIRST_DESCRIPTOR 3

/* A program in between may have passed on what was meant for itself. */
static gboolean
are_for_this_process (void)
{
  const char *pid = g_getenv ("LISTEN_PID");
  guint64 number;

  return pid != NULL && g_ascii_string_to_unsigned (pid, 10, 1, G_MAXINT, &number, NULL) &&
         number == (guint64) getpid ();
}

static gboolean
count (guint64 *n, GError **error)
{
  const char *text = g_getenv ("LISTEN_FDS");

  if (text == NULL || !are_for_this_process ())
    {
      g_set_error (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI,
                   "no URI was given, and LISTEN_FDS gives no sockets to this process");
      return FALSE;
    }
  if (!g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT - FIRST_DESCRIPTOR, n, NULL))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   "LISTEN_FDS is '%s', which is not a number of sockets from 1 on", text);
      return FALSE;
    }
  return TRUE;
}

/* The listeners, all of them or none. */
GPtrArray *
hvcat_inherited_listen (GError **error)
{
  g_autoptr (GPtrArray) listeners = g_ptr_array_new_with_free_func (g_object_unref);
  guint64 n;

  if (!count (&n, error))
    return NULL;

  for (int fd = FIRST_DESCRIPTOR; fd < FIRST_DESCRIPTOR + (int) n; fd++)
    {
      HvsockListener *listener = hvsock_listener_new_for_fd (fd, NULL, error);

      if (listener == NULL)
        {
          g_prefix_error (error, "LISTEN_FDS is %d: ", (int) n);
          return NULL;
        }
      g_ptr_array_add (listeners, listener);
    }
  return g_steal_pointer (&listeners);
}
