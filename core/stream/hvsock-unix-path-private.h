/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Paths too long for a sockaddr_un: some systems have a shorter way to say the same. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Opens a directory that may be searched but not read, or returns -1 with errno. */
int hvsock_unix_path_open_directory (const char *path);

/* A path to @name that goes through an open directory, or %NULL if the system has none. */
char *hvsock_unix_path_through (int directory, const char *name);

G_END_DECLS
