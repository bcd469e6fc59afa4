/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Test of the search path in a set-user-id program, whose caller must not choose what it loads. */

#include "plugin/hvsock-plugin-config.h"
#include "plugin/hvsock-search-path-private.h"

#include "folder.h"

#include <gio/gio.h>

#include <sys/stat.h>
#include <unistd.h>

/* The set-user-id program of the next test, which is this one under another name. It prints whether
 * the system granted it the other user, and what it would search. */
static int
print_default (void)
{
  g_auto (GStrv) folders = hvsock_search_path_get_default ();

  g_print ("%s %s\n", geteuid () != getuid () ? "set-user-id" : "plain", folders[0]);
  return 0;
}

static void
test_set_user_id (void)
{
  const uid_t nobody = 65534;
  g_autoptr (GError) error = NULL;
  g_auto (Folder) folder = { 0 };
  g_autofree char *program = NULL;
  g_autofree char *self = NULL;
  g_autofree char *contents = NULL;
  g_autofree char *output = NULL;
  gsize length;

  if (geteuid () != 0)
    {
      g_test_skip ("only root can make a set-user-id program of another user: run as root");
      return;
    }

  self = g_file_read_link ("/proc/self/exe", &error);
  g_assert_no_error (error);
  g_file_get_contents (self, &contents, &length, &error);
  g_assert_no_error (error);

  folder_init (&folder);
  program = g_build_filename (folder.path, "program", NULL);
  g_file_set_contents (program, contents, length, &error);
  g_assert_no_error (error);
  g_assert_cmpint (chmod (folder.path, 0755), ==, 0);
  g_assert_cmpint (chown (program, nobody, -1), ==, 0);
  g_assert_cmpint (chmod (program, 04755), ==, 0);

  g_setenv ("HVSOCK_PLUGIN_PATH", "/first", TRUE);
  g_spawn_sync (NULL, (char *[]){ program, (char *) "--print-default", NULL }, NULL,
                G_SPAWN_DEFAULT, NULL, NULL, &output, NULL, NULL, &error);
  g_assert_no_error (error);

  if (g_str_has_prefix (output, "plain"))
    g_test_skip ("the folder for temporary files is mounted nosuid: set TMPDIR to another");
  else
    g_assert_cmpstr (output, ==, "set-user-id " HVSOCK_PLUGIN_DIR "\n");
}

int
main (int argc, char **argv)
{
  if (argc == 2 && g_str_equal (argv[1], "--print-default"))
    return print_default ();

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/search-path/set-user-id", test_set_user_id);

  return g_test_run ();
}
