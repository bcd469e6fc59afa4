/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The main context in which a thread begins operations. */

#pragma once

#include <glib.h>

/* Makes @context the thread's default, unless it is: a thread that has none of its own has the
 * global default, which another may be running. Returns whether hvsock_context_leave() has
 * something to undo. */
static inline gboolean
hvsock_context_enter (GMainContext *context)
{
  GMainContext *present = g_main_context_get_thread_default ();

  if (context == (present == NULL ? g_main_context_default () : present))
    return FALSE;

  g_main_context_push_thread_default (context);
  return TRUE;
}

static inline void
hvsock_context_leave (GMainContext *context, gboolean has_entered)
{
  if (has_entered)
    g_main_context_pop_thread_default (context);
}
