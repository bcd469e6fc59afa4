/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What is to be cleaned up when a tool is asked to end: the part that is alike on each platform. */

#include "tool-signals.h"

typedef struct
{
  ToolSignalFunc func;
  gpointer user_data;
} CleanUp;

static GArray *clean_ups;

/* May be called more than once: all that is asked for is cleaned up. */
void
tool_signals_watch (ToolSignalFunc clean_up, gpointer user_data)
{
  const CleanUp added = { clean_up, user_data };

  if (clean_ups == NULL)
    {
      clean_ups = g_array_new (FALSE, FALSE, sizeof (CleanUp));
      tool_signals_start ();
    }
  g_array_append_val (clean_ups, added);
}

void
tool_signals_clean_up (void)
{
  for (guint i = 0; i < clean_ups->len; i++)
    {
      const CleanUp *clean_up = &g_array_index (clean_ups, CleanUp, i);

      clean_up->func (clean_up->user_data);
    }
}
