/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Tools as a user without rights. */

#include "tool-nobody.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOBODY 65534

gboolean
tool_nobody_become (void)
{
  return geteuid () != 0 || (setgid (NOBODY) == 0 && setuid (NOBODY) == 0);
}

gboolean
tool_nobody_is_possible (void)
{
  g_autofree char *path = tool_path ("hvcat");
  g_autofree char *folder = g_path_get_dirname (path);
  gboolean is_open = TRUE;

  while (geteuid () == 0 && is_open && strcmp (folder, "/") != 0)
    {
      GStatBuf status;
      char *parent = g_path_get_dirname (folder);

      is_open = g_stat (folder, &status) == 0 && (status.st_mode & S_IXOTH) != 0;
      g_free (folder);
      folder = parent;
    }
  if (!is_open)
    g_test_skip ("another user cannot reach the build folder: build in one that all may enter");
  return is_open;
}
