/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The signals that ask a tool to end, on Unix: after the cleaning up they take their default
 * action, so that the caller sees which one it was. */

#include "tool-signals.h"

#include <glib-unix.h>
#include <signal.h>

static gboolean
signal_cb (gpointer data)
{
  const int number = GPOINTER_TO_INT (data);

  tool_signals_clean_up ();
  signal (number, SIG_DFL);
  raise (number);
  return G_SOURCE_CONTINUE;
}

/* A signal that the caller had set to be ignored (nohup, a script's background job) stays so. */
void
tool_signals_start (void)
{
  static const int numbers[] = { SIGHUP, SIGINT, SIGTERM };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      struct sigaction present;

      if (sigaction (numbers[i], NULL, &present) == 0 && present.sa_handler == SIG_IGN)
        continue;
      g_unix_signal_add_full (G_PRIORITY_HIGH, numbers[i], signal_cb, GINT_TO_POINTER (numbers[i]),
                              NULL);
    }
}
