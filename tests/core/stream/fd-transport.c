/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Connecting a descriptor. The stand-in for a plugin makes Unix sockets, and sockets of the
 * loopback interface where it takes one that does not connect at once. */

#include "ends.h"
#include "unix-sockets.h"
#include "waits.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  HvsockFdTransport parent_instance;

  int type;             /* of Unix sockets; 0 for the other kind */
  in_port_t port;       /* of the other kind */
  const char *greeting; /* or NULL */
  guint timeout;        /* what the last socket was opened with */
} SocketTransport;

typedef HvsockFdTransportClass SocketTransportClass;

GType socket_transport_get_type (void);
G_DEFINE_TYPE (SocketTransport, socket_transport, HVSOCK_TYPE_FD_TRANSPORT)

static int
socket_transport_open_socket (HvsockFdTransport *transport,
                              HvsockAddress *address,
                              guint timeout,
                              HvsockSocketTarget *target,
                              GError **error)
{
  SocketTransport *self = (SocketTransport *) transport;
  const char *path = hvsock_unix_address_get_path (HVSOCK_UNIX_ADDRESS (address));
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = self->port };
  int fd;

  self->timeout = timeout;
  if (g_str_equal (path, "/bad"))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "no socket today");
      return -1;
    }
  if (self->type == SOCK_STREAM)
    return hvsock_unix_socket_open (path, target, error);
  if (self->type == SOCK_SEQPACKET)
    {
      fd = hvsock_unix_socket_open (path, target, error);
      close (fd);
      return socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    }

  in.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  memcpy (&target->native, &in, sizeof in);
  target->length = sizeof in;
  return socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static gsize
socket_transport_get_greeting (HvsockFdTransport *transport,
                               HvsockAddress *address,
                               char greeting[HVSOCK_GREETING_MAX])
{
  return g_strlcpy (greeting, ((SocketTransport *) transport)->greeting, HVSOCK_GREETING_MAX);
}

static const char *
socket_transport_get_remedy (HvsockFdTransport *transport, HvsockAddress *address, int errsv)
{
  switch (errsv)
    {
    case ECONNREFUSED:
      return "start it";
    case ETIMEDOUT:
      return "wake it up";
    default:
      return NULL;
    }
}

static void
socket_transport_class_init (SocketTransportClass *klass)
{
  klass->open_socket = socket_transport_open_socket;
  klass->get_remedy = socket_transport_get_remedy;
}

static void
socket_transport_init (SocketTransport *self)
{
}

/* One that begins by saying something. */
typedef SocketTransport GreetingTransport;
typedef SocketTransportClass GreetingTransportClass;

GType greeting_transport_get_type (void);
G_DEFINE_TYPE (GreetingTransport, greeting_transport, socket_transport_get_type ())

static void
greeting_transport_class_init (GreetingTransportClass *klass)
{
  klass->get_greeting = socket_transport_get_greeting;
}

static void
greeting_transport_init (GreetingTransport *self)
{
}

/* A transport, the address of a Unix socket, and one of the two ways to connect to it. */
typedef struct
{
  Folder folder;
  char *path;
  HvsockAddress *address;
  HvsockTransport *transport;
  GCancellable *cancellable;
  guint timeout;
  gboolean is_async;

  GAsyncResult *result;
  ConformanceThread *thread;
  GError *error;
} Attempt;

static void
attempt_init (Attempt *self, GType type, gconstpointer is_async)
{
  folder_init (&self->folder);
  self->path = g_build_filename (self->folder.path, "s", NULL);
  self->address = hvsock_unix_address_new (self->path);
  self->transport = g_object_new (type, NULL);
  ((SocketTransport *) self->transport)->type = SOCK_STREAM;
  self->cancellable = g_cancellable_new ();
  self->is_async = GPOINTER_TO_INT (is_async);
}

static void
attempt_clear (Attempt *self)
{
  folder_clear (&self->folder);
  g_clear_pointer (&self->path, g_free);
  g_clear_object (&self->address);
  g_clear_object (&self->transport);
  g_clear_object (&self->cancellable);
  g_clear_error (&self->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Attempt, attempt_clear)

static gpointer
connect_in_thread (gpointer data)
{
  Attempt *self = data;

  return hvsock_transport_connect (self->transport, self->address, self->timeout, self->cancellable,
                                   &self->error);
}

static void
attempt_begin (Attempt *self)
{
  if (self->is_async)
    hvsock_transport_connect_async (self->transport, self->address, self->timeout,
                                    self->cancellable, conformance_result_cb, &self->result);
  else
    self->thread = conformance_thread_new (connect_in_thread, self);
}

static void
attempt_settle (Attempt *self)
{
  if (self->is_async)
    conformance_turn ();
  else
    conformance_thread_wait_asleep (self->thread);
}

static HvsockConnection *
attempt_end (Attempt *self)
{
  HvsockConnection *connection;

  if (!self->is_async)
    return conformance_thread_join (self->thread);

  conformance_wait (&self->result);
  connection = hvsock_transport_connect_finish (self->transport, self->result, &self->error);
  g_clear_object (&self->result);
  return connection;
}

static HvsockConnection *
attempt_run (Attempt *self)
{
  attempt_begin (self);
  return attempt_end (self);
}

static void
expect_connection (Attempt *self)
{
  g_autoptr (HvsockConnection) connection = attempt_end (self);
  int fd;

  g_assert_no_error (self->error);
  fd = hvsock_connection_get_fd (connection);
  g_assert_cmpint (fcntl (fd, F_GETFL) & O_NONBLOCK, ==, 0);
  g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, !=, 0);
  g_assert_true (hvsock_connection_get_remote_address (connection) == self->address);
}

static void
test_connected (gconstpointer data)
{
  g_auto (Attempt) attempt = { 0 };
  guint n_before;
  int fd;

  attempt_init (&attempt, socket_transport_get_type (), data);
  attempt.timeout = 4321;
  fd = socket_listen (attempt.path, SOCK_STREAM, 1);
  n_before = count_descriptors ();
  attempt_begin (&attempt);
  expect_connection (&attempt);
  g_assert_cmpuint (((SocketTransport *) attempt.transport)->timeout, ==, 4321);
  g_assert_cmpuint (count_descriptors (), ==, n_before);
  close (fd);
}

/* The directory is held open while it is needed. */
static void
test_connected_by_anchor (gconstpointer data)
{
  g_auto (Attempt) attempt = { 0 };
  g_autofree char *directory = NULL;
  g_autofree char *path = NULL;
  guint n_before;
  int fd;

  attempt_init (&attempt, socket_transport_get_type (), data);
  directory = folder_add_long_directory (&attempt.folder);
  path = g_build_filename (directory, "s", NULL);
  fd = socket_listen (attempt.path, SOCK_STREAM, 1);
  g_assert_no_errno (rename (attempt.path, path));
  g_clear_object (&attempt.address);
  attempt.address = hvsock_unix_address_new (path);
  n_before = count_descriptors ();
  attempt_begin (&attempt);
  expect_connection (&attempt);
  g_assert_cmpuint (count_descriptors (), ==, n_before);
  close (fd);
}

/* Each call of send() arrives as one message: there is just one. */
static void
test_greeting (gconstpointer data)
{
  g_auto (Attempt) attempt = { 0 };
  g_autoptr (HvsockConnection) connection = NULL;
  char bytes[256];
  int listener, fd;

  attempt_init (&attempt, greeting_transport_get_type (), data);
  ((SocketTransport *) attempt.transport)->type = SOCK_SEQPACKET;
  ((SocketTransport *) attempt.transport)->greeting = "00000003.00000050\n";
  listener = socket_listen (attempt.path, SOCK_SEQPACKET, 1);
  connection = attempt_run (&attempt);
  g_assert_no_error (attempt.error);
  fd = accept (listener, NULL, NULL);
  g_assert_cmpint (recv (fd, bytes, sizeof bytes, 0), ==, 18);
  g_assert_cmpmem (bytes, 18, "00000003.00000050\n", 18);
  g_assert_cmpint (recv (fd, bytes, sizeof bytes, MSG_DONTWAIT), ==, -1);
  g_assert_cmpint (errno, ==, EAGAIN);
  close (fd);
  close (listener);
}

static void
test_failed (gconstpointer data)
{
  static const struct
  {
    gboolean is_stale;
    int code;
    int errsv;
    const char *remedy;
  } cases[] = {
    { FALSE, G_IO_ERROR_NOT_FOUND, ENOENT, "" },
    { TRUE, G_IO_ERROR_CONNECTION_REFUSED, ECONNREFUSED, ": start it" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Attempt) attempt = { 0 };
      g_autofree char *text = NULL;
      guint n_before;

      attempt_init (&attempt, socket_transport_get_type (), data);
      if (cases[i].is_stale)
        socket_make_stale (attempt.path);
      n_before = count_descriptors ();
      g_assert_null (attempt_run (&attempt));
      g_assert_error (attempt.error, G_IO_ERROR, cases[i].code);
      text = g_strdup_printf ("cannot connect to 'unix://%s': %s%s", attempt.path,
                              g_strerror (cases[i].errsv), cases[i].remedy);
      g_assert_cmpstr (attempt.error->message, ==, text);
      g_assert_cmpuint (count_descriptors (), ==, n_before);
    }
}

static void
test_no_socket (gconstpointer data)
{
  g_auto (Attempt) attempt = { 0 };

  attempt_init (&attempt, socket_transport_get_type (), data);
  g_clear_object (&attempt.address);
  attempt.address = hvsock_unix_address_new ("/bad");
  g_assert_null (attempt_run (&attempt));
  g_assert_error (attempt.error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_cmpstr (attempt.error->message, ==, "cannot connect to 'unix:///bad': no socket today");
}

/* Somebody listens, and others are before us in the queue: it may take its time. */
typedef struct
{
  Attempt attempt;
  GArray *others;
  guint n_before;
  int listener;
} Queue;

static void
queue_init (Queue *self, gconstpointer is_async)
{
  attempt_init (&self->attempt, socket_transport_get_type (), is_async);
  self->listener = socket_listen (self->attempt.path, SOCK_STREAM, 0);
  self->others = socket_fill_queue (self->attempt.path);
  self->n_before = count_descriptors ();
}

static void
queue_clear (Queue *self)
{
  g_assert_cmpuint (count_descriptors (), ==, self->n_before);
  for (guint i = 0; i < self->others->len; i++)
    close (g_array_index (self->others, int, i));
  g_array_unref (self->others);
  close (self->listener);
  attempt_clear (&self->attempt);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Queue, queue_clear)

static void
test_queue_moves (gconstpointer data)
{
  g_auto (Queue) queue = { { { 0 } } };
  int fd;

  queue_init (&queue, data);
  attempt_begin (&queue.attempt);
  attempt_settle (&queue.attempt);
  fd = accept (queue.listener, NULL, NULL);
  expect_connection (&queue.attempt);
  close (fd);
}

static void
test_queue_timed_out (gconstpointer data)
{
  g_auto (Queue) queue = { { { 0 } } };
  gint64 began = g_get_monotonic_time ();
  g_autofree char *text = NULL;

  queue_init (&queue, data);
  queue.attempt.timeout = 20;
  g_assert_null (attempt_run (&queue.attempt));
  g_assert_error (queue.attempt.error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  text = g_strdup_printf ("cannot connect to 'unix://%s': no answer within 20 ms: wake it up",
                          queue.attempt.path);
  g_assert_cmpstr (queue.attempt.error->message, ==, text);
  g_assert_cmpint (g_get_monotonic_time () - began, >=, 20000);
}

static void
test_queue_cancelled (gconstpointer data)
{
  g_auto (Queue) queue = { { { 0 } } };

  queue_init (&queue, data);
  attempt_begin (&queue.attempt);
  attempt_settle (&queue.attempt);
  g_cancellable_cancel (queue.attempt.cancellable);
  g_assert_null (attempt_end (&queue.attempt));
  g_assert_error (queue.attempt.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_queue_gone (gconstpointer data)
{
  g_auto (Queue) queue = { { { 0 } } };

  queue_init (&queue, data);
  attempt_begin (&queue.attempt);
  attempt_settle (&queue.attempt);
  g_assert_no_errno (close (queue.listener));
  queue.listener = -1;
  queue.n_before--;
  g_assert_null (attempt_end (&queue.attempt));
  g_assert_error (queue.attempt.error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
}

/* A socket of the loopback interface, which answers EINPROGRESS first. */
static int
listen_on_loopback (Attempt *attempt, int backlog)
{
  SocketTransport *transport = (SocketTransport *) attempt->transport;
  struct sockaddr_in in = { .sin_family = AF_INET };
  socklen_t length = sizeof in;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  in.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &in, sizeof in));
  g_assert_no_errno (listen (fd, backlog));
  g_assert_no_errno (getsockname (fd, (struct sockaddr *) &in, &length));
  transport->type = 0;
  transport->port = in.sin_port;
  return fd;
}

static void
test_in_progress_connected (gconstpointer data)
{
  g_auto (Attempt) attempt = { 0 };
  int listener;

  attempt_init (&attempt, socket_transport_get_type (), data);
  listener = listen_on_loopback (&attempt, 1);
  attempt_begin (&attempt);
  expect_connection (&attempt);
  close (listener);
}

static void
test_in_progress_refused (gconstpointer data)
{
  g_auto (Attempt) attempt = { 0 };
  guint n_before;

  attempt_init (&attempt, socket_transport_get_type (), data);
  close (listen_on_loopback (&attempt, 1));
  n_before = count_descriptors ();
  g_assert_null (attempt_run (&attempt));
  g_assert_error (attempt.error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
  g_assert_cmpuint (count_descriptors (), ==, n_before);
}

/* The system drops what is asked of a full queue, and so does not answer. */
static void
test_in_progress_ended (gconstpointer data)
{
  for (guint i = 0; i < 2; i++)
    {
      const gboolean is_cancelled = i == 1;
      g_auto (Attempt) attempt = { 0 };
      g_autoptr (HvsockConnection) first = NULL;
      guint n_before;
      struct pollfd listener = { .events = POLLIN };

      attempt_init (&attempt, socket_transport_get_type (), data);
      listener.fd = listen_on_loopback (&attempt, 0);
      first = attempt_run (&attempt);
      g_assert_no_error (attempt.error);
      /* It may be connected a moment before it is in the queue. */
      g_assert_cmpint (poll (&listener, 1, -1), ==, 1);
      n_before = count_descriptors ();

      attempt.timeout = is_cancelled ? 0 : 20;
      attempt_begin (&attempt);
      attempt_settle (&attempt);
      if (is_cancelled)
        g_cancellable_cancel (attempt.cancellable);
      g_assert_null (attempt_end (&attempt));
      if (is_cancelled)
        g_assert_error (attempt.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      else
        g_assert_error (attempt.error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
      g_assert_cmpuint (count_descriptors (), ==, n_before);
      close (listener.fd);
    }
}

/* Nobody has to let go of the result first. */
static void
test_late_leaves_nothing (void)
{
  g_auto (Attempt) attempt = { 0 };
  g_autoptr (GArray) fds = NULL;
  guint before;
  int fd;

  attempt_init (&attempt, socket_transport_get_type (), GINT_TO_POINTER (TRUE));
  attempt.timeout = 1;
  fd = socket_listen (attempt.path, SOCK_STREAM, 0);
  fds = socket_fill_queue (attempt.path);
  before = count_descriptors ();
  attempt_begin (&attempt);
  conformance_wait (&attempt.result);
  g_assert_cmpuint (count_descriptors (), ==, before);
  g_assert_null (
      hvsock_transport_connect_finish (attempt.transport, attempt.result, &attempt.error));
  g_assert_error (attempt.error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_object (&attempt.result);
  for (guint i = 0; i < fds->len; i++)
    close (g_array_index (fds, int, i));
  close (fd);
}

static void
add (const char *name, GTestDataFunc func)
{
  g_autofree char *blocking = g_strdup_printf ("/fd-transport/blocking/%s", name);
  g_autofree char *async = g_strdup_printf ("/fd-transport/async/%s", name);

  g_test_add_data_func (blocking, GINT_TO_POINTER (FALSE), func);
  g_test_add_data_func (async, GINT_TO_POINTER (TRUE), func);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  /* GLib's main contexts get their descriptors now, so that they are not counted. */
  g_type_ensure (G_TYPE_TASK);
  conformance_turn ();

  add ("connected/at-once", test_connected);
  add ("connected/by-anchor", test_connected_by_anchor);
  add ("connected/greeting", test_greeting);
  add ("failed/by-the-system", test_failed);
  add ("failed/no-socket", test_no_socket);
  add ("queue/moves", test_queue_moves);
  add ("queue/timed-out", test_queue_timed_out);
  add ("queue/cancelled", test_queue_cancelled);
  add ("queue/gone", test_queue_gone);
  add ("in-progress/connected", test_in_progress_connected);
  add ("in-progress/refused", test_in_progress_refused);
  add ("in-progress/ended", test_in_progress_ended);
  g_test_add_func ("/fd-transport/async/late-leaves-nothing", test_late_leaves_nothing);

  return g_test_run ();
}
