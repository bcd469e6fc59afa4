/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The tools where /proc is not mounted, as in a jail, or here that part of it which leads through
 * open directories: paths that are too long for a socket have no way around it then, and the
 * message says that, and not that something is missing. */

#include "tool-sandbox.h"

#include "unix-sockets.h"

#include <string.h>

static const char *const too_long = ": File name too long: the path has ";

static void
assert_too_long (const ToolSandbox *sandbox, const char *uri)
{
  g_autoptr (ToolProcess) probe = tool_sandbox_start (sandbox, "hvsock-probe", uri, NULL);
  g_autofree char *message = g_strdup_printf ("cannot connect to '%s'%s", uri, too_long);

  tool_process_assert_ends (probe, 1, message);
  g_assert_nonnull (strstr (probe->messages->str, ": use a shorter path"));
  g_assert_nonnull (strstr (probe->output->str, "\nconnect    failed "));
}

static void
test_long_path (void)
{
  g_auto (Folder) folder = { 0 };
  g_auto (Folder) empty = { 0 };
  g_autofree char *directory = NULL;
  g_autofree char *unix_uri = NULL;
  g_autofree char *hyperkit_uri = NULL;
  g_autofree char *message = NULL;
  ToolSandbox sandbox = { 0 };
  g_autoptr (ToolProcess) server = NULL;

  folder_init (&folder);
  tool_sandbox_init_folder (&empty, "");
  sandbox.mounts[0] = (ToolMount){ empty.path, "/proc/self/fd" };
  if (!tool_sandbox_is_possible (&sandbox))
    return;

  directory = folder_add_long_directory (&folder);
  unix_uri = g_strdup_printf ("unix://%s/socket", directory);
  hyperkit_uri = g_strdup_printf ("hyperkit://:80%s", directory);
  assert_too_long (&sandbox, unix_uri);
  assert_too_long (&sandbox, hyperkit_uri);

  message = g_strdup_printf ("cannot listen on '%s'%s", unix_uri, too_long);
  server = tool_sandbox_start (&sandbox, "hvcat", "-l", unix_uri, NULL);
  tool_process_assert_ends (server, 1, message);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/no-proc/long-path", test_long_path);
  return g_test_run ();
}
