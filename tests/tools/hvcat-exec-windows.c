/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What hvcat says on Windows to what it has on Unix only. */

#include "tool-case.h"

static const ToolCase cases[] = {
  { "/hvcat/exec/windows",
    "hvcat",
    { "--exec", "true", "tcp://127.0.0.1:1" },
    2,
    "not for Windows" },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  tool_cases_add (cases, G_N_ELEMENTS (cases));
  return g_test_run ();
}
