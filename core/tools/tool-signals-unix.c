/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The signals that ask a tool to end, on Unix: after the cleaning up they take their default
 * action, so that the caller sees which one it was. */

#include "tool-signals.h"

#include <glib-unix.h>
#include <signal.h>

typedef struct
{
  ToolSignalFunc func;
  gpointer user_data;
} CleanUp;

static GArray *clean_ups;

static gboolean
signal_cb (gpointer data)
{
  const int number = GPOINTER_TO_INT (data);

  for (guint i = 0; i < clean_ups->len; i++)
    {
      const CleanUp *clean_up = &g_array_index (clean_ups, CleanUp, i);

      clean_up->func (clean_up->user_data);
    }
  signal (number, SIG_DFL);
  raise (number);
  return G_SOURCE_CONTINUE;
}

/* A signal that the caller had set to be ignored (nohup, a script's background job) stays so. */
static void
watch_signals (void)
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

/* May be called more than once: all that is asked for is cleaned up. */
void
tool_signals_watch (ToolSignalFunc clean_up, gpointer user_data)
{
  const CleanUp added = { clean_up, user_data };

  if (clean_ups == NULL)
    {
      clean_ups = g_array_new (FALSE, FALSE, sizeof (CleanUp));
      watch_signals ();
    }
  g_array_append_val (clean_ups, added);
}
