/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* How far hvsock-probe gets with a URI, over Unix sockets. */

#include "hvcat-fixture.h"
#include "probe-steps.h"

#include <string.h>
#include <unistd.h>

typedef struct
{
  const char *path;
  const char *uri;
  int status;
  const char *failed;
} UriCase;

static const UriCase uri_cases[] = {
  { "/connect/uri/empty", "", 2, "parse" },
  { "/connect/uri/no-scheme", "nonsense", 2, "parse" },
  { "/connect/uri/no-path", "unix://", 2, "parse" },
  { "/connect/uri/unknown-option", "unix:///a?b=c", 2, "parse" },
  { "/connect/uri/unknown-scheme", "gopher://x/y", 1, "plugin" },
};

static void
test_uri (gconstpointer data)
{
  const UriCase *test = data;
  g_autofree char *line = g_strdup_printf ("%s failed\n", test->failed);
  g_autoptr (ToolProcess) probe = tool_process_new ("hvsock-probe", "--", test->uri, NULL);
  g_autofree char *steps = NULL;

  tool_process_assert_ends (probe, test->status, "hvsock-probe: ");
  steps = probe_steps_read (probe);
  g_assert_nonnull (strstr (steps, line));
  g_assert_true (
      g_str_has_suffix (steps, "resolve not tried\nconnect not tried\nhandshake not tried\n"));
}

/* The listener says nothing, and does not even accept before hvsock-probe has ended. */
static void
test_done (HvcatFixture *fixture, gconstpointer data)
{
  int listener = socket_listen (fixture->path, SOCK_STREAM, 1);
  g_autoptr (ToolProcess) probe = tool_process_new ("hvsock-probe", fixture->uri, NULL);

  tool_process_assert_ends (probe, 0, NULL);
  g_assert_cmpstr (probe->messages->str, ==, "");
  probe_steps_assert (probe, PROBE_STEPS_DONE);
  g_assert_nonnull (strstr (probe->output->str, fixture->uri));
  probe_steps_assert_silence (raw_accept (listener));
  close (listener);
}

static void
assert_connect_fails (ToolProcess *probe, HvcatFixture *fixture, const char *text)
{
  g_autofree char *message =
      g_strdup_printf ("hvsock-probe: cannot connect to '%s': %s", fixture->uri, text);

  tool_process_assert_ends (probe, 1, message);
  probe_steps_assert (probe, PROBE_STEPS_CONNECT_FAILED);
}

static void
test_missing (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (ToolProcess) probe = tool_process_new ("hvsock-probe", fixture->uri, NULL);

  assert_connect_fails (probe, fixture, "No such file or directory");
}

static void
test_refused (HvcatFixture *fixture, gconstpointer data)
{
  int bound = socket_bind (fixture->path, SOCK_STREAM);
  g_autoptr (ToolProcess) probe = tool_process_new ("hvsock-probe", fixture->uri, NULL);

  assert_connect_fails (probe, fixture, "Connection refused");
  close (bound);
}

/* Nobody accepts and the queue is full. */
static void
test_timeout (HvcatFixture *fixture, gconstpointer data)
{
  int listener = socket_listen (fixture->path, SOCK_STREAM, 0);
  int waiting = raw_connect (fixture->path);
  gint64 start = g_get_monotonic_time ();
  g_autoptr (ToolProcess) probe =
      tool_process_new ("hvsock-probe", "--timeout", "2000", fixture->uri, NULL);

  assert_connect_fails (probe, fixture, "no answer within ");
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 2000 * G_TIME_SPAN_MILLISECOND);
  close (waiting);
  close (listener);
}

/* Prints the states of the steps, and what failed why; fails if it is not the JSON that is
 * promised.
 */
static const char *const json_query =
    "import json, sys\n"
    "attempt = json.load(sys.stdin)\n"
    "assert list(attempt) == ['uri', 'steps', 'failed', 'reason', 'remedy'], attempt\n"
    "assert attempt['uri'] == sys.argv[1] and attempt['remedy'] is None\n"
    "for step in attempt['steps']:\n"
    "    assert list(step) == ['name', 'state', 'milliseconds', 'result'], step\n"
    "    tried = isinstance(step['milliseconds'], float) and step['milliseconds'] >= 0\n"
    "    is_tried = step['state'] in ('done', 'failed')\n"
    "    assert tried if is_tried else step['milliseconds'] is None\n"
    "    print(step['name'], step['state'], step['result'])\n"
    "print(attempt['failed'], attempt['reason'])\n";

static char *
query_json (const char *uri, int status)
{
  g_autoptr (ToolProcess) probe = tool_process_new ("hvsock-probe", "--json", uri, NULL);
  const char *const arguments[] = { g_getenv ("PYTHON"), "-c", json_query, uri, NULL };
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  char *answer = NULL;

  tool_process_assert_ends (probe, status, NULL);
  process = g_subprocess_newv (
      arguments, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, probe->output->str, NULL, &answer, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_successful (process));
  return answer;
}

static void
test_json (HvcatFixture *fixture, gconstpointer data)
{
  g_autofree char *begin =
      g_strdup_printf ("plugin done unix\nparse done %s\nresolve done None\n", fixture->uri);
  g_autofree char *missing =
      g_strdup_printf ("%sconnect failed None\nhandshake not tried None\n"
                       "connect cannot connect to '%s': No such file or directory\n",
                       begin, fixture->uri);
  g_autofree char *done =
      g_strdup_printf ("%sconnect done None\nhandshake none None\nNone None\n", begin);
  g_autofree char *failure = query_json (fixture->uri, 1);
  g_autofree char *success = NULL;
  int listener = socket_listen (fixture->path, SOCK_STREAM, 1);

  g_assert_cmpstr (failure, ==, missing);
  success = query_json (fixture->uri, 0);
  g_assert_cmpstr (success, ==, done);
  close (listener);
}

static void
test_json_of_malformed (void)
{
  g_autofree char *answer = query_json ("nonsense", 2);

  g_assert_true (g_str_has_prefix (answer, "plugin not tried None\nparse failed None\n"));
  g_assert_nonnull (strstr (answer, "\nparse invalid URI 'nonsense': "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (uri_cases); i++)
    g_test_add_data_func (uri_cases[i].path, &uri_cases[i], test_uri);
  hvcat_fixture_add ("/connect/unix/done", NULL, test_done);
  hvcat_fixture_add ("/connect/unix/missing", NULL, test_missing);
  hvcat_fixture_add ("/connect/unix/refused", NULL, test_refused);
  hvcat_fixture_add ("/connect/unix/timeout", NULL, test_timeout);
  hvcat_fixture_add ("/connect/json", NULL, test_json);
  g_test_add_func ("/connect/json/malformed", test_json_of_malformed);
  return g_test_run ();
}
