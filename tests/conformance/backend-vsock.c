/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The conformance suite over AF_VSOCK, by loopback in a virtual machine of our own: anywhere else a
 * connection would leave the machine. */

#include "peers.h"
#include "waits.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/vm_sockets.h>

static HvsockVsockAddress *
get_local (HvsockConnection *connection)
{
  return HVSOCK_VSOCK_ADDRESS (hvsock_connection_get_local_address (connection));
}

static HvsockVsockAddress *
get_remote (HvsockConnection *connection)
{
  return HVSOCK_VSOCK_ADDRESS (hvsock_connection_get_remote_address (connection));
}

static const char *
vsock_get_obstacle (void)
{
  if (g_getenv ("HVSOCK_TEST_IN_GUEST") != NULL)
    return NULL;
  return "AF_VSOCK is used in a virtual machine only: run the suite 'guest', which starts one";
}

static char *
vsock_set_up (Conformance *self)
{
  return g_strdup ("vsock://local:any");
}

static void
vsock_tear_down (Conformance *self)
{
}

static int
vsock_listen_by_hand (Conformance *self, HvsockAddress **address)
{
  struct sockaddr_vm native = {
    .svm_family = AF_VSOCK,
    .svm_cid = VMADDR_CID_LOCAL,
    .svm_port = VMADDR_PORT_ANY,
  };
  socklen_t length = sizeof native;
  int fd = socket (AF_VSOCK, SOCK_STREAM, 0);

  g_assert_no_errno (bind (fd, (struct sockaddr *) &native, sizeof native));
  g_assert_no_errno (listen (fd, 16));
  g_assert_no_errno (getsockname (fd, (struct sockaddr *) &native, &length));
  *address = hvsock_vsock_address_new (HVSOCK_CID_LOCAL, native.svm_port);
  return fd;
}

/* A port that was free a moment ago. */
static char *
vsock_refuse (Conformance *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockListener) listener = hvsock_listen ("vsock://local:any", NULL, &error);

  g_assert_no_error (error);
  return conformance_get_uri (listener);
}

static void
vsock_check_addresses (Conformance *self, HvsockConnection *client, HvsockConnection *server)
{
  g_assert_cmpuint (hvsock_vsock_address_get_cid (get_remote (client)), ==, HVSOCK_CID_LOCAL);
  g_assert_cmpuint (hvsock_vsock_address_get_cid (get_remote (server)), ==, HVSOCK_CID_LOCAL);
  g_assert_cmpuint (hvsock_vsock_address_get_port (get_remote (server)), ==,
                    hvsock_vsock_address_get_port (get_local (client)));
  g_assert_cmpuint (hvsock_vsock_address_get_port (get_remote (client)), ==,
                    hvsock_vsock_address_get_port (get_local (server)));
}

/* Listening on every address, at a port of the system's choice. */
static void
test_any (Conformance *self)
{
  static const char *const uris[] = { "vsock://:any", "vsock://any:4294967295", "vsock://-1:any" };

  for (guint i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (HvsockListener) listener = hvsock_listen (uris[i], NULL, &error);
      g_autofree char *uri = NULL;
      HvsockVsockAddress *address;

      g_assert_no_error (error);
      address = HVSOCK_VSOCK_ADDRESS (hvsock_listener_get_local_address (listener));
      g_assert_cmpuint (hvsock_vsock_address_get_cid (address), ==, HVSOCK_CID_ANY);
      g_assert_cmpuint (hvsock_vsock_address_get_port (address), !=, HVSOCK_PORT_ANY);
      uri = g_strdup_printf ("vsock://local:%u", hvsock_vsock_address_get_port (address));
      {
        g_auto (ConformancePair) pair = conformance_connect_to (listener, uri);

        conformance_expect_alive (self, &pair);
      }
    }
}

/* The same service by the name that a Hyper-V guest has for it. */
static void
test_service_guid (Conformance *self)
{
  HvsockVsockAddress *address =
      HVSOCK_VSOCK_ADDRESS (hvsock_listener_get_local_address (self->listener));
  guint32 port = hvsock_vsock_address_get_port (address);
  g_autofree char *uri =
      g_strdup_printf ("hvsock://wildcard/%08x-facb-11e6-bd58-64006a7986d3", port);
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockListener) listener = NULL;

  hvsock_listener_close (self->listener);
  listener = hvsock_listen (uri, NULL, &error);
  g_assert_no_error (error);
  {
    g_auto (ConformancePair) pair = conformance_connect_to (listener, self->uri);

    conformance_expect_alive (self, &pair);
  }
}

static void
test_no_such_machine (Conformance *self)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (hvsock_connect ("vsock://4242:1234", NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE);
}

static guint64
get_buffer_size (HvsockConnection *connection)
{
  guint64 size = 0;
  socklen_t length = sizeof size;

  g_assert_no_errno (getsockopt (hvsock_connection_get_fd (connection), AF_VSOCK,
                                 SO_VM_SOCKETS_BUFFER_SIZE, &size, &length));
  return size;
}

/* Below and above what the system has by default: 256 KiB, which is also its maximum. */
static void
test_buffer_size (Conformance *self)
{
  static const guint64 sizes[] = { 65536, 1024 * 1024 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *listen_uri =
          g_strdup_printf ("vsock://local:any?buffer-size=%" G_GUINT64_FORMAT, sizes[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (HvsockListener) listener = hvsock_listen (listen_uri, NULL, &error);
      g_autofree char *uri = NULL;

      g_assert_no_error (error);
      uri = conformance_get_uri (listener);
      {
        g_auto (ConformancePair) pair = conformance_connect_to (listener, uri);

        g_assert_cmpuint (get_buffer_size (pair.client), ==, sizes[i]);
        g_assert_cmpuint (get_buffer_size (pair.server), ==, sizes[i]);
        g_assert_cmpuint (conformance_fill (pair.client), <=, 2 * sizes[i]);
      }
    }
}

/* A server that answers and closes while it is still being written to: nothing of what poll() looks
 * at becomes ready for the writer, as long as the answer is unread. */
static void
test_write_to_gone (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  conformance_fill (pair.client);
  g_output_stream_write_async (conformance_output (pair.client), "byte", 4, G_PRIORITY_DEFAULT,
                               NULL, conformance_result_cb, &result);
  conformance_turn ();
  g_assert_null (result);
  conformance_send (self, pair.server, "answer");
  conformance_close (pair.server);
  conformance_wait (&result);
  g_assert_cmpint (g_output_stream_write_finish (conformance_output (pair.client), result, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
  conformance_expect (self, pair.client, "answer");
}

/* Two messages, of which the second has to wait for room. */
#define FIRST  200000
#define SECOND 100000

typedef struct
{
  HvsockConnection *connection;
  pthread_t thread;
  gssize n_written;
  GError *error;
} MessageWriter;

static gpointer
write_second (gpointer data)
{
  MessageWriter *self = data;

  self->thread = pthread_self ();
  self->n_written = g_output_stream_write (conformance_output (self->connection),
                                           conformance_many_bytes, SECOND, NULL, &self->error);
  return NULL;
}

static void
ignore_cb (int number)
{
}

/* One that is sent to the thread while it waits, and has a handler of the kind after which the
 * kernel begins a call anew. */
static ConformanceThread *
write_with_signal (ConformancePair *pair, int number, MessageWriter *writer)
{
  const struct sigaction restarting = { .sa_handler = ignore_cb, .sa_flags = SA_RESTART };
  ConformanceThread *thread;

  g_assert_no_errno (sigaction (number, &restarting, NULL));
  g_assert_cmpint (g_output_stream_write (conformance_output (pair->client), conformance_many_bytes,
                                          FIRST, NULL, NULL),
                   ==, FIRST);
  *writer = (MessageWriter){ .connection = pair->client };
  thread = conformance_thread_new (write_second, writer);
  conformance_wait_begun (pair->client);
  pthread_kill (writer->thread, number);
  return thread;
}

static void
expect_message (HvsockConnection *connection, gssize size)
{
  g_autofree char *bytes = g_malloc (FIRST + 1);

  g_assert_cmpint (
      g_input_stream_read (conformance_input (connection), bytes, FIRST + 1, NULL, NULL), ==, size);
}

/* A part of the message is sent already, so it cannot begin anew: it breaks the connection off,
 * unless the signal can wait. */
static void
test_signal (Conformance *self)
{
  {
    g_auto (ConformancePair) pair = conformance_connect_messages ();
    MessageWriter writer;
    ConformanceThread *thread = write_with_signal (&pair, SIGINT, &writer);

    conformance_thread_join (thread);
    g_assert_cmpint (writer.n_written, ==, -1);
    g_assert_nonnull (strstr (writer.error->message, g_strerror (EINTR)));
    g_error_free (writer.error);
    expect_message (pair.server, FIRST);
    conformance_expect_end (self, pair.server);
  }
  {
    g_auto (ConformancePair) pair = conformance_connect_messages ();
    MessageWriter writer;
    ConformanceThread *thread = write_with_signal (&pair, SIGUSR1, &writer);

    expect_message (pair.server, FIRST);
    expect_message (pair.server, SECOND);
    conformance_thread_join (thread);
    g_assert_no_error (writer.error);
    g_assert_cmpint (writer.n_written, ==, SECOND);
  }
}

static void
vsock_add_tests (void)
{
  conformance_add ("/seqpacket-signal", test_signal);
  conformance_add ("/write-to-gone", test_write_to_gone);
  conformance_add ("/any", test_any);
  conformance_add ("/service-guid", test_service_guid);
  conformance_add ("/no-such-machine", test_no_such_machine);
  conformance_add ("/buffer-size", test_buffer_size);
}

const ConformanceBackend conformance_backend = {
  .name = "vsock",
  .packet_uri = "vsock://local:any?type=seqpacket",
  .get_obstacle = vsock_get_obstacle,
  .set_up = vsock_set_up,
  .tear_down = vsock_tear_down,
  .listen_by_hand = vsock_listen_by_hand,
  .refuse = vsock_refuse,
  .check_addresses = vsock_check_addresses,
  .add_tests = vsock_add_tests,
};
