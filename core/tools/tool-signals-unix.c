/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The signals that ask a tool to end, on Unix: after the cleaning up they take their default
 * action, so that the caller sees which one it was. */

#include "tool-signals.h"

#include <glib-unix.h>
#include <signal.h>

typedef struct
{
  int number;
  ToolSignalFunc clean_up;
  gpointer user_data;
} SignalWatch;

static gboolean
end_cb (gpointer data)
{
  const int number = GPOINTER_TO_INT (data);

  signal (number, SIG_DFL);
  raise (number);
  return G_SOURCE_REMOVE;
}

/* All who watch are called before the end, and nothing else is. */
static gboolean
signal_cb (gpointer data)
{
  SignalWatch *watch = data;

  watch->clean_up (watch->user_data);
  g_idle_add_full (G_PRIORITY_HIGH + 1, end_cb, GINT_TO_POINTER (watch->number), NULL);
  return G_SOURCE_CONTINUE;
}

/* May be called more than once. A signal that the caller had set to be ignored (nohup, a script's
 * background job) stays so. */
void
tool_signals_watch (ToolSignalFunc clean_up, gpointer user_data)
{
  static const int numbers[] = { SIGHUP, SIGINT, SIGTERM };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      struct sigaction present;
      SignalWatch *watch;

      if (sigaction (numbers[i], NULL, &present) == 0 && present.sa_handler == SIG_IGN)
        continue;
      watch = g_new (SignalWatch, 1);
      *watch = (SignalWatch){ numbers[i], clean_up, user_data };
      g_unix_signal_add_full (G_PRIORITY_HIGH, numbers[i], signal_cb, watch, g_free);
    }
}
