/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What hvsock-probe shows of an attempt to connect, and what the other side sees of it. Separate
 * because each of the tests that connect looks at both. */

#include "probe-steps.h"

#include <string.h>
#include <unistd.h>

/* One line for each step: "parse failed", say. That the times are numbers is checked by the way. */
char *
probe_steps_read (ToolProcess *probe)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GRegex) line = g_regex_new (
      "^(\\w+) +(done|failed|not tried|none) +(\\d+\\.\\d\\d ms|-) ", G_REGEX_MULTILINE, 0, &error);
  g_autoptr (GMatchInfo) match = NULL;
  GString *steps = g_string_new (NULL);

  g_assert_no_error (error);
  for (g_regex_match (line, probe->output->str, 0, &match); g_match_info_matches (match);
       g_match_info_next (match, NULL))
    {
      g_autofree char *name = g_match_info_fetch (match, 1);
      g_autofree char *state = g_match_info_fetch (match, 2);
      g_autofree char *time = g_match_info_fetch (match, 3);

      g_string_append_printf (steps, "%s %s\n", name, state);
      g_assert_cmpint (strcmp (state, "done") == 0 || strcmp (state, "failed") == 0, ==,
                       strcmp (time, "-") != 0);
    }
  return g_string_free (steps, FALSE);
}

void
probe_steps_assert (ToolProcess *probe, const char *expected)
{
  g_autofree char *steps = probe_steps_read (probe);

  g_assert_cmpstr (steps, ==, expected);
}

/* The other side saw a connection that ended, and not one byte of it. */
void
probe_steps_assert_silence (int fd)
{
  char byte;

  g_assert_cmpint (read (fd, &byte, 1), ==, 0);
  close (fd);
}
