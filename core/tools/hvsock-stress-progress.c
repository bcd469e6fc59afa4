/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What is told while hvsock-stress runs: a line on standard error each second, which on a terminal
 * takes the place of the one before unless lines of their own are asked for. */

#include "hvsock-stress-progress.h"

#include "tool-platform.h"

struct _StressProgress
{
  gboolean verbose;
  StressDescribeFunc describe;
  gpointer user_data;
  int width; /* of what stands in the terminal's last line */
  guint timer;
};

static gboolean
tell_cb (gpointer user_data)
{
  StressProgress *self = user_data;
  g_autofree char *line = self->describe (self->user_data);

  if (self->verbose)
    g_printerr ("%s\n", line);
  else
    {
      g_printerr ("\r%-*s", self->width, line);
      self->width = (int) strlen (line);
    }
  return G_SOURCE_CONTINUE;
}

StressProgress *
stress_progress_new (gboolean verbose, StressDescribeFunc describe, gpointer user_data)
{
  StressProgress *self = g_new0 (StressProgress, 1);

  self->verbose = verbose;
  self->describe = describe;
  self->user_data = user_data;
  if (verbose || tool_platform_has_terminal ())
    self->timer = g_timeout_add_seconds (1, tell_cb, self);
  return self;
}

/* Leaves nothing of it in the line. */
void
stress_progress_free (StressProgress *self)
{
  if (self->width > 0)
    g_printerr ("\r%*s\r", self->width, "");
  g_clear_handle_id (&self->timer, g_source_remove);
  g_free (self);
}
