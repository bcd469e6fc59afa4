/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The plugin for the Unix socket of a virtual machine. The test stands in for the hypervisor with a
 * bare socket that looks at each byte that comes and gives whatever answer a case wants, also such
 * as no hypervisor gives. */

#include "plugins.h"

#include "unix-sockets.h"
#include "waits.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define REQUEST "CONNECT 52\n"

/* For answers that do not come, in milliseconds. */
#define SHORT 100

/* Between two bytes of a slow answer, in milliseconds. */
#define SLOW 40

/* Not an error code. */
#define ACCEPTED -1

typedef enum
{
  IN_ONE,   /* the whole answer at once */
  BYTEWISE, /* one byte after the other */
  SLOWLY,   /* with a pause before each */
  UNREAD,   /* before the request was read, which then never is */
} Manner;

typedef struct
{
  const char *name;
  const char *answer;
  gsize length; /* 0 for that of the text */
  Manner manner;
  gboolean closes; /* afterwards; else it is silent */
  int code;
} Case;

static const Case cases[] = {
  { "number", "OK 1073741824\n", 0, IN_ONE, FALSE, ACCEPTED },
  { "zero", "OK 0\n", 0, IN_ONE, FALSE, ACCEPTED },
  { "no-number", "OK \n", 0, IN_ONE, FALSE, ACCEPTED },
  { "32-bytes", "OK 1234567890123456789012345678\n", 0, IN_ONE, FALSE, ACCEPTED },
  { "bytewise", "OK 1073741824\n", 0, BYTEWISE, FALSE, ACCEPTED },
  { "slowly", "OK 1073741824\n", 0, SLOWLY, FALSE, ACCEPTED },
  { "slowly-and-ends", "OK 5\n", 0, SLOWLY, TRUE, ACCEPTED },

  { "nothing", "", 0, IN_ONE, TRUE, G_IO_ERROR_CONNECTION_REFUSED },
  { "nothing-unread", "", 0, UNREAD, TRUE, G_IO_ERROR_CONNECTION_REFUSED },
  { "early-end", "OK", 0, IN_ONE, TRUE, G_IO_ERROR_CONNECTION_REFUSED },
  { "end-in-number", "OK 5", 0, BYTEWISE, TRUE, G_IO_ERROR_CONNECTION_REFUSED },
  { "end-in-number-unread", "OK 5", 0, UNREAD, TRUE, G_IO_ERROR_CONNECTION_REFUSED },

  { "silence", "", 0, IN_ONE, FALSE, G_IO_ERROR_TIMED_OUT },
  { "no-newline", "OK 5", 0, IN_ONE, FALSE, G_IO_ERROR_TIMED_OUT },
  { "too-slowly", "OK 1073741824", 0, SLOWLY, FALSE, G_IO_ERROR_TIMED_OUT },

  { "KO", "KO\n", 0, IN_ONE, FALSE, G_IO_ERROR_INVALID_DATA },
  { "KO-unfinished", "KO", 0, IN_ONE, FALSE, G_IO_ERROR_INVALID_DATA },
  { "KO-bytewise", "KO 5\n", 0, BYTEWISE, FALSE, G_IO_ERROR_INVALID_DATA },
  { "OK-alone", "OK\n", 0, IN_ONE, FALSE, G_IO_ERROR_INVALID_DATA },
  { "lower-case", "ok 5\n", 0, IN_ONE, FALSE, G_IO_ERROR_INVALID_DATA },
  { "no-blank", "OKAY 5\n", 0, IN_ONE, FALSE, G_IO_ERROR_INVALID_DATA },
  { "tab", "OK\t5\n", 0, IN_ONE, FALSE, G_IO_ERROR_INVALID_DATA },
  { "leading-blank", " OK 5\n", 0, IN_ONE, FALSE, G_IO_ERROR_INVALID_DATA },
  { "newline-alone", "\n", 0, IN_ONE, FALSE, G_IO_ERROR_INVALID_DATA },
  { "carriage-return", "OK 5\r\n", 0, IN_ONE, FALSE, G_IO_ERROR_INVALID_DATA },
  { "NUL", "\0", 1, IN_ONE, FALSE, G_IO_ERROR_INVALID_DATA },
  { "NUL-in-number", "OK 5\0\n", 6, IN_ONE, FALSE, G_IO_ERROR_INVALID_DATA },
  { "not-ASCII", "OK \xc3\xbc\n", 0, IN_ONE, FALSE, G_IO_ERROR_INVALID_DATA },
  { "33-bytes", "OK 12345678901234567890123456789\n", 0, IN_ONE, FALSE, G_IO_ERROR_INVALID_DATA },
  { "33-bytes-bytewise", "OK 12345678901234567890123456789\n", 0, BYTEWISE, FALSE,
    G_IO_ERROR_INVALID_DATA },
  { "no-newline-in-32", "OK 12345678901234567890123456789", 0, IN_ONE, FALSE,
    G_IO_ERROR_INVALID_DATA },
  { "echo", REQUEST, 0, IN_ONE, FALSE, G_IO_ERROR_INVALID_DATA },
  { "other-protocol", "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", 0, IN_ONE, TRUE,
    G_IO_ERROR_INVALID_DATA },
};

typedef struct
{
  const Case *case_;
  int listener;
  int fd; /* of the connection, while it is to stay open */
} Peer;

static void
pause_for (guint milliseconds)
{
  poll (NULL, 0, (int) milliseconds);
}

/* A program that has given up is written to in vain. */
static void
give_answer (Peer *self)
{
  const Case *c = self->case_;
  const gsize length = c->length > 0 ? c->length : strlen (c->answer);
  const gsize piece = c->manner == BYTEWISE || c->manner == SLOWLY ? 1 : MAX (length, 1);

  for (gsize i = 0; i < length; i += piece)
    {
      if (c->manner == SLOWLY)
        pause_for (SLOW);
      if (send (self->fd, c->answer + i, piece, MSG_NOSIGNAL) < 0)
        g_assert_true (errno == EPIPE || errno == ECONNRESET);
    }
}

/* The request comes in one piece, and nothing after it before the answer. */
static gpointer
serve (gpointer data)
{
  Peer *self = data;
  char request[64];

  self->fd = accept (self->listener, NULL, NULL);
  if (self->case_->manner != UNREAD)
    {
      g_assert_cmpint (recv (self->fd, request, sizeof request, 0), ==, strlen (REQUEST));
      g_assert_cmpmem (request, strlen (REQUEST), REQUEST, strlen (REQUEST));
      g_assert_cmpint (recv (self->fd, request, sizeof request, MSG_DONTWAIT), <=, 0);
    }
  give_answer (self);
  if (self->case_->closes)
    close (self->fd);
  return NULL;
}

static HvsockConnection *
connect_to (HvsockClient *client, const char *uri, gboolean is_async, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  if (!is_async)
    return hvsock_client_connect (client, uri, NULL, error);

  hvsock_client_connect_async (client, uri, NULL, conformance_result_cb, &result);
  conformance_wait (&result);
  return hvsock_client_connect_finish (client, result, error);
}

static void
check_answer (const Case *c, int listener, const char *uri, gboolean is_async)
{
  Peer peer = { c, listener, -1 };
  GThread *thread = g_thread_new ("hypervisor", serve, &peer);
  g_autoptr (HvsockClient) client = hvsock_client_new ();
  g_autoptr (HvsockConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  if (c->code == G_IO_ERROR_TIMED_OUT)
    hvsock_client_set_timeout (client, SHORT);
  connection = connect_to (client, uri, is_async, &error);
  if (c->code == ACCEPTED)
    g_assert_no_error (error);
  else
    {
      g_assert_error (error, G_IO_ERROR, c->code);
      plugin_expect_text (error, uri);
    }
  g_assert_true ((connection != NULL) == (c->code == ACCEPTED));

  g_thread_join (thread);
  if (!c->closes)
    close (peer.fd);
}

/* Where a virtual machine is looked for, which does not run yet. */
typedef struct
{
  Folder folder;
  char *path;
  char *uri;
} Vm;

static void
vm_init (Vm *self)
{
  folder_init (&self->folder);
  self->path = g_build_filename (self->folder.path, "vm", NULL);
  self->uri = g_strconcat ("vsock-mux://:52", self->path, NULL);
}

static void
vm_clear (Vm *self)
{
  folder_clear (&self->folder);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->uri, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Vm, vm_clear)

static void
test_answer (gconstpointer data)
{
  g_auto (Vm) vm = { 0 };
  int listener;

  vm_init (&vm);
  listener = socket_listen (vm.path, SOCK_STREAM, 1);
  check_answer (data, listener, vm.uri, FALSE);
  check_answer (data, listener, vm.uri, TRUE);
  close (listener);
}

/* What the guest says at once is there to its first byte, however it comes along. */
static void
test_first_payload (void)
{
  static const Case answers[] = {
    { "in-one", "OK 5\nhello\nOK 6\n", 0, IN_ONE, TRUE, ACCEPTED },
    { "bytewise", "OK 5\nhello\nOK 6\n", 0, BYTEWISE, TRUE, ACCEPTED },
  };
  g_auto (Vm) vm = { 0 };
  int listener;

  vm_init (&vm);
  listener = socket_listen (vm.path, SOCK_STREAM, 1);
  for (guint i = 0; i < 2 * G_N_ELEMENTS (answers); i++)
    {
      Peer peer = { &answers[i / 2], listener, -1 };
      GThread *thread = g_thread_new ("hypervisor", serve, &peer);
      g_autoptr (HvsockClient) client = hvsock_client_new ();
      g_autoptr (GError) error = NULL;
      g_autoptr (HvsockConnection) connection = connect_to (client, vm.uri, i % 2 == 1, &error);
      char payload[32];
      gsize n;

      g_assert_no_error (error);
      g_thread_join (thread);
      g_input_stream_read_all (g_io_stream_get_input_stream (G_IO_STREAM (connection)), payload,
                               sizeof payload, &n, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (payload, n, "hello\nOK 6\n", 11);
    }
  close (listener);
}

/* While the answer is awaited. */
static void
test_cancelled (void)
{
  g_auto (Vm) vm = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  char request[64];
  int listener, fd;

  vm_init (&vm);
  listener = socket_listen (vm.path, SOCK_STREAM, 1);
  hvsock_connect_async (vm.uri, cancellable, conformance_result_cb, &result);
  conformance_turn ();
  fd = accept (listener, NULL, NULL);
  g_assert_cmpint (read (fd, request, sizeof request), ==, strlen (REQUEST));
  conformance_turn ();
  g_assert_null (result);

  g_cancellable_cancel (cancellable);
  conformance_wait (&result);
  g_assert_null (hvsock_connect_finish (result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (read (fd, request, sizeof request), ==, 0);
  close (fd);
  close (listener);
}

static void
test_info (void)
{
  const char *const schemes[] = { "vsock-mux", NULL };

  plugin_check_info ("mux", schemes);
}

static void
test_probe (void)
{
  g_autoptr (HvsockProbe) probe = plugin_probe ("mux");

  g_assert_true (hvsock_probe_is_available (probe));
  g_assert_cmpuint (hvsock_probe_get_features (probe), ==,
                    HVSOCK_FEATURE_CONNECT | HVSOCK_FEATURE_LISTEN | HVSOCK_FEATURE_STREAM);
  g_assert_cmpstr (hvsock_probe_get_detail (probe, "half-close"), ==,
                   "depends on the hypervisor, so it is refused");
}

static void
test_remedies (void)
{
  g_auto (Vm) vm = { 0 };
  g_autoptr (GError) missing = NULL;
  g_autoptr (GError) refused = NULL;

  vm_init (&vm);
  missing = plugin_fail_to_connect (vm.uri);
  g_assert_error (missing, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  plugin_expect_text (missing, "no virtual machine has its vsock socket there");
  socket_make_stale (vm.path);
  refused = plugin_fail_to_connect (vm.uri);
  g_assert_error (refused, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
  plugin_expect_text (refused, "the virtual machine of this socket does not run");
}

/* Where the hypervisor looks for it. */
static void
test_listen (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL;
  g_autofree char *uri = NULL;
  g_autoptr (HvsockListener) listener = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) taken = NULL;

  folder_init (&folder);
  path = g_build_filename (folder.path, "vm_4294967295", NULL);
  uri = g_strconcat ("vsock-mux://:4294967295", folder.path, "/vm", NULL);
  listener = hvsock_listen (uri, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  taken = plugin_fail_to_listen (uri);
  g_assert_error (taken, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  hvsock_listener_close (listener);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/plugin/mux/info", test_info);
  g_test_add_func ("/plugin/mux/probe", test_probe);
  g_test_add_func ("/plugin/mux/remedies", test_remedies);
  g_test_add_func ("/plugin/mux/listen", test_listen);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strconcat ("/plugin/mux/answer/", cases[i].name, NULL);

      g_test_add_data_func (name, &cases[i], test_answer);
    }
  g_test_add_func ("/plugin/mux/first-payload", test_first_payload);
  g_test_add_func ("/plugin/mux/cancelled", test_cancelled);

  return g_test_run ();
}
