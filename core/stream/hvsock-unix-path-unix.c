/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* On a Unix without /proc there is no way around a path that is too long. */

#include "stream/hvsock-unix-path-private.h"

#include <fcntl.h>

int
hvsock_unix_path_open_directory (const char *path)
{
  return open (path, O_SEARCH | O_DIRECTORY | O_CLOEXEC);
}

char *
hvsock_unix_path_through (int directory, const char *name)
{
  return NULL;
}
