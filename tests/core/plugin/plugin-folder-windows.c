/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Folders of plugins on Windows, where not everybody may make symbolic links: these are hard ones.
 * They do not lead to another drive, so the process has a copy of each fixture beside them. What it
 * has loaded it cannot remove, and leaves behind. */

#include "plugin-folder-system.h"

#include <glib/gstdio.h>
#include <windows.h>

static const char *
get_copies (void)
{
  static char *copies;

  if (copies == NULL)
    {
      g_autoptr (GError) error = NULL;

      copies = g_dir_make_tmp ("hvsock-fixtures-XXXXXX", &error);
      g_assert_no_error (error);
    }

  return copies;
}

char *
plugin_folder_find_fixture (const char *file)
{
  g_autofree char *built = g_test_build_filename (G_TEST_BUILT, "fixtures", file, NULL);
  char *copy = g_build_filename (get_copies (), file, NULL);

  if (!g_file_test (copy, G_FILE_TEST_EXISTS))
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *contents = NULL;
      gsize length;

      g_file_get_contents (built, &contents, &length, &error);
      g_assert_no_error (error);
      g_file_set_contents (copy, contents, length, &error);
      g_assert_no_error (error);
    }

  return copy;
}

void
plugin_folder_link (const char *fixture, const char *path)
{
  g_autofree gunichar2 *wide_fixture = g_utf8_to_utf16 (fixture, -1, NULL, NULL, NULL);
  g_autofree gunichar2 *wide_path = g_utf8_to_utf16 (path, -1, NULL, NULL, NULL);

  g_assert_true (CreateHardLinkW ((LPCWSTR) wide_path, (LPCWSTR) wide_fixture, NULL));
}

void
plugin_folder_remove (const char *path)
{
  if (g_remove (path) != 0)
    g_assert_true (g_str_has_suffix (path, ".dll"));
}
