/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The console of Windows, which takes UTF-16 only if nothing is to depend on its code page. */

#pragma once

#include <glib.h>
#include <windows.h>

G_BEGIN_DECLS

gboolean tool_console_is (HANDLE handle);
gboolean tool_console_write (HANDLE console, const char *text, gsize size);

G_END_DECLS
