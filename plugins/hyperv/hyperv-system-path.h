/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Where Windows keeps its own files. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The absolute path of @name in the system directory, in UTF-8. */
char *hyperv_system_path (const char *name);

G_END_DECLS
