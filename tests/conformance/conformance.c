/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Runs the scenarios: sets each of them up, bounds it by a deadline, and counts descriptors. It is
 * separate from the scenarios so that these need not care. */

#include "conformance.h"

#include "peers.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Each scenario must end by then; emulated machines and memory checkers are slow. In seconds. */
#define DEADLINE 60

/* 200 connections have both their ends in this process, and a stand-in two more each. */
#define DESCRIPTORS_NEEDED 1024

typedef struct
{
  char *path;
  ConformanceFunc func;
  const ConformanceMode *mode;
} Scenario;

static void
scenario_free (gpointer data)
{
  Scenario *self = data;

  g_free (self->path);
  g_free (self);
}

static void
set_up (Conformance *self, const ConformanceMode *mode)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *uri = NULL;

  *self = (Conformance){ .mode = mode };
  self->directory = g_dir_make_tmp ("conformance-XXXXXX", &error);
  g_assert_no_error (error);
  self->silent_fds = g_array_new (FALSE, FALSE, sizeof (int));
  uri = conformance_backend.set_up (self);
  self->listener = hvsock_listen (uri, NULL, &error);
  g_assert_no_error (error);
  self->uri = conformance_get_uri (self->listener);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) directory = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    directory = g_dir_open (path, 0, NULL);
  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_assert_no_errno (g_remove (path));
}

static void
tear_down (Conformance *self)
{
  g_clear_object (&self->listener);
  for (guint i = 0; i < self->silent_fds->len; i++)
    close (g_array_index (self->silent_fds, int, i));
  g_array_unref (self->silent_fds);
  conformance_backend.tear_down (self);
  remove_tree (self->directory);
  g_free (self->directory);
  g_free (self->uri);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

/* A pipe is kept for the next one. */
static void
warm_up_splice (HvsockConnection *connection)
{
  g_autoptr (GFile) nothing = g_file_new_for_path ("/dev/null");
  g_autoptr (GInputStream) from = G_INPUT_STREAM (g_file_read (nothing, NULL, NULL));

  g_output_stream_splice (g_io_stream_get_output_stream (G_IO_STREAM (connection)), from, 0, NULL,
                          NULL);
}

/* What stays open for the life of the process is opened by the first use of everything. */
static void
warm_up (void)
{
  static gsize is_warm = 0;

  if (g_once_init_enter (&is_warm))
    {
      Conformance self;

      set_up (&self, &conformance_async);
      {
        g_auto (ConformancePair) pair = conformance_connect (&self);

        conformance_send (&self, pair.client, "warm");
        conformance_expect (&self, pair.server, "warm");
        warm_up_splice (pair.client);
      }
      tear_down (&self);
      g_once_init_leave (&is_warm, 1);
    }
}

static char *
list_descriptors (void)
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

static void
run_cb (gconstpointer data)
{
  const Scenario *scenario = data;
  const char *obstacle = conformance_backend.get_obstacle ();
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  Conformance self;

  if (obstacle != NULL)
    {
      g_test_skip (obstacle);
      return;
    }

  alarm (DEADLINE);
  warm_up ();
  before = list_descriptors ();
  set_up (&self, scenario->mode);
  scenario->func (&self);
  tear_down (&self);
  after = list_descriptors ();
  g_assert_cmpstr (before, ==, after);
  alarm (0);
}

static void
add (char *path, ConformanceFunc func, const ConformanceMode *mode)
{
  Scenario *scenario = g_new (Scenario, 1);

  *scenario = (Scenario){ path, func, mode };
  g_test_add_data_func_full (path, scenario, run_cb, scenario_free);
}

/* Adds a scenario as /<transport>@path, for which the mode does not matter. */
void
conformance_add (const char *path, ConformanceFunc func)
{
  add (g_strconcat ("/", conformance_backend.name, path, NULL), func, &conformance_blocking);
}

/* Adds a scenario that finds @mode in self->mode, as /<transport>@path/<mode>. */
void
conformance_add_mode (const char *path, ConformanceFunc func, const ConformanceMode *mode)
{
  add (g_strconcat ("/", conformance_backend.name, path, "/", mode->name, NULL), func, mode);
}

/* Of what GIO has no pollable form. */
void
conformance_add_both (const char *path, ConformanceFunc func)
{
  conformance_add_mode (path, func, &conformance_blocking);
  conformance_add_mode (path, func, &conformance_async);
}

void
conformance_add_modes (const char *path, ConformanceFunc func)
{
  conformance_add_both (path, func);
  conformance_add_mode (path, func, &conformance_pollable);
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

static void
raise_descriptor_limit (void)
{
  struct rlimit limit;

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &limit));
  if (limit.rlim_cur < DESCRIPTORS_NEEDED)
    limit.rlim_cur = MIN (limit.rlim_max, DESCRIPTORS_NEEDED);
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &limit));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  signal (SIGALRM, bail_out_cb);
  signal (SIGPIPE, bail_out_cb);
  raise_descriptor_limit ();

  conformance_add_address_tests ();
  conformance_add_cancel_tests ();
  conformance_add_close_tests ();
  conformance_add_connect_tests ();
  conformance_add_context_tests ();
  conformance_add_data_tests ();
  conformance_add_end_tests ();
  conformance_add_exhaustion_tests ();
  conformance_add_filter_tests ();
  conformance_add_half_close_tests ();
  conformance_add_listener_tests ();
  conformance_add_parallel_tests ();
  conformance_add_retry_tests ();
  conformance_add_seqpacket_tests ();
  conformance_add_timeout_tests ();
  conformance_add_vectored_tests ();
  if (conformance_backend.add_tests != NULL)
    conformance_backend.add_tests ();

  return g_test_run ();
}
