/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat's command line as data. Separate so that the rules of what goes with what stand in one
 * place. */

#pragma once

#include <hvsock/hvsock.h>

G_BEGIN_DECLS

typedef struct
{
  char *uri;
  char *target;
  HvsockGuid service;
  char *service_name; /* NULL unless SERVICE is to be registered */
  gboolean has_timeout;
  guint timeout;
  guint quit_after; /* 0 for never */
  gboolean listen;
  gboolean keep_open;
  gboolean echo;
  gboolean retry;
  gboolean verbose;
} HvcatOptions;

gboolean hvcat_options_init (HvcatOptions *self, char **argv, int *status);
void hvcat_options_clear (HvcatOptions *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HvcatOptions, hvcat_options_clear)

G_END_DECLS
