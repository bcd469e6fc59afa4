/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The tools where AF_VSOCK is forbidden, as seccomp profiles of containers do: the reason and the
 * remedy are told, and the other transports work. The filter is a real one, inherited by the tool;
 * sysfs, which tells whether the kernel has the family, is a stand-in. */

#include "tool-sandbox.h"

#include <errno.h>
#include <string.h>

typedef struct
{
  const char *path;
  int errsv;
  const char *sys; /* what stands in for sysfs, NULL for nothing */
  const char *remedy;
} ForbiddenCase;

static const ForbiddenCase cases[] = {
  { "/forbidden-vsock/permission", EPERM, NULL, "a seccomp profile or a security module forbids" },
  { "/forbidden-vsock/unknown-family/filter", EAFNOSUPPORT, "module/vsock/",
    "the kernel has AF_VSOCK, so a filter forbids it here" },
  { "/forbidden-vsock/unknown-family/built-in", EAFNOSUPPORT, "module/ class/misc/vsock/",
    "the kernel has AF_VSOCK, so a filter forbids it here" },
  { "/forbidden-vsock/unknown-family/no-module", EAFNOSUPPORT, "module/",
    "load the kernel module vsock\n" },
  { "/forbidden-vsock/unknown-family/no-sysfs", EAFNOSUPPORT, "",
    "load the kernel module vsock, or, in a container, allow" },
};

static void
test_forbidden (gconstpointer data)
{
  const ForbiddenCase *test = data;
  g_autofree char *reason = g_strdup_printf ("socket(AF_VSOCK): %s", g_strerror (test->errsv));
  g_autofree char *explanation =
      g_strdup_printf ("\n  unavailable: %s\n  remedy: %s", reason, test->remedy);
  g_autofree char *message = g_strdup_printf ("%s: %s", reason, test->remedy);
  g_auto (Folder) sys = { 0 };
  ToolSandbox sandbox = { .vsock_errsv = test->errsv };
  g_autoptr (ToolProcess) probe = NULL;
  g_autoptr (ToolProcess) hvcat = NULL;

  tool_sandbox_init_folder (&sys, test->sys != NULL ? test->sys : "");
  if (test->sys != NULL)
    sandbox.mounts[0] = (ToolMount){ sys.path, "/sys" };
  if (!tool_sandbox_is_possible (&sandbox))
    return;

  probe = tool_sandbox_start (&sandbox, "hvsock-probe", NULL);
  tool_process_assert_ends (probe, 0, NULL);
  g_assert_nonnull (strstr (probe->output->str, explanation));

  hvcat = tool_sandbox_start (&sandbox, "hvcat", "vsock://1:1", NULL);
  tool_process_assert_ends (hvcat, 1, message);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add_data_func (cases[i].path, &cases[i], test_forbidden);
  return g_test_run ();
}
