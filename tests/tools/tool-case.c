/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A command line that cannot be served, and what the tool says to it. Separate because some can be
 * tried on every platform, and some not. */

#include "tool-case.h"

#include "tool-process.h"

static void
test_case (gconstpointer data)
{
  const ToolCase *self = data;
  g_autofree char *prefix = g_strconcat (self->tool, ": ", NULL);
  g_autoptr (ToolProcess) process =
      tool_process_new (self->tool, self->arguments[0], self->arguments[1], self->arguments[2],
                        self->arguments[3], self->arguments[4], NULL);

  tool_process_assert_ends (process, self->status, self->message);
  g_assert_true (g_str_has_prefix (process->messages->str, prefix));
  g_assert_cmpuint (process->output->len, ==, 0);
}

/* They must live as long as the test does. */
void
tool_cases_add (const ToolCase *cases, gsize n_cases)
{
  for (gsize i = 0; i < n_cases; i++)
    g_test_add_data_func (cases[i].path, &cases[i], test_case);
}
