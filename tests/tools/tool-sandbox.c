/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A tool that meets another system than the test does. Everything is real but the files: the mount
 * namespace, the user and the filter are the kernel's, made between fork and exec. */

#include "tool-sandbox.h"

#include "tool-nobody.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static gboolean
write_line (const char *path, const char *line)
{
  gssize length = (gssize) strlen (line);
  int fd = open (path, O_WRONLY | O_CLOEXEC);

  return fd >= 0 && write (fd, line, (gsize) length) == length && close (fd) == 0;
}

static gboolean
map_own_id (const char *path, unsigned int id)
{
  char line[64];

  g_snprintf (line, sizeof line, "%u %u 1\n", id, id);
  return write_line (path, line);
}

/* Who is not root may mount in a user namespace of his own, and stays who he is in it. */
static gboolean
enter_user_namespace (void)
{
  uid_t uid = geteuid ();
  gid_t gid = getegid ();

  return unshare (CLONE_NEWUSER) == 0 && write_line ("/proc/self/setgroups", "deny\n") &&
         map_own_id ("/proc/self/uid_map", uid) && map_own_id ("/proc/self/gid_map", gid);
}

static gboolean
enter_mount_namespace (void)
{
  return (geteuid () == 0 || enter_user_namespace ()) && unshare (CLONE_NEWNS) == 0 &&
         mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static gboolean
mount_folders (const ToolMount *mounts)
{
  for (; mounts->folder != NULL; mounts++)
    {
      if (mount (mounts->folder, mounts->place, NULL, MS_BIND, NULL) != 0)
        return FALSE;
    }
  return TRUE;
}

/* As seccomp profiles of containers do. */
static gboolean
forbid_vsock (int errsv)
{
  struct sock_filter filter[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, args[0])),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, AF_VSOCK, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (guint32) errsv),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = { G_N_ELEMENTS (filter), filter };

  return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static gboolean
has_mounts (const ToolSandbox *self)
{
  return self->mounts[0].folder != NULL;
}

static void
enter_cb (gpointer data)
{
  const ToolSandbox *self = data;

  if ((has_mounts (self) && !(enter_mount_namespace () && mount_folders (self->mounts))) ||
      (self->is_nobody && !tool_nobody_become ()) ||
      (self->vsock_errsv != 0 && !forbid_vsock (self->vsock_errsv)))
    _exit (125);
}

static gboolean
can_make_mount_namespace (void)
{
  pid_t child = fork ();
  int status = 0;

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    _exit (enter_mount_namespace () ? 0 : 125);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  return status == 0;
}

static void
add_entry (const char *folder, const char *entry)
{
  g_auto (GStrv) parts = g_strsplit (entry, "=", 2);
  g_autofree char *path = g_build_filename (folder, parts[0], NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_no_errno (g_mkdir_with_parents (parent, 0755));
  if (g_str_has_suffix (entry, "/"))
    return;
  g_file_set_contents (path, parts[1] == NULL ? "" : g_strdelimit (parts[1], "\t", ' '), -1,
                       &error);
  g_assert_no_error (error);
  g_assert_no_errno (g_chmod (path, parts[1] == NULL ? 0 : 0666));
}

void
tool_sandbox_init_folder (Folder *folder, const char *entries)
{
  g_auto (GStrv) words = g_strsplit (entries, " ", -1);

  folder_init (folder);
  g_assert_no_errno (g_chmod (folder->path, 0755));
  for (guint i = 0; words[i] != NULL; i++)
    {
      if (*words[i] != '\0')
        add_entry (folder->path, words[i]);
    }
}

gboolean
tool_sandbox_is_possible (const ToolSandbox *self)
{
  if (has_mounts (self) && !can_make_mount_namespace ())
    {
      g_test_skip ("no mount namespace can be made here: run the test as root, or where users may "
                   "make namespaces; the suite 'guest' runs it as well");
      return FALSE;
    }
  return !self->is_nobody || tool_nobody_is_possible ();
}

ToolProcess *
tool_sandbox_start (const ToolSandbox *self, const char *tool, ...)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  ToolProcess *process;
  va_list list;

  g_subprocess_launcher_set_child_setup (launcher, enter_cb, (gpointer) self, NULL);
  va_start (list, tool);
  process = tool_process_start_valist (launcher, tool, list);
  va_end (list);
  return process;
}
