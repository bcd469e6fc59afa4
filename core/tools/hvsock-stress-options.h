/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvsock-stress's command line as data. Separate so that the rules of what goes with what stand in
 * one place. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char *uri;
  gboolean serve;
  guint64 parallel;
  guint64 connections; /* 0 for any number */
  guint64 length;
  guint64 seed;
  guint64 seconds; /* 0 for no limit */
  gboolean verbose;
  gboolean json;
} StressOptions;

gboolean stress_options_init (StressOptions *self, char **argv, int *status);
void stress_options_clear (StressOptions *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StressOptions, stress_options_clear)

G_END_DECLS
