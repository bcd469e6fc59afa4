/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What a boundary consists of: processes that are ready some time after their start, and that must
 * not outlive the test, even one that is aborted. */

#include "boundary.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

static void
end_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

static void
exited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (g_subprocess_wait_finish (G_SUBPROCESS (source), result, &error))
    g_error ("%s ended before it was ready", (const char *) user_data);
}

/* Returns when @is_ready does, which is asked after each event of the default main context. */
GSubprocess *
boundary_spawn (const char *const *arguments, BoundaryReady is_ready, gpointer data)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_INHERIT);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  /* Standard output has the results of the tests. */
  g_subprocess_launcher_take_stdout_fd (launcher, dup (STDERR_FILENO));
  g_subprocess_launcher_set_child_setup (launcher, end_with_parent, NULL, NULL);
  process = g_subprocess_launcher_spawnv (launcher, arguments, &error);
  g_assert_no_error (error);

  g_subprocess_wait_async (process, cancellable, exited_cb, (gpointer) arguments[0]);
  while (!is_ready (data))
    g_main_context_iteration (NULL, TRUE);
  g_cancellable_cancel (cancellable);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  return process;
}

/* Also one that has ended. */
void
boundary_end (GSubprocess *process)
{
  g_autoptr (GError) error = NULL;

  g_subprocess_send_signal (process, SIGTERM);
  g_subprocess_wait (process, NULL, &error);
  g_assert_no_error (error);
}
