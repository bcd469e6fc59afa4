/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the tools say where Hyper-V sockets are absent, and where they are present.
 *   hyperv-tools absent|present */

#include "tool-process.h"

#include <string.h>
#include <winsock2.h>

#ifndef AF_HYPERV
#  define AF_HYPERV 34
#endif

static void
expect_output (ToolProcess *process, const char *text)
{
  if (strstr (process->output->str, text) == NULL)
    g_error ("no '%s' in the output: %s", text, process->output->str);
}

static gboolean
has_hyperv (void)
{
  WSADATA data;
  SOCKET probe;

  g_assert_cmpint (WSAStartup (MAKEWORD (2, 2), &data), ==, 0);
  probe = socket (AF_HYPERV, SOCK_STREAM, 1);
  if (probe != INVALID_SOCKET)
    closesocket (probe);
  WSACleanup ();
  return probe != INVALID_SOCKET;
}

static void
test_absent (void)
{
  g_autoptr (ToolProcess) probe = NULL;
  g_autoptr (ToolProcess) cat = NULL;

  if (has_hyperv ())
    {
      g_test_skip ("this machine has Hyper-V sockets: run the test on one without, or under Wine");
      return;
    }

  probe = tool_process_new ("hvsock-probe", NULL);
  tool_process_assert_ends (probe, 1, NULL);
  expect_output (probe, "unavailable: socket(AF_HYPERV): WSAEAFNOSUPPORT (10047)");
  expect_output (probe, "remedy: turn on Hyper-V");

  cat = tool_process_new ("hvcat", "hvsock://loopback/1", NULL);
  tool_process_assert_ends (cat, 1, "WSAEAFNOSUPPORT (10047)");
}

static void
test_present (void)
{
  g_autoptr (ToolProcess) probe = tool_process_new ("hvsock-probe", NULL);

  tool_process_assert_ends (probe, 0, NULL);
  expect_output (probe, "available");
  expect_output (probe, "connect,listen,stream,half-close,peer-address");
}

static void
test_refused (void)
{
  static const char uri[] = "hvsock://loopback/d96a7c21-4e5f-4b80-92d3-7c8e9fa0b105";
  g_autoptr (ToolProcess) cat = tool_process_new ("hvcat", uri, NULL);

  tool_process_assert_ends (cat, 1, uri);
  g_assert_nonnull (strstr (cat->messages->str, "nobody listens on this service"));
}

/* A virtual machine where nobody listens says nothing at all, which is a refusal soon. */
static void
test_silent (void)
{
  static const char uri[] =
      "hvsock://5d0c9e83-2f71-4a46-b8e5-3a4b5c6d7e06/d96a7c21-4e5f-4b80-92d3-7c8e9fa0b105";
  g_autoptr (ToolProcess) cat = tool_process_new ("hvcat", uri, NULL);

  tool_process_assert_ends (cat, 1, uri);
  g_assert_nonnull (strstr (cat->messages->str, "no answer within 1000 ms"));
}

/* The echo serves until it is ended from outside. */
static void
test_stress (void)
{
  static const char uri[] = "hvsock://loopback/61f0b3d8-7a25-4c9e-8d14-0b9c8d7e6f07";
  g_autoptr (ToolProcess) echo = tool_process_new ("hvsock-stress", "-v", "-s", uri, NULL);
  g_autoptr (ToolProcess) client = NULL;

  tool_process_wait_for_message (echo, "listening on ");
  client = tool_process_new ("hvsock-stress", "-c", uri, "-p", "16", "-i", "200", NULL);
  tool_process_assert_ends (client, 0, NULL);
  expect_output (client, "connections 200 in ");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_assert_cmpint (argc, ==, 2);

  if (g_str_equal (argv[1], "absent"))
    g_test_add_func ("/hyperv-tools/absent", test_absent);
  else
    {
      g_test_add_func ("/hyperv-tools/present", test_present);
      g_test_add_func ("/hyperv-tools/refused", test_refused);
      g_test_add_func ("/hyperv-tools/silent", test_silent);
      g_test_add_func ("/hyperv-tools/stress", test_stress);
    }
  return g_test_run ();
}
