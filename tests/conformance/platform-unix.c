/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The suite on Unix, where what is open has file descriptors. */

#include "platform.h"

#include "conformance.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* 200 connections have both their ends in this process, and a stand-in two more each. */
#define DESCRIPTORS_NEEDED 1024

static void
bail_out_cb (int signal_number)
{
  static const char pipe[] = "Bail out! the library let a SIGPIPE through\n";

  if (write (STDOUT_FILENO, pipe, strlen (pipe)) < 0)
    _exit (EXIT_FAILURE);
  abort ();
}

static void
raise_descriptor_limit (void)
{
  struct rlimit limit;

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &limit));
  if (limit.rlim_cur < DESCRIPTORS_NEEDED)
    limit.rlim_cur = MIN (limit.rlim_max, DESCRIPTORS_NEEDED);
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &limit));
}

void
conformance_platform_init (void)
{
  signal (SIGPIPE, bail_out_cb);
  raise_descriptor_limit ();
}

void
conformance_platform_add_tests (void)
{
  conformance_add_descriptor_tests ();
  conformance_add_exhaustion_tests ();
  conformance_add_seqpacket_tests ();
}

char *
conformance_platform_list_open (void)
{
  g_autoptr (GDir) directory = g_dir_open ("/proc/self/fd", 0, NULL);
  g_autoptr (GString) list = g_string_new (NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/fd", name, NULL);
      g_autofree char *target = g_file_read_link (path, NULL);

      /* Each look at the folder has a descriptor of its own. */
      if (target != NULL && !g_str_has_suffix (target, "/fd"))
        g_string_append_printf (list, " %s→%s", name, target);
    }
  return g_string_free (g_steal_pointer (&list), FALSE);
}
