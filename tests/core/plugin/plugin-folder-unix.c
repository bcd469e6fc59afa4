/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Folders of plugins on a Unix: symbolic links lead anywhere. */

#include "plugin-folder-system.h"

#include <glib/gstdio.h>

#include <unistd.h>

char *
plugin_folder_find_fixture (const char *file)
{
  return g_test_build_filename (G_TEST_BUILT, "fixtures", file, NULL);
}

void
plugin_folder_link (const char *fixture, const char *path)
{
  g_assert_cmpint (symlink (fixture, path), ==, 0);
}

void
plugin_folder_remove (const char *path)
{
  g_assert_cmpint (g_remove (path), ==, 0);
}
