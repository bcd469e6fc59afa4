/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The tools where AF_VSOCK is forbidden, as seccomp profiles of containers do: the reason and the
 * remedy are told, and the other transports work. The filter is a real one, inherited by the tool.
 */

#include "tool-process.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct
{
  const char *path;
  int errsv;
  const char *remedy;
} ForbiddenCase;

static const ForbiddenCase cases[] = {
  { "/forbidden-vsock/permission", EPERM, "seccomp" },
  { "/forbidden-vsock/unknown-family", EAFNOSUPPORT, "the kernel has AF_VSOCK" },
};

/* Runs between fork and exec. */
static void
forbid_vsock_cb (gpointer data)
{
  const ForbiddenCase *test = data;
  struct sock_filter filter[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, args[0])),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, AF_VSOCK, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (guint32) test->errsv),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = { G_N_ELEMENTS (filter), filter };

  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    _exit (125);
}

static ToolProcess *
start_forbidden (const ForbiddenCase *test, const char *tool, const char *argument)
{
  g_autofree char *path = tool_path (tool);
  const char *const arguments[] = { path, argument, NULL };
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);

  g_subprocess_launcher_set_child_setup (launcher, forbid_vsock_cb, (gpointer) test, NULL);
  return tool_process_start (launcher, arguments);
}

/* Where the kernel lacks the family as well, it comes first. */
static const char *
get_remedy (const ForbiddenCase *test)
{
  return test->errsv != EAFNOSUPPORT || g_file_test ("/sys/module/vsock", G_FILE_TEST_EXISTS)
             ? test->remedy
             : "load the kernel module vsock";
}

static void
test_forbidden (gconstpointer data)
{
  const ForbiddenCase *test = data;
  const char *remedy = get_remedy (test);
  g_autofree char *reason = g_strdup_printf ("socket(AF_VSOCK): %s", g_strerror (test->errsv));
  g_autofree char *explanation = g_strdup_printf ("\n  unavailable: %s\n  remedy: ", reason);
  g_autoptr (ToolProcess) probe = start_forbidden (test, "hvsock-probe", NULL);
  g_autoptr (ToolProcess) hvcat = start_forbidden (test, "hvcat", "vsock://1:1");

  tool_process_assert_ends (probe, 0, NULL);
  g_assert_nonnull (strstr (probe->output->str, explanation));
  g_assert_nonnull (strstr (probe->output->str, remedy));

  tool_process_assert_ends (hvcat, 1, reason);
  g_assert_nonnull (strstr (hvcat->messages->str, remedy));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add_data_func (cases[i].path, &cases[i], test_forbidden);
  return g_test_run ();
}
