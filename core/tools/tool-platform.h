/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* How a tool gets its arguments and writes text. Separate because Windows has its own way of both:
 * what the C library offers there knows only the characters of one code page. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char **tool_platform_get_arguments (char **argv);
char *tool_platform_get_name (const char *program);
void tool_platform_prepare_stdio (void);
gboolean tool_platform_has_terminal (void);

G_END_DECLS
