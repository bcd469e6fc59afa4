/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What hvsock-probe prints and how it ends. */

#include "folder.h"
#include "tool-case.h"
#include "tool-process.h"

#include <unistd.h>

static ToolProcess *
start_with_path (const char *plugin_path, const char *first, const char *second)
{
  g_autofree char *path = tool_path ("hvsock-probe");
  const char *const arguments[] = { path, first, second, NULL };
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);

  g_subprocess_launcher_setenv (launcher, "HVSOCK_PLUGIN_PATH", plugin_path, TRUE);
  return tool_process_start (launcher, arguments);
}

static const char *
find_line (char **lines, const char *prefix)
{
  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (g_str_has_prefix (lines[i], prefix))
        return lines[i];
    }
  return NULL;
}

static void
test_table (void)
{
  g_autoptr (ToolProcess) probe = tool_process_new ("hvsock-probe", NULL);
  g_auto (GStrv) lines = NULL;
  const char *line;
  gsize state;

  tool_process_assert_ends (probe, 0, NULL);
  g_assert_cmpstr (probe->messages->str, ==, "");
  lines = g_strsplit (probe->output->str, "\n", -1);
  g_assert_true (g_str_has_prefix (lines[0], "NAME "));
  g_assert_true (g_str_has_suffix (lines[0], " FEATURES"));

  line = find_line (lines, "unix ");
  g_assert_nonnull (line);
  g_assert_nonnull (strstr (line, "half-close"));
  state = (gsize) (strstr (lines[0], "STATE") - lines[0]);
  g_assert_true (g_str_has_prefix (line + state, "available "));
  g_assert_nonnull (strstr (probe->output->str, "\n\nunix: Unix sockets"));
}

/* Prints what the JSON says of the plugin that is named, and fails if it is no JSON. */
static const char *const json_query =
    "import json, sys\n"
    "report = json.load(sys.stdin)\n"
    "assert list(report) == ['plugins', 'services'] and report['services'] is None, report\n"
    "for entry in report['plugins']:\n"
    "    if entry['name'] == sys.argv[1]:\n"
    "        print(entry['state'], ','.join(entry['schemes']), entry['reason'], sep='|')\n"
    "        assert isinstance(entry['features'], list) and isinstance(entry['details'], dict)\n"
    "        assert isinstance(entry['priority'], int) and entry['path'].startswith('/')\n"
    "        assert isinstance(entry['notes'], list)\n"
    "        assert 'remedy' in entry and 'version' in entry and 'description' in entry\n";

static char *
query_json (const char *json, const char *plugin)
{
  const char *const arguments[] = { g_getenv ("PYTHON"), "-c", json_query, plugin, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = g_subprocess_newv (
      arguments, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  char *answer = NULL;

  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, json, NULL, &answer, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_successful (process));
  return answer;
}

static void
test_json (void)
{
  g_autoptr (ToolProcess) probe = tool_process_new ("hvsock-probe", "--json", NULL);
  g_autofree char *answer = NULL;

  tool_process_assert_ends (probe, 0, NULL);
  answer = query_json (probe->output->str, "unix");
  g_assert_cmpstr (answer, ==, "available|unix|None\n");
}

static gboolean
has_installed_plugins (void)
{
  if (!g_file_test (PLUGIN_FOLDER, G_FILE_TEST_EXISTS))
    return FALSE;
  g_test_skip ("plugins are installed in " PLUGIN_FOLDER ": configure with another prefix");
  return TRUE;
}

static void
test_no_plugin (void)
{
  g_auto (Folder) folder = { 0 };
  g_autoptr (ToolProcess) table = NULL;
  g_autoptr (ToolProcess) json = NULL;

  folder_init (&folder);
  table = start_with_path (folder.path, NULL, NULL);
  json = start_with_path (folder.path, "--json", NULL);
  if (!has_installed_plugins ())
    {
      tool_process_assert_ends (table, 1, "hvsock-probe: no transport plugin was found");
      g_assert_cmpstr (table->output->str, ==, "");
      tool_process_assert_ends (json, 1, "hvsock-probe: no transport plugin was found");
      g_assert_cmpstr (json->output->str, ==, "{\n  \"plugins\": [],\n  \"services\": null\n}\n");
    }
  tool_process_wait (table);
  tool_process_wait (json);
}

static void
write_key_file (const char *folder, const char *name, const char *description)
{
  g_autofree char *path = g_strdup_printf ("%s/%s.plugin", folder, name);
  g_autofree char *text = g_strdup_printf ("[Plugin]\nName=%s\nVersion=1.0\nDescription=%s\n"
                                           "Schemes=%s;\nPriority=0\nAbi=1.0\n",
                                           name, description, name);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static void
write_broken_plugin (const char *folder)
{
  g_autofree char *module = g_build_filename (folder, "broken." MODULE_SUFFIX, NULL);
  g_autoptr (GError) error = NULL;

  write_key_file (folder, "broken", "a \"broken\" one\\\\");
  g_file_set_contents (module, "not a module", -1, &error);
  g_assert_no_error (error);
}

static void
link_fixture (const char *folder, const char *name)
{
  g_autofree char *file = g_strconcat (name, "." MODULE_SUFFIX, NULL);
  g_autofree char *fixture = g_test_build_filename (G_TEST_BUILT, "fixtures", file, NULL);
  g_autofree char *module = g_build_filename (folder, file, NULL);

  write_key_file (folder, name, "a fixture");
  g_assert_no_errno (symlink (fixture, module));
}

static void
test_broken_plugin (void)
{
  g_auto (Folder) folder = { 0 };
  g_autoptr (ToolProcess) table = NULL;
  g_autoptr (ToolProcess) json = NULL;
  g_autofree char *answer = NULL;
  const char *explanation;
  int status;

  folder_init (&folder);
  write_broken_plugin (folder.path);
  table = start_with_path (folder.path, NULL, NULL);
  json = start_with_path (folder.path, "--json", NULL);

  status = tool_process_wait (table);
  explanation = strstr (table->output->str, "\n\nbroken: a \"broken\" one\\\n  failed: ");
  g_assert_nonnull (explanation);
  g_assert_nonnull (strstr (explanation, "broken." MODULE_SUFFIX));
  g_assert_cmpint (tool_process_wait (json), ==, status);
  answer = query_json (json->output->str, "broken");
  g_assert_true (g_str_has_prefix (answer, "failed|broken|"));
  g_assert_null (strstr (answer, "|None"));
  if (!has_installed_plugins ())
    g_assert_cmpint (status, ==, 1);
}

static void
test_broken_plugin_with_uri (void)
{
  g_auto (Folder) folder = { 0 };
  g_autoptr (ToolProcess) probe = NULL;

  folder_init (&folder);
  write_broken_plugin (folder.path);
  probe = start_with_path (folder.path, "broken://x", NULL);
  tool_process_wait (probe);
  tool_process_assert_ends (probe, 1, "broken." MODULE_SUFFIX);
  g_assert_nonnull (strstr (probe->output->str, "\nplugin     failed "));
  g_assert_nonnull (strstr (probe->output->str, "\nparse      not tried "));
}

static void
test_unavailable_plugin (void)
{
  g_auto (Folder) folder = { 0 };
  g_autoptr (ToolProcess) table = NULL;
  g_autoptr (ToolProcess) probe = NULL;

  folder_init (&folder);
  link_fixture (folder.path, "unavailable");
  table = start_with_path (folder.path, NULL, NULL);
  probe = start_with_path (folder.path, "unavailable://x", NULL);
  tool_process_wait (table);
  tool_process_wait (probe);
  g_assert_nonnull (strstr (table->output->str, "\n\nunavailable: a fixture\n"
                                                "  unavailable: the machine has no such device\n"
                                                "  remedy: insert one\n"));
  tool_process_assert_ends (probe, 1, "the machine has no such device: insert one");
  g_assert_nonnull (strstr (probe->output->str, "\nplugin     failed "));
}

/* The deadline is for the plugin's answer as well. */
static void
test_hanging_plugin (void)
{
  g_auto (Folder) folder = { 0 };
  g_autoptr (ToolProcess) probe = NULL;

  folder_init (&folder);
  link_fixture (folder.path, "hanging");
  probe = start_with_path (folder.path, "--timeout=150", "hanging://x");
  tool_process_wait (probe);
  tool_process_assert_ends (probe, 1, "probe did not answer within 150 ms");
  g_assert_nonnull (strstr (probe->output->str, "\nplugin     failed "));
}

static void
test_broken_beside_good (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *plugin_path = NULL;
  g_autoptr (ToolProcess) table = NULL;

  folder_init (&folder);
  plugin_path =
      g_strjoin (G_SEARCHPATH_SEPARATOR_S, folder.path, g_getenv ("HVSOCK_PLUGIN_PATH"), NULL);
  write_broken_plugin (folder.path);
  table = start_with_path (plugin_path, NULL, NULL);
  tool_process_wait (table);
  tool_process_assert_ends (table, 0, NULL);
  g_assert_nonnull (strstr (table->output->str, "\nbroken: a \"broken\" one\\\n  failed: "));
  g_assert_nonnull (strstr (table->output->str, "\nunix "));
}

static char **
read_vectors (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "vectors", "uri.tsv", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return g_strsplit (text, "\n", -1);
}

static void
assert_rejected (const char *uri)
{
  g_autoptr (ToolProcess) probe =
      tool_process_new ("hvsock-probe", "--parse", "--", "unix:///first", uri, NULL);

  g_test_message ("%s", uri);
  tool_process_assert_ends (probe, 2, uri);
  g_assert_cmpstr (probe->output->str, ==, "unix:///first\n");
}

static void
test_parse_vectors (void)
{
  g_autofree char *path = tool_path ("hvsock-probe");
  g_auto (GStrv) lines = read_vectors ();
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GPtrArray) arguments = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) expected = g_string_new (NULL);
  g_autoptr (ToolProcess) probe = NULL;

  g_ptr_array_add (arguments, g_strdup (path));
  g_ptr_array_add (arguments, g_strdup ("--parse"));
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i], "\t", -1);

      if (lines[i][0] == '#' || g_strv_length (fields) < 3)
        continue;
      if (g_str_equal (fields[0], "reject"))
        assert_rejected (fields[1]);
      else
        {
          g_ptr_array_add (arguments, g_strdup (fields[1]));
          g_string_append_printf (expected, "%s\n", fields[2]);
        }
    }
  g_ptr_array_add (arguments, NULL);
  probe = tool_process_start (launcher, (const char *const *) arguments->pdata);
  tool_process_assert_ends (probe, 0, NULL);
  g_assert_cmpstr (probe->output->str, ==, expected->str);
}

static void
test_resolve (void)
{
  g_autoptr (ToolProcess) probe =
      tool_process_new ("hvsock-probe", "--resolve", "UNIX:///a%20b/%63?framing=shutdown", NULL);

  tool_process_assert_ends (probe, 0, NULL);
  g_assert_cmpstr (probe->output->str, ==, "unix:///a%20b/c?framing=shutdown\tunix\n");
}

static const ToolCase cases[] = {
  { "/hvsock-probe/resolve/malformed", "hvsock-probe", { "--resolve", "unix://" }, 2, "'unix://'" },
};

static void
test_full_disk (void)
{
  const char *const options[] = { NULL, "--json", "unix:///a", "--help", "--version" };
  g_autofree char *path = tool_path ("hvsock-probe");

  if (!g_file_test ("/dev/full", G_FILE_TEST_EXISTS))
    {
      g_test_skip ("there is no /dev/full here");
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      const char *const arguments[] = { path, options[i], NULL };
      g_autoptr (GSubprocessLauncher) launcher =
          g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_PIPE);
      g_autoptr (ToolProcess) probe = NULL;

      g_subprocess_launcher_set_stdout_file_path (launcher, "/dev/full");
      probe = tool_process_start (launcher, arguments);
      tool_process_assert_ends (probe, 1, "cannot write to standard output");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/hvsock-probe/table", test_table);
  g_test_add_func ("/hvsock-probe/json", test_json);
  g_test_add_func ("/hvsock-probe/no-plugin", test_no_plugin);
  g_test_add_func ("/hvsock-probe/broken-plugin", test_broken_plugin);
  g_test_add_func ("/hvsock-probe/broken-plugin/with-uri", test_broken_plugin_with_uri);
  g_test_add_func ("/hvsock-probe/unavailable-plugin", test_unavailable_plugin);
  g_test_add_func ("/hvsock-probe/hanging-plugin", test_hanging_plugin);
  g_test_add_func ("/hvsock-probe/broken-beside-good", test_broken_beside_good);
  g_test_add_func ("/hvsock-probe/parse/vectors", test_parse_vectors);
  g_test_add_func ("/hvsock-probe/resolve/unix", test_resolve);
  g_test_add_func ("/hvsock-probe/full-disk", test_full_disk);
  tool_cases_add (cases, G_N_ELEMENTS (cases));
  return g_test_run ();
}
