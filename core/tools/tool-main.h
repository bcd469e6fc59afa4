/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What each command-line tool does alike: start, options, messages. Separate so that it exists
 * once. */

#pragma once

#include <hvsock/hvsock.h>

G_BEGIN_DECLS

#define TOOL_SUCCESS 0
#define TOOL_FAILURE 1
#define TOOL_USAGE   2

/* In milliseconds. */
#define TOOL_CONNECT_TIMEOUT 10000

gboolean tool_start (char **argv,
                     const char *parameters,
                     const char *summary,
                     const GOptionEntry *entries,
                     char ***arguments,
                     int *status);

gboolean tool_take_time (guint *time, const char *option, const char *text, int *status);
gboolean tool_take_number (guint *number,
                           guint min,
                           const char *option,
                           const char *text,
                           int *status);

int tool_usage_error (const char *format, ...) G_GNUC_PRINTF (1, 2);

void tool_complain (const char *format, ...) G_GNUC_PRINTF (1, 2);

int tool_status_from_error (const GError *error);

gboolean tool_print (const char *text);

G_END_DECLS
