/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the tools say to a wrong command line, and what of themselves. Separate because it needs no
 * transport. */

#include "tool-case.h"
#include "tool-process.h"

#define GUID "00000050-facb-11e6-bd58-64006a7986d3"

static const ToolCase cases[] = {
  { "/hvcat/usage/no-uri", "hvcat", { NULL }, 2, "hvcat: no URI was given" },
  { "/hvcat/usage/two-uris", "hvcat", { "unix:///a", "unix:///b" }, 2, "only one URI is taken" },
  { "/hvcat/usage/unknown-option", "hvcat", { "--nonsense", "unix:///a" }, 2, "--nonsense" },
  { "/hvcat/usage/unknown-letter", "hvcat", { "-x", "unix:///a" }, 2, "-x" },
  { "/hvcat/usage/keep-open-alone", "hvcat", { "-k", "unix:///a" }, 2, "--listen" },
  { "/hvcat/usage/retry-listening", "hvcat", { "--retry", "-l", "unix:///a" }, 2, "--retry" },
  { "/hvcat/usage/to-alone", "hvcat", { "--to", "unix:///b", "unix:///a" }, 2, "--listen" },
  { "/hvcat/usage/to-and-echo",
    "hvcat",
    { "-l", "--echo", "--to", "unix:///b", "unix:///a" },
    2,
    "--to" },
  { "/hvcat/usage/exec-and-echo",
    "hvcat",
    { "--exec", "true", "--echo", "unix:///a" },
    2,
    "--exec" },
  { "/hvcat/usage/exec-and-to",
    "hvcat",
    { "-l", "--exec=true", "--to", "unix:///b", "unix:///a" },
    2,
    "--exec or --to" },
  { "/hvcat/usage/exec-missing", "hvcat", { "unix:///a", "--exec" }, 2, "--exec" },
  { "/hvcat/usage/max/alone",
    "hvcat",
    { "-l", "--echo", "--max=2", "unix:///a" },
    2,
    "--keep-open" },
  { "/hvcat/usage/max/stdio", "hvcat", { "-lk", "--max=2", "unix:///a" }, 2, "--echo, --exec or" },
  { "/hvcat/usage/max/zero", "hvcat", { "-lk", "--echo", "--max=0", "unix:///a" }, 2, "'0'" },
  { "/hvcat/usage/max/word", "hvcat", { "-lk", "--echo", "--max=few", "unix:///a" }, 2, "'few'" },
  { "/hvcat/usage/progress-and-echo",
    "hvcat",
    { "--progress", "--echo", "unix:///a" },
    2,
    "--echo" },
  { "/hvcat/usage/progress-and-to",
    "hvcat",
    { "--progress", "-l", "--to", "unix:///b", "unix:///a" },
    2,
    "--to" },
  { "/hvcat/usage/framing/no-uri", "hvcat", { "-l", "--framing=shutdown" }, 2, "of a URI" },
  { "/hvcat/usage/buffer-size/no-uri", "hvcat", { "-l", "--buffer-size=1" }, 2, "of a URI" },
  { "/hvcat/usage/notify-alone", "hvcat", { "--systemd-notify", "unix:///a" }, 2, "--listen" },
  { "/hvcat/usage/listen-no-uri", "hvcat", { "-l" }, 2, "no URI was given" },
  { "/hvcat/usage/exec-and-quit-after",
    "hvcat",
    { "--exec", "true", "-q", "9", "unix:///a" },
    2,
    "--quit-after" },
  { "/hvcat/usage/quit-after/word", "hvcat", { "-q", "soon", "unix:///a" }, 2, "'soon'" },
  { "/hvcat/usage/timeout/word", "hvcat", { "-w", "soon", "unix:///a" }, 2, "'soon'" },
  { "/hvcat/usage/timeout/negative", "hvcat", { "-w", "-1", "unix:///a" }, 2, "'-1'" },
  { "/hvcat/usage/timeout/empty", "hvcat", { "--timeout=", "unix:///a" }, 2, "''" },
  { "/hvcat/usage/timeout/unit", "hvcat", { "-w", "10s", "unix:///a" }, 2, "'10s'" },
  { "/hvcat/usage/timeout/large", "hvcat", { "-w", "4294967296", "unix:///a" }, 2, "'4294967296'" },
  { "/hvcat/usage/timeout/missing", "hvcat", { "unix:///a", "-w" }, 2, "-w" },
  { "/hvcat/uri/word", "hvcat", { "nonsense" }, 2, "'nonsense'" },
  { "/hvcat/uri/no-scheme", "hvcat", { "://x" }, 2, "'://x'" },
  { "/hvcat/uri/listen/word", "hvcat", { "-l", "nonsense" }, 2, "'nonsense'" },
  { "/hvcat/uri/to/word", "hvcat", { "-l", "--to", "nonsense", "unix:///a" }, 2, "'nonsense'" },
  { "/hvcat/uri/to/tcp-no-port",
    "hvcat",
    { "-l", "--to", "tcp://host", "unix:///a" },
    2,
    "tcp://HOST:PORT" },
  { "/hvcat/uri/to/tcp-any",
    "hvcat",
    { "-l", "--to", "tcp://:80", "unix:///a" },
    2,
    "'tcp://:80': the address is for listening only" },
  { "/hvcat/uri/to/unknown-scheme",
    "hvcat",
    { "-l", "--to", "gopher://x/y", "unix:///a" },
    1,
    "gopher" },
  { "/hvcat/uri/tcp/not-ascii",
    "hvcat",
    { "tcp://\303\274/\342\202\254" },
    2,
    "'tcp://\303\274/\342\202\254'" },
  { "/hvcat/uri/tcp/any", "hvcat", { "tcp://:80" }, 2, "the address is for listening only" },
  { "/hvcat/uri/tcp/upper-case", "hvcat", { "TCP://host" }, 2, "tcp://HOST:PORT" },
  { "/hvcat/uri/tcp/no-port", "hvcat", { "tcp://host" }, 2, "tcp://HOST:PORT" },
  { "/hvcat/uri/tcp/path", "hvcat", { "tcp://host:80/path" }, 2, "tcp://HOST:PORT" },
  { "/hvcat/uri/tcp/large-port", "hvcat", { "tcp://host:65536" }, 2, "tcp://HOST:PORT" },
  { "/hvcat/uri/tcp/query", "hvcat", { "tcp://host:80?a=b" }, 2, "tcp://HOST:PORT" },
  { "/hvcat/uri/unknown-scheme", "hvcat", { "gopher://x/y" }, 1, "gopher" },
  { "/hvcat/uri/listen/unknown-scheme", "hvcat", { "-l", "gopher://x/y" }, 1, "gopher" },
  { "/hvcat/register/malformed", "hvcat", { "--register-guid", "80" }, 2, "'80'" },
  { "/hvcat/register/foreign-uri", "hvcat", { "--register-guid", "unix:///a" }, 2, "'unix:///a'" },
  { "/hvcat/register/two-names",
    "hvcat",
    { "--register-guid", GUID, "a", "b" },
    2,
    "only one name" },
  { "/hvcat/register/missing", "hvcat", { "--register-guid" }, 2, "--register-guid" },

  { "/hvsock-probe/resolve/unknown-scheme",
    "hvsock-probe",
    { "--resolve", "gopher://x/y" },
    1,
    "gopher" },
  { "/hvsock-probe/usage/resolve-nothing", "hvsock-probe", { "--resolve" }, 2, "--resolve" },
  { "/hvsock-probe/usage/resolve-two",
    "hvsock-probe",
    { "--resolve", "unix:///a", "unix:///b" },
    2,
    "one URI" },
  { "/hvsock-probe/usage/parse-nothing", "hvsock-probe", { "--parse" }, 2, "--parse" },
  { "/hvsock-probe/usage/two-uris",
    "hvsock-probe",
    { "unix:///a", "unix:///b" },
    2,
    "only one URI" },
  { "/hvsock-probe/usage/timeout/alone", "hvsock-probe", { "-w", "100" }, 2, "--timeout" },
  { "/hvsock-probe/usage/timeout/resolve",
    "hvsock-probe",
    { "--timeout=9", "--resolve", "unix:///a" },
    2,
    "--timeout" },
  { "/hvsock-probe/usage/timeout/word",
    "hvsock-probe",
    { "-w", "soon", "unix:///a" },
    2,
    "'soon'" },
  { "/hvsock-probe/usage/two-modes",
    "hvsock-probe",
    { "--parse", "--json", "unix:///a" },
    2,
    "only one" },
  { "/hvsock-probe/usage/unknown-option", "hvsock-probe", { "--nonsense" }, 2, "--nonsense" },

  { "/hvsock-stress/usage/nothing", "hvsock-stress", { NULL }, 2, "--serve or --connect" },
  { "/hvsock-stress/usage/both",
    "hvsock-stress",
    { "-s", "unix:///a", "-c", "unix:///a" },
    2,
    "--serve or --connect" },
  { "/hvsock-stress/usage/two-uris",
    "hvsock-stress",
    { "-c", "unix:///a", "unix:///b" },
    2,
    "'unix:///b'" },
  { "/hvsock-stress/usage/unknown-option", "hvsock-stress", { "--nonsense" }, 2, "--nonsense" },
  { "/hvsock-stress/usage/serving/parallel",
    "hvsock-stress",
    { "-s", "unix:///a", "-p", "2" },
    2,
    "--parallel" },
  { "/hvsock-stress/usage/serving/connections",
    "hvsock-stress",
    { "-s", "unix:///a", "-i", "2" },
    2,
    "--connections" },
  { "/hvsock-stress/usage/serving/length",
    "hvsock-stress",
    { "-s", "unix:///a", "-l", "2" },
    2,
    "--length" },
  { "/hvsock-stress/usage/serving/seed",
    "hvsock-stress",
    { "-s", "unix:///a", "--seed=2" },
    2,
    "--seed" },
  { "/hvsock-stress/usage/parallel/none",
    "hvsock-stress",
    { "-c", "unix:///a", "-p", "0" },
    2,
    "'0'" },
  { "/hvsock-stress/usage/connections/word",
    "hvsock-stress",
    { "-c", "unix:///a", "-i", "all" },
    2,
    "'all'" },
  { "/hvsock-stress/usage/length/unit",
    "hvsock-stress",
    { "-c", "unix:///a", "-l", "1M" },
    2,
    "'1M'" },
  { "/hvsock-stress/usage/length/large",
    "hvsock-stress",
    { "-c", "unix:///a", "-l", "9223372036854775808" },
    2,
    "'9223372036854775808'" },
  { "/hvsock-stress/usage/seed/negative",
    "hvsock-stress",
    { "-c", "unix:///a", "--seed=-1" },
    2,
    "'-1'" },
  { "/hvsock-stress/usage/seconds/none",
    "hvsock-stress",
    { "-s", "unix:///a", "--seconds=0" },
    2,
    "'0'" },
  { "/hvsock-stress/uri/word", "hvsock-stress", { "-c", "nonsense" }, 2, "'nonsense'" },
  { "/hvsock-stress/uri/serve/word", "hvsock-stress", { "-s", "nonsense" }, 2, "'nonsense'" },
  { "/hvsock-stress/uri/unknown-scheme", "hvsock-stress", { "-c", "gopher://x/y" }, 1, "gopher" },
};

static void
test_version (gconstpointer data)
{
  const char *tool = data;
  g_autoptr (ToolProcess) process = tool_process_new (tool, "--version", NULL);
  g_autofree char *prefix = g_strconcat (tool, " (libhvsock) ", NULL);

  tool_process_assert_ends (process, 0, NULL);
  g_assert_true (g_str_has_prefix (process->output->str, prefix));
  g_assert_cmpstr (process->messages->str, ==, "");
}

static void
test_help (gconstpointer data)
{
  g_autoptr (ToolProcess) process = tool_process_new (data, "--help", NULL);

  tool_process_assert_ends (process, 0, NULL);
  g_assert_nonnull (strstr (process->output->str, "--version"));
  g_assert_true (g_utf8_validate (process->output->str, -1, NULL));
  g_assert_nonnull (strstr (process->output->str, "\342\200\246"));
  g_assert_cmpstr (process->messages->str, ==, "");
}

/* Standard output is for data. A plugin folder that is none is worth a message. */
static void
test_debug (gconstpointer data)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autofree char *path = tool_path (data);
  const char *const arguments[] = { path, "gopher://x/y", NULL };
  g_autoptr (ToolProcess) process = NULL;

  g_subprocess_launcher_setenv (launcher, "G_MESSAGES_DEBUG", "all", TRUE);
  g_subprocess_launcher_setenv (launcher, "HVSOCK_PLUGIN_PATH", path, TRUE);
  process = tool_process_start (launcher, arguments);
  tool_process_assert_ends (process, 1, "-DEBUG");
  g_assert_null (strstr (process->output->str, "-DEBUG"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  tool_cases_add (cases, G_N_ELEMENTS (cases));
  g_test_add_data_func ("/hvcat/version", "hvcat", test_version);
  g_test_add_data_func ("/hvcat/help", "hvcat", test_help);
  g_test_add_data_func ("/hvcat/debug", "hvcat", test_debug);
  g_test_add_data_func ("/hvsock-probe/version", "hvsock-probe", test_version);
  g_test_add_data_func ("/hvsock-probe/help", "hvsock-probe", test_help);
  g_test_add_data_func ("/hvsock-probe/debug", "hvsock-probe", test_debug);
  g_test_add_data_func ("/hvsock-stress/version", "hvsock-stress", test_version);
  return g_test_run ();
}
