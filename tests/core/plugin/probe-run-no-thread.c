/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Test of a probe for which the system gives no thread. */

#include "plugin/hvsock-probe-run-private.h"

#include <sys/resource.h>
#include <unistd.h>

typedef HvsockTransport NeverProbed;
typedef HvsockTransportClass NeverProbedClass;

static GType never_probed_get_type (void);

G_DEFINE_TYPE (NeverProbed, never_probed, HVSOCK_TYPE_TRANSPORT)

static void
never_probed_class_init (NeverProbedClass *klass)
{
}

static void
never_probed_init (NeverProbed *self)
{
}

/* Root may start as many threads as it likes, so this becomes another user in a process of its own.
 */
static void
test_no_thread (void)
{
  g_autoptr (HvsockTransport) transport = NULL;
  g_autoptr (GError) error = NULL;
  struct rlimit before;
  struct rlimit none;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      return;
    }

  transport = g_object_new (never_probed_get_type (), "name", "never-probed", NULL);
  if (geteuid () == 0)
    g_assert_cmpint (setuid (65534), ==, 0);

  g_assert_cmpint (getrlimit (RLIMIT_NPROC, &before), ==, 0);
  none = (struct rlimit){ .rlim_cur = 0, .rlim_max = before.rlim_max };
  g_assert_cmpint (setrlimit (RLIMIT_NPROC, &none), ==, 0);
  g_assert_null (hvsock_probe_run_start (transport, 60000, &error));
  g_assert_cmpint (setrlimit (RLIMIT_NPROC, &before), ==, 0);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/probe-run/no-thread", test_no_thread);

  return g_test_run ();
}
