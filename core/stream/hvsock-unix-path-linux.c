/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Paths through an open directory on Linux, by /proc. */

#include "stream/hvsock-unix-path-private.h"

#include <fcntl.h>

int
hvsock_unix_path_open_directory (const char *path)
{
  return open (path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

char *
hvsock_unix_path_through (int directory, const char *name)
{
  return g_strdup_printf ("/proc/self/fd/%d/%s", directory, name);
}
