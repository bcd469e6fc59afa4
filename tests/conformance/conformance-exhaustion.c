/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Scenarios of a process that is out of descriptors: listeners wait until it has some again. */

#include "peers.h"
#include "waits.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Few, so that they are soon used up. */
#define FEW 64

typedef struct
{
  gboolean is_exhausted; /* atomic */
  struct rlimit before;
  GArray *taken;
  HvsockListener *listener;
  HvsockConnection *client;
} Exhaustion;

/* A peer waits in the queue, and this process has no descriptor left for it. The descriptor of the
 * listener is ours, so that it can be seen that the peer has come all the way. */
static void
exhaust (Exhaustion *exhaustion, Conformance *self)
{
  g_autoptr (HvsockAddress) address = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *uri = NULL;
  struct pollfd polled = { .events = POLLIN };
  struct rlimit few;
  int fd;

  polled.fd = conformance_backend.listen_by_hand (self, &address);
  uri = hvsock_address_to_uri (address);
  exhaustion->listener = hvsock_listener_new_for_fd (polled.fd, address, &error);
  g_assert_no_error (error);
  exhaustion->client = hvsock_connect (uri, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (poll (&polled, 1, -1), ==, 1);

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &exhaustion->before));
  few = exhaustion->before;
  few.rlim_cur = FEW;
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &few));
  exhaustion->taken = g_array_new (FALSE, FALSE, sizeof fd);
  while ((fd = fcntl (polled.fd, F_DUPFD_CLOEXEC, 0)) >= 0)
    g_array_append_val (exhaustion->taken, fd);
  g_assert_cmpint (errno, ==, EMFILE);
}

static void
recover (Exhaustion *exhaustion)
{
  for (guint i = 0; i < exhaustion->taken->len; i++)
    close (g_array_index (exhaustion->taken, int, i));
  g_array_unref (exhaustion->taken);
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &exhaustion->before));
}

static void
expect_accepted (Conformance *self, Exhaustion *exhaustion, HvsockConnection *server)
{
  g_auto (ConformancePair) pair = { exhaustion->client, server };

  conformance_expect_alive (self, &pair);
  g_clear_object (&exhaustion->listener);
}

static void
test_async (Conformance *self)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  HvsockConnection *server;
  Exhaustion exhaustion = { 0 };

  exhaust (&exhaustion, self);
  hvsock_listener_accept_async (exhaustion.listener, NULL, conformance_result_cb, &result);
  conformance_turn ();
  g_assert_null (result);
  recover (&exhaustion);

  conformance_wait (&result);
  server = hvsock_listener_accept_finish (exhaustion.listener, result, &error);
  g_assert_no_error (error);
  expect_accepted (self, &exhaustion, server);
}

/* Threads are made before, since that needs descriptors. */
static gpointer
accept_when_exhausted (gpointer data)
{
  Exhaustion *exhaustion = data;
  g_autoptr (GError) error = NULL;
  HvsockConnection *connection;

  while (!g_atomic_int_get (&exhaustion->is_exhausted))
    g_thread_yield ();
  connection = hvsock_listener_accept (exhaustion->listener, NULL, &error);
  g_assert_no_error (error);
  return connection;
}

static void
test_blocking (Conformance *self)
{
  Exhaustion exhaustion = { 0 };
  ConformanceThread *thread = conformance_thread_new (accept_when_exhausted, &exhaustion);

  exhaust (&exhaustion, self);
  g_atomic_int_set (&exhaustion.is_exhausted, TRUE);
  conformance_thread_wait_asleep (thread);
  recover (&exhaustion);
  expect_accepted (self, &exhaustion, conformance_thread_join (thread));
}

static void
test_closed (Conformance *self)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Exhaustion exhaustion = { 0 };

  exhaust (&exhaustion, self);
  hvsock_listener_accept_async (exhaustion.listener, NULL, conformance_result_cb, &result);
  conformance_turn ();
  g_assert_null (result);
  hvsock_listener_close (exhaustion.listener);
  conformance_wait (&result);
  g_assert_null (hvsock_listener_accept_finish (exhaustion.listener, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  recover (&exhaustion);
  g_clear_object (&exhaustion.client);
  g_clear_object (&exhaustion.listener);
}

/* There, a peer for whom there is no descriptor is accepted nevertheless, and then dropped. */
static gboolean
is_in_valgrind (void)
{
  const char *preloaded = g_getenv ("LD_PRELOAD");

  return preloaded != NULL && strstr (preloaded, "vgpreload") != NULL;
}

void
conformance_add_exhaustion_tests (void)
{
  if (is_in_valgrind ())
    return;

  conformance_add ("/listener/exhaustion/async", test_async);
  conformance_add ("/listener/exhaustion/blocking", test_blocking);
  conformance_add ("/listener/exhaustion/closed", test_closed);
}
