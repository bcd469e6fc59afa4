/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Paths through an open directory on Linux, by /proc where it is mounted. */

#include "stream/hvsock-unix-path-private.h"

#include <fcntl.h>
#include <unistd.h>

int
hvsock_unix_path_open_directory (const char *path)
{
  return open (path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

char *
hvsock_unix_path_through (int directory, const char *name)
{
  g_autofree char *way = g_strdup_printf ("/proc/self/fd/%d", directory);

  return access (way, F_OK) == 0 ? g_build_filename (way, name, NULL) : NULL;
}
