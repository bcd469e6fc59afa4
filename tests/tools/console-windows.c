/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat in a console of Windows: what is typed and shown, and how it is ended. */

#include "tool-pseudo-console.h"
#include "tool-process.h"

#include <windows.h>

typedef struct
{
  ToolProcess *server;
  char *uri;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->server = tool_process_new ("hvcat", "-lv", "tcp://127.0.0.1:0", NULL);
  tool_process_wait_for_message (fixture->server, "\n");
  fixture->uri = g_strdup (fixture->server->messages->str + strlen ("listening on "));
  g_strchomp (fixture->uri);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  tool_process_free (fixture->server);
  g_free (fixture->uri);
}

static void
assert_received (Fixture *fixture, const char *text)
{
  tool_process_wait_for_output (fixture->server, strlen (text));
  g_assert_cmpstr (fixture->server->output->str, ==, text);
}

/* Whatever the code page: UTF-8 on the way, line by line. Ctrl-Z is the end at the beginning of a
 * line. */
static void
test_typed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ToolConsole) client = tool_console_new ("hvcat", "-v", fixture->uri, NULL);

  tool_console_wait_for_message (client, "connected to ");
  tool_console_type (client, "gr\303\274\303\237e\r");
  assert_received (fixture, "gr\303\274\303\237e\r\n");
  tool_console_type (client, "\342\202\254\r");
  assert_received (fixture, "gr\303\274\303\237e\r\n\342\202\254\r\n");
  tool_console_type (client, "\032\r");
  tool_process_wait_for_output_end (fixture->server);
  tool_process_end_input (fixture->server);
  g_assert_cmphex (tool_console_wait (client), ==, 0);
  tool_process_assert_ends (fixture->server, 0, NULL);
}

static void
send_text (Fixture *fixture, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));

  tool_process_write (fixture->server, bytes);
}

/* A character may come in two pieces. */
static void
test_shown (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ToolConsole) client = tool_console_new ("hvcat", "-v", fixture->uri, NULL);

  tool_console_wait_for_message (client, "connected to ");
  send_text (fixture, "gr\303\274\303\237e\342\202");
  tool_console_wait_for_screen (client, "gr\303\274\303\237e");
  send_text (fixture, "\254\377.");
  tool_console_wait_for_screen (client, "\342\202\254\357\277\275.");
  tool_process_end_input (fixture->server);
  tool_console_type (client, "\032\r");
  g_assert_cmphex (tool_console_wait (client), ==, 0);
}

/* That it reads from the console does not keep it. Which code that gives is left to the system, and
 * differs in Wine. */
static void
test_interrupted_client (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ToolConsole) client = tool_console_new ("hvcat", "-v", fixture->uri, NULL);

  tool_console_wait_for_message (client, "connected to ");
  tool_console_type (client, "x");
  tool_console_wait_for_screen (client, "x");
  tool_console_interrupt (client);
  tool_console_wait (client);
  tool_process_wait_for_output_end (fixture->server);
  g_assert_cmpstr (fixture->server->output->str, ==, "");
}

static void
test_interrupted_listener (void)
{
  g_autoptr (ToolConsole) server = tool_console_new ("hvcat", "-lv", "tcp://127.0.0.1:0", NULL);

  tool_console_wait_for_message (server, "listening on ");
  tool_console_interrupt (server);
  g_assert_cmphex (tool_console_wait (server), ==, STATUS_CONTROL_C_EXIT);
}

static void
test_text (void)
{
  g_autoptr (ToolConsole) probe = tool_console_new ("hvsock-probe", "--help", NULL);

  tool_console_wait_for_screen (probe, "[URI\342\200\246]");
  g_assert_cmphex (tool_console_wait (probe), ==, 0);
}

static void
add (const char *path, void (*test) (Fixture *fixture, gconstpointer data))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  int status;

  if (tool_console_main (argc, argv, &status))
    return status;
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  add ("/console/typed", test_typed);
  add ("/console/shown", test_shown);
  add ("/console/interrupted/client", test_interrupted_client);
  g_test_add_func ("/console/interrupted/listener", test_interrupted_listener);
  g_test_add_func ("/console/text", test_text);
  return g_test_run ();
}
