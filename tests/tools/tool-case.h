/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A command line that cannot be served, and what the tool says to it. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  const char *path;
  const char *tool;
  const char *arguments[6];
  int status;
  const char *message;
} ToolCase;

void tool_cases_add (const ToolCase *cases, gsize n_cases);

G_END_DECLS
