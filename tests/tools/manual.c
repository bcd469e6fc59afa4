/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Each tool's man page tells of each of its options, and is well-formed. */

#include "tool-process.h"

static char *
page_path (const char *tool)
{
  return g_strdup_printf ("%s/%s.1", MANUAL_FOLDER, tool);
}

static char *
read_help (const char *tool)
{
  g_autoptr (ToolProcess) process = tool_process_new (tool, "--help", NULL);

  tool_process_assert_ends (process, 0, NULL);
  g_assert_cmpstr (process->messages->str, ==, "");
  return g_strdup (process->output->str);
}

static void
test_options (gconstpointer data)
{
  const char *tool = data;
  g_autofree char *path = page_path (tool);
  g_autofree char *help = read_help (tool);
  g_autofree char *page = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GRegex) option =
      g_regex_new ("^ +(?:-(\\w), )?--([a-z-]+)", G_REGEX_MULTILINE, 0, &error);
  g_autoptr (GMatchInfo) match = NULL;
  guint count = 0;

  g_assert_no_error (error);
  g_file_get_contents (path, &page, NULL, &error);
  g_assert_no_error (error);

  for (g_regex_match (option, help, 0, &match); g_match_info_matches (match);
       g_match_info_next (match, NULL))
    {
      g_autofree char *letter = g_match_info_fetch (match, 1);
      g_autofree char *name = g_match_info_fetch (match, 2);
      g_autofree char *entry = letter[0] == '\0' ? g_strdup_printf ("Fl -%s", name)
                                                 : g_strdup_printf (".It Fl %s", letter);
      g_autofree char *long_form = g_strdup_printf ("Fl -%s", name);

      g_test_message ("--%s", name);
      g_assert_nonnull (strstr (page, entry));
      g_assert_nonnull (strstr (page, long_form));
      count++;
    }
  g_assert_cmpuint (count, >, 2);
}

static void
test_lint (gconstpointer data)
{
  g_autofree char *path = page_path (data);
  g_autofree char *mandoc = g_find_program_in_path ("mandoc");
  g_autofree char *findings = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  if (mandoc == NULL)
    {
      g_test_skip ("there is no mandoc: install mandoc");
      return;
    }
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE,
                              &error, mandoc, "-T", "lint", "-W", "warning", path, NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &findings, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (findings, ==, "");
  g_assert_true (g_subprocess_get_successful (process));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_data_func ("/manual/hvcat/options", "hvcat", test_options);
  g_test_add_data_func ("/manual/hvcat/lint", "hvcat", test_lint);
  g_test_add_data_func ("/manual/hvsock-probe/options", "hvsock-probe", test_options);
  g_test_add_data_func ("/manual/hvsock-probe/lint", "hvsock-probe", test_lint);
  g_test_add_data_func ("/manual/hvsock-stress/options", "hvsock-stress", test_options);
  g_test_add_data_func ("/manual/hvsock-stress/lint", "hvsock-stress", test_lint);
  return g_test_run ();
}
