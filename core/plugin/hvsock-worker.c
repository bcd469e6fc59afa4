/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A thread of its own for work that may never end. The threads that GTask shares are not taken: a
 * few plugins that hang would use them up for the whole process, and GLib ends the process when it
 * cannot start one. */

#include "plugin/hvsock-worker-private.h"

#include <gio/gio.h>

/* Runs @function (@data) in a new thread that nobody joins. When none can be started, the function
 * is not called: @data is still the caller's. */
gboolean
hvsock_worker_start (const char *name, GThreadFunc function, gpointer data, GError **error)
{
  g_autoptr (GError) thread_error = NULL;
  GThread *thread = g_thread_try_new (name, function, data, &thread_error);

  if (thread == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "cannot start a thread: %s",
                   thread_error->message);
      return FALSE;
    }

  g_thread_unref (thread);
  return TRUE;
}
