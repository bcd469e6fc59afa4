/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Signals that interrupt a blocking call, and descriptors that were made non-blocking behind the
 * library's back: the calls go on as if nothing had happened. */

#include "ends.h"
#include "folder.h"
#include "waits.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

static int n_signals; /* atomic */

static void
signal_cb (int number)
{
  g_atomic_int_inc (&n_signals);
}

typedef gssize (*Call) (gpointer stream, GCancellable *cancellable, GError **error);

typedef struct
{
  Call call;
  gpointer stream;
  GCancellable *cancellable;
  pthread_t thread;
  int is_started; /* atomic */
} Blocked;

static gpointer
block (gpointer data)
{
  Blocked *self = data;
  g_autoptr (GError) error = NULL;
  gssize moved;

  self->thread = pthread_self ();
  g_atomic_int_set (&self->is_started, TRUE);
  moved = self->call (self->stream, self->cancellable, &error);
  g_assert_no_error (error);
  return GSIZE_TO_POINTER (moved);
}

/* The handler interrupts system calls, as most handlers of older programs do. */
static void
interrupt (Blocked *blocked, ConformanceThread *thread)
{
  struct sigaction action = { .sa_handler = signal_cb };

  g_assert_no_errno (sigaction (SIGUSR1, &action, NULL));
  while (!g_atomic_int_get (&blocked->is_started))
    g_thread_yield ();
  for (guint i = 0; i < 3; i++)
    {
      int before = g_atomic_int_get (&n_signals);

      conformance_thread_wait_asleep (thread);
      g_assert_cmpint (pthread_kill (blocked->thread, SIGUSR1), ==, 0);
      while (g_atomic_int_get (&n_signals) == before)
        g_thread_yield ();
    }
  conformance_thread_wait_asleep (thread);
}

static gssize
read_call (gpointer stream, GCancellable *cancellable, GError **error)
{
  char bytes[8];

  return g_input_stream_read (stream, bytes, sizeof bytes, cancellable, error);
}

static gssize
write_call (gpointer stream, GCancellable *cancellable, GError **error)
{
  return g_output_stream_write (stream, "bytes", 5, cancellable, error);
}

/* Whether the call blocks in the operation itself or in a poll(). */
typedef struct
{
  gboolean has_cancellable;
  guint timeout;
  gboolean is_non_blocking;
} Manner;

static const Manner manners[] = {
  { FALSE, 0, FALSE },
  { TRUE, 0, FALSE },
  { FALSE, G_MAXINT, FALSE },
  { FALSE, 0, TRUE },
};

static void
ends_apply (Ends *ends, const Manner *manner)
{
  int fd = hvsock_connection_get_fd (ends->connection);

  hvsock_connection_set_timeout (ends->connection, manner->timeout);
  if (manner->is_non_blocking)
    g_assert_no_errno (fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) | O_NONBLOCK));
}

static void
test_read (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (manners); i++)
    {
      g_auto (Ends) ends = { 0 };
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      ConformanceThread *thread;
      Blocked blocked = { read_call };

      ends_init (&ends, SOCK_STREAM);
      ends_apply (&ends, &manners[i]);
      blocked.stream = ends_input (&ends);
      blocked.cancellable = manners[i].has_cancellable ? cancellable : NULL;
      thread = conformance_thread_new (block, &blocked);
      interrupt (&blocked, thread);
      ends_send (&ends, "abc");
      g_assert_cmpint (GPOINTER_TO_SIZE (conformance_thread_join (thread)), ==, 3);
    }
}

static void
test_write (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (manners); i++)
    {
      g_auto (Ends) ends = { 0 };
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      ConformanceThread *thread;
      Blocked blocked = { write_call };
      char bytes[65536];

      ends_init (&ends, SOCK_STREAM);
      ends_apply (&ends, &manners[i]);
      ends_fill (&ends);
      blocked.stream = ends_output (&ends);
      blocked.cancellable = manners[i].has_cancellable ? cancellable : NULL;
      thread = conformance_thread_new (block, &blocked);
      interrupt (&blocked, thread);
      while (recv (ends.peer, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        continue;
      g_assert_cmpint (GPOINTER_TO_SIZE (conformance_thread_join (thread)), ==, 5);
    }
}

static gssize
accept_call (gpointer listener, GCancellable *cancellable, GError **error)
{
  g_autoptr (HvsockConnection) connection = hvsock_listener_accept (listener, cancellable, error);

  return connection != NULL;
}

static void
test_accept (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL;
  g_autoptr (HvsockAddress) address = NULL;
  g_autoptr (HvsockListener) listener = NULL;
  g_autoptr (GError) error = NULL;
  HvsockSocketTarget target;
  ConformanceThread *thread;
  Blocked blocked = { accept_call };
  int fd;

  folder_init (&folder);
  path = g_build_filename (folder.path, "s", NULL);
  address = hvsock_unix_address_new (path);
  listener = hvsock_unix_socket_listen (path, address, &error);
  g_assert_no_error (error);
  blocked.stream = listener;
  thread = conformance_thread_new (block, &blocked);
  interrupt (&blocked, thread);
  fd = hvsock_unix_socket_open (path, &target, &error);
  g_assert_no_error (error);
  g_assert_no_errno (connect (fd, (struct sockaddr *) &target.native, target.length));
  g_assert_cmpint (GPOINTER_TO_SIZE (conformance_thread_join (thread)), ==, 1);
  close (fd);
  hvsock_listener_close (listener);
  folder_assert_empty (&folder);
}

/* More than there is room for, by a call that is not to return before all is on its way. */
static gpointer
write_much (gpointer stream)
{
  g_autofree char *bytes = g_malloc0 (1 << 20);
  g_autoptr (GError) error = NULL;
  gsize written;

  g_output_stream_write_all (stream, bytes, 1 << 20, &written, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (written, ==, 1 << 20);
  return NULL;
}

static void
test_non_blocking_descriptor (void)
{
  g_auto (Ends) ends = { 0 };
  g_autofree char *bytes = g_malloc (1 << 20);
  GThread *thread;
  int fd;

  ends_init (&ends, SOCK_STREAM);
  fd = hvsock_connection_get_fd (ends.connection);
  g_assert_no_errno (fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) | O_NONBLOCK));
  thread = g_thread_new ("write", write_much, ends_output (&ends));
  g_assert_cmpint (recv (ends.peer, bytes, 1 << 20, MSG_WAITALL), ==, 1 << 20);
  g_thread_join (thread);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/interrupt/read", test_read);
  g_test_add_func ("/interrupt/write", test_write);
  g_test_add_func ("/interrupt/accept", test_accept);
  g_test_add_func ("/non-blocking-descriptor", test_non_blocking_descriptor);

  return g_test_run ();
}
