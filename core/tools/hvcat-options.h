/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat's command line as data. Separate so that the rules of what goes with what stand in one
 * place. */

#pragma once

#include <hvsock/hvsock.h>

G_BEGIN_DECLS

typedef struct
{
  char *uri; /* NULL to listen on what was inherited */
  char *target;
  char *command;
  HvsockGuid service;
  char *service_name; /* NULL unless SERVICE is to be registered */
  gboolean has_timeout;
  guint timeout;
  guint quit_after; /* 0 for never */
  guint max;        /* 0 for any number */
  gboolean listen;
  gboolean keep_open;
  gboolean echo;
  gboolean progress;
  gboolean retry;
  gboolean systemd_notify;
  gboolean verbose;
} HvcatOptions;

gboolean hvcat_options_init (HvcatOptions *self, char **argv, int *status);
void hvcat_options_clear (HvcatOptions *self);
gboolean hvcat_options_use_stdio (const HvcatOptions *self);
const char *hvcat_options_get_place (const HvcatOptions *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HvcatOptions, hvcat_options_clear)

G_END_DECLS
