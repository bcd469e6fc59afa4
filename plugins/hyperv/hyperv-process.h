/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A program of Windows that says something and ends. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What the program at @path says on its standard output, until it ends or is ended by @cancellable,
 * which is not NULL. It has the environment of this process, and @variable there. Blocks. */
GBytes *hyperv_process_run (const char *path,
                            const char *command_line,
                            const char *variable,
                            const char *value,
                            GCancellable *cancellable,
                            GError **error);

G_END_DECLS
