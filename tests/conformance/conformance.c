/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Runs the scenarios: sets each of them up, bounds it by a deadline, and looks whether it left
 * anything open. It is separate from the scenarios so that these need not care. */

#include "conformance.h"

#include "deadline.h"
#include "peers.h"
#include "platform.h"

/* How long what is closed may stay open, in seconds. */
#define PATIENCE 5

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
  folder_init (&self->folder);
  uri = conformance_backend.set_up (self);
  self->listener = hvsock_listen (uri, NULL, &error);
  g_assert_no_error (error);
  self->uri = conformance_get_uri (self->listener);
}

static void
tear_down (Conformance *self)
{
  g_clear_object (&self->listener);
  conformance_backend.tear_down (self);
  folder_clear (&self->folder);
  g_free (self->uri);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

/* What moves bytes may be kept for the next time. */
static void
warm_up_splice (Conformance *self)
{
  g_auto (ConformancePair) near = conformance_connect (self);
  g_auto (ConformancePair) far = conformance_connect (self);
  g_autoptr (GError) error = NULL;

  conformance_send (self, near.client, "warm");
  conformance_close (near.client);
  g_output_stream_splice (conformance_output (far.client), conformance_input (near.server),
                          G_OUTPUT_STREAM_SPLICE_NONE, NULL, &error);
  g_assert_no_error (error);
  conformance_expect (self, far.server, "warm");
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
      }
      warm_up_splice (&self);
      tear_down (&self);
      g_once_init_leave (&is_warm, 1);
    }
}

/* Some systems take a moment to close what was in use. */
static void
expect_open (const char *before)
{
  const gint64 limit = g_get_monotonic_time () + PATIENCE * G_TIME_SPAN_SECOND;
  g_autofree char *after = conformance_platform_list_open ();

  while (g_strcmp0 (before, after) != 0 && g_get_monotonic_time () < limit)
    {
      g_free (after);
      after = conformance_platform_list_open ();
    }
  g_assert_cmpstr (before, ==, after);
}

static void
run_cb (gconstpointer data)
{
  const Scenario *scenario = data;
  const char *obstacle;
  g_autofree char *before = NULL;
  Conformance self;

  conformance_deadline_set (scenario->path);
  obstacle = conformance_backend.get_obstacle ();
  if (obstacle != NULL)
    {
      g_test_skip (obstacle);
      conformance_deadline_clear ();
      return;
    }

  warm_up ();
  before = conformance_platform_list_open ();
  set_up (&self, scenario->mode);
  scenario->func (&self);
  tear_down (&self);
  expect_open (before);
  conformance_deadline_clear ();
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  conformance_platform_init ();
  /* The deadline of the first scenario bounds the plugin's probe too. */
  g_object_set (hvsock_registry_get_default (), "probe-timeout", 0, NULL);

  conformance_add_address_tests ();
  conformance_add_cancel_tests ();
  conformance_add_close_tests ();
  conformance_add_connect_tests ();
  conformance_add_context_tests ();
  conformance_add_data_tests ();
  conformance_add_end_tests ();
  conformance_add_filter_tests ();
  conformance_add_half_close_tests ();
  conformance_add_listener_tests ();
  conformance_add_parallel_tests ();
  conformance_add_relay_tests ();
  conformance_add_retry_tests ();
  conformance_add_service_tests ();
  conformance_add_timeout_tests ();
  conformance_add_vectored_tests ();
  conformance_platform_add_tests ();
  if (conformance_backend.add_tests != NULL)
    conformance_backend.add_tests ();

  return g_test_run ();
}
