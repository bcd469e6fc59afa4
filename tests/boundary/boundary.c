/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Runs the scenarios, each bounded by a deadline. GLib runs them in the order in which they were
 * added, so the last ones may end the guest. */

#include "boundary.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A guest in an emulated guest boots in minutes, when the machine is busy. In seconds. */
#define DEADLINE 300

static void
run_cb (gconstpointer data)
{
  const BoundaryFunc *func = data;
  const char *obstacle = boundary_backend.get_obstacle ();

  if (obstacle != NULL)
    {
      g_test_skip (obstacle);
      return;
    }

  alarm (DEADLINE);
  boundary_guest_need ();
  (*func) ();
  alarm (0);
}

void
boundary_add (const char *name, BoundaryFunc func)
{
  g_autofree char *path = g_strconcat ("/", boundary_backend.name, "/", name, NULL);
  BoundaryFunc *data = g_new (BoundaryFunc, 1);

  *data = func;
  g_test_add_data_func_full (path, data, run_cb, g_free);
}

static void
bail_out_cb (int signal_number)
{
  static const char late[] = "Bail out! the test did not end before its deadline\n";
  static const char pipe[] = "Bail out! the library let a SIGPIPE through\n";
  gboolean is_late = signal_number == SIGALRM;

  if (write (STDOUT_FILENO, is_late ? late : pipe, strlen (is_late ? late : pipe)) < 0)
    _exit (EXIT_FAILURE);
  abort ();
}

/* Without G_TEST_OPTION_ISOLATE_DIRS: the guest is in the user's cache folder. */
int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  signal (SIGALRM, bail_out_cb);
  signal (SIGPIPE, bail_out_cb);

  boundary_add_connect_tests ();
  boundary_add_refusal_tests ();
  boundary_add_data_tests ();
  boundary_add_end_tests ();
  boundary_add_tool_tests ();
  boundary_add_life_tests ();

  status = g_test_run ();
  boundary_guest_stop ();
  return status;
}
