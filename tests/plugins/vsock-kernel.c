/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The plugin for AF_VSOCK against a real kernel. Anywhere but in a virtual machine of our own a
 * connection might leave the machine, so all of this is skipped there. */

#include "plugins.h"

#include "streams.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

/* Of the kernel's clock, in microseconds. */
#define LONGEST_TICK 10000

static HvsockListener *
listen_on (const char *uri)
{
  g_autoptr (GError) error = NULL;
  HvsockListener *listener = hvsock_listen (uri, NULL, &error);

  g_assert_no_error (error);
  return listener;
}

static HvsockConnection *
connect_to (const char *uri, guint timeout)
{
  g_autoptr (HvsockClient) client = hvsock_client_new ();
  g_autoptr (GError) error = NULL;
  HvsockConnection *connection;

  hvsock_client_set_timeout (client, timeout);
  connection = hvsock_client_connect (client, uri, NULL, &error);
  g_assert_no_error (error);
  return connection;
}

static HvsockConnection *
accept_from (HvsockListener *listener)
{
  g_autoptr (GError) error = NULL;
  HvsockConnection *connection = hvsock_listener_accept (listener, NULL, &error);

  g_assert_no_error (error);
  return connection;
}

static guint32
get_port (HvsockListener *listener)
{
  HvsockAddress *address = hvsock_listener_get_local_address (listener);

  return hvsock_vsock_address_get_port (HVSOCK_VSOCK_ADDRESS (address));
}

static char *
get_uri (HvsockListener *listener)
{
  return hvsock_address_to_uri (hvsock_listener_get_local_address (listener));
}

static void
test_free_port (void)
{
  g_autoptr (HvsockListener) any = listen_on ("vsock://:any");
  g_autoptr (HvsockListener) local = listen_on ("vsock://local:any?buffer-size=65536");
  g_autofree char *any_uri = get_uri (any);
  g_autofree char *local_uri = get_uri (local);
  g_autofree char *any_expected = g_strdup_printf ("vsock://:%u", get_port (any));
  g_autofree char *local_expected =
      g_strdup_printf ("vsock://1:%u?buffer-size=65536", get_port (local));

  g_assert_cmpuint (get_port (any), !=, HVSOCK_PORT_ANY);
  g_assert_cmpuint (get_port (any), !=, get_port (local));
  g_assert_cmpstr (any_uri, ==, any_expected);
  g_assert_cmpstr (local_uri, ==, local_expected);
}

static gboolean
has_packets (void)
{
  g_autoptr (HvsockProbe) probe = plugin_probe ("vsock");

  if (hvsock_probe_get_features (probe) & HVSOCK_FEATURE_SEQPACKET)
    return TRUE;

  g_test_skip ("the kernel has no vsock messages: run a Linux 5.14 or newer");
  return FALSE;
}

static void
test_free_port_for_packets (void)
{
  g_autoptr (HvsockListener) listener = NULL;
  g_autofree char *uri = NULL;
  g_autofree char *expected = NULL;

  if (!has_packets ())
    return;

  listener = listen_on ("vsock://local:any?type=seqpacket&buffer-size=65536");
  uri = get_uri (listener);
  expected = g_strdup_printf ("vsock://1:%u?buffer-size=65536&type=seqpacket", get_port (listener));
  g_assert_cmpuint (get_port (listener), !=, HVSOCK_PORT_ANY);
  g_assert_cmpstr (uri, ==, expected);
}

static HvsockAddress *
get_peer_address (HvsockConnection *connection)
{
  struct sockaddr_vm native;
  socklen_t length = sizeof native;

  g_assert_no_errno (
      getpeername (hvsock_connection_get_fd (connection), (struct sockaddr *) &native, &length));
  return hvsock_address_new_from_native (&native, length);
}

/* The kernel keeps the flag that it was given, though the loopback has no use for it. */
static void
test_sibling (void)
{
  static const struct
  {
    const char *option;
    gboolean is_sibling;
  } cases[] = { { "", FALSE }, { "?sibling=true", TRUE } };
  g_autoptr (HvsockListener) listener = listen_on ("vsock://local:any");
  g_autofree char *plain = get_uri (listener);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *uri = g_strconcat (plain, cases[i].option, NULL);
      g_autoptr (HvsockConnection) client = connect_to (uri, 10000);
      g_autoptr (HvsockConnection) server = accept_from (listener);
      g_autoptr (HvsockAddress) peer = get_peer_address (client);

      g_assert_cmpint (hvsock_vsock_address_is_sibling (HVSOCK_VSOCK_ADDRESS (peer)), ==,
                       cases[i].is_sibling);
      stream_send (client, "abc");
      stream_expect (server, "abc");
    }
}

static void
test_port_in_use (void)
{
  g_autoptr (HvsockListener) listener = listen_on ("vsock://:any");
  g_autofree char *uri = get_uri (listener);
  g_autoptr (GError) error = plugin_fail_to_listen (uri);

  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  plugin_expect_text (error, uri);
  plugin_expect_text (error, "another program listens on this port");

  g_clear_object (&listener);
  listener = listen_on (uri);
}

static void
test_privileged_port (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr (GError) error = NULL;

      if (geteuid () == 0)
        g_assert_no_errno (setresuid (65534, 65534, 65534));
      error = plugin_fail_to_listen ("vsock://:80");
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
      plugin_expect_text (error, "CAP_NET_BIND_SERVICE");
      return;
    }

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
}

static void
test_foreign_cid (void)
{
  g_autoptr (GError) listening = plugin_fail_to_listen ("vsock://4711:1234");
  g_autoptr (GError) connecting = plugin_fail_to_connect ("vsock://4711:1234");

  g_assert_error (listening, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  plugin_expect_text (listening, "this machine does not have this CID");
  if (!g_error_matches (connecting, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE))
    {
      g_assert_error (connecting, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE);
      plugin_expect_text (connecting, "no virtual machine has this CID");
    }
}

static void
test_refused (void)
{
  g_autoptr (HvsockListener) listener = listen_on ("vsock://local:any");
  g_autofree char *uri = get_uri (listener);
  g_autoptr (GError) error = NULL;

  g_clear_object (&listener);
  error = plugin_fail_to_connect (uri);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
  plugin_expect_text (error, "nobody listens on this port there");
}

static guint64
get_option (HvsockConnection *connection, int option)
{
  guint64 value = 0;
  socklen_t length = sizeof value;

  g_assert_no_errno (
      getsockopt (hvsock_connection_get_fd (connection), AF_VSOCK, option, &value, &length));
  return value;
}

/* On both ends: those who are accepted have what their listener has. */
static void
test_buffer_size (void)
{
  static const guint64 sizes[] = { 4096, 65536, 1024 * 1024 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *listen_uri =
          g_strdup_printf ("vsock://local:any?buffer-size=%" G_GUINT64_FORMAT, sizes[i]);
      g_autoptr (HvsockListener) listener = listen_on (listen_uri);
      g_autofree char *uri = get_uri (listener);
      g_autoptr (HvsockConnection) client = connect_to (uri, 10000);
      g_autoptr (HvsockConnection) server = accept_from (listener);

      g_assert_cmpuint (get_option (client, SO_VM_SOCKETS_BUFFER_SIZE), ==, sizes[i]);
      g_assert_cmpuint (get_option (server, SO_VM_SOCKETS_BUFFER_SIZE), ==, sizes[i]);
      stream_send (client, "abc");
      stream_expect (server, "abc");
    }
}

static void
test_default_buffer_size (void)
{
  g_autoptr (HvsockListener) listener = listen_on ("vsock://local:any");
  g_autofree char *uri = get_uri (listener);
  g_autoptr (HvsockConnection) client = connect_to (uri, 10000);

  g_assert_cmpuint (get_option (client, SO_VM_SOCKETS_BUFFER_SIZE), ==, 262144);
}

/* The system's own limit must not come before the caller's, from which connecting has taken some
 * already, and which the system rounds up to its ticks. */
static void
test_connect_timeout (void)
{
  static const guint timeouts[] = { 5000, 60000, G_MAXINT, 0 };
  g_autoptr (HvsockListener) listener = listen_on ("vsock://local:any");
  g_autofree char *uri = get_uri (listener);

  for (guint i = 0; i < G_N_ELEMENTS (timeouts); i++)
    {
      const gint64 timeout = timeouts[i] * (gint64) G_TIME_SPAN_MILLISECOND;
      const gint64 start = g_get_monotonic_time ();
      g_autoptr (HvsockConnection) client = connect_to (uri, timeouts[i]);
      const gint64 elapsed = g_get_monotonic_time () - start;
      struct timeval limit = { 0 };
      socklen_t length = sizeof limit;
      gint64 most;

      g_assert_no_errno (getsockopt (hvsock_connection_get_fd (client), AF_VSOCK,
                                     SO_VM_SOCKETS_CONNECT_TIMEOUT, &limit, &length));
      if (timeouts[i] == 0 || timeouts[i] == G_MAXINT)
        {
          g_assert_cmpint (limit.tv_sec, >=, 24 * 3600);
          continue;
        }
      most = limit.tv_sec * G_TIME_SPAN_SECOND + limit.tv_usec;
      g_assert_cmpint (most, <=, timeout + LONGEST_TICK);
      g_assert_cmpint (most, >=, timeout - elapsed);
    }
}

static void
test_hvsock (void)
{
  g_autoptr (HvsockListener) finder = listen_on ("vsock://:any");
  guint32 port = get_port (finder);
  g_autofree char *listen_uri =
      g_strdup_printf ("hvsock:///%08x-facb-11e6-bd58-64006a7986d3", port);
  g_autofree char *connect_uri = g_strdup_printf ("hvsock://loopback/%u", port);
  g_autofree char *vsock_uri = g_strdup_printf ("vsock://1:%u", port);
  g_autofree char *listener_uri = NULL;
  g_autoptr (HvsockListener) listener = NULL;
  g_autoptr (HvsockConnection) server = NULL;
  g_autoptr (HvsockConnection) other_server = NULL;
  g_autoptr (HvsockConnection) client = NULL;
  g_autoptr (HvsockConnection) other_client = NULL;

  g_clear_object (&finder);
  listener = listen_on (listen_uri);
  listener_uri = get_uri (listener);
  g_assert_cmpstr (listener_uri, ==, listen_uri);
  client = connect_to (connect_uri, 10000);
  server = accept_from (listener);
  stream_send (client, "abc");
  stream_expect (server, "abc");
  other_client = connect_to (vsock_uri, 10000);
  other_server = accept_from (listener);
  stream_send (other_server, "abc");
  stream_expect (other_client, "abc");
}

static void
test_type_mismatch (void)
{
  static const char *const types[] = { "stream", "seqpacket" };

  if (!has_packets ())
    return;

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree char *listen_uri = g_strdup_printf ("vsock://local:any?type=%s", types[i]);
      g_autoptr (HvsockListener) listener = listen_on (listen_uri);
      g_autofree char *other =
          g_strdup_printf ("vsock://local:%u?type=%s", get_port (listener), types[1 - i]);
      g_autoptr (GError) error = plugin_fail_to_connect (other);

      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
    }
}

static void
test_probe (void)
{
  g_autoptr (HvsockProbe) probe = plugin_probe ("vsock");

  g_assert_cmpstr (hvsock_probe_get_detail (probe, "local CID"), ==, "1");
  g_assert_cmpstr (hvsock_probe_get_detail (probe, "role"), ==, "loopback only");
}

static void
skip (void)
{
  g_test_skip (
      "AF_VSOCK is used in a virtual machine only: run the suite 'guest', which starts one");
}

static void
add (const char *path, GTestFunc func)
{
  g_test_add_func (path, g_getenv ("HVSOCK_TEST_IN_GUEST") != NULL ? func : skip);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  add ("/plugin/vsock/listen/free-port", test_free_port);
  add ("/plugin/vsock/listen/free-port-for-packets", test_free_port_for_packets);
  add ("/plugin/vsock/listen/port-in-use", test_port_in_use);
  add ("/plugin/vsock/listen/privileged-port", test_privileged_port);
  add ("/plugin/vsock/foreign-cid", test_foreign_cid);
  add ("/plugin/vsock/sibling", test_sibling);
  add ("/plugin/vsock/refused", test_refused);
  add ("/plugin/vsock/buffer-size/given", test_buffer_size);
  add ("/plugin/vsock/buffer-size/default", test_default_buffer_size);
  add ("/plugin/vsock/connect-timeout", test_connect_timeout);
  add ("/plugin/vsock/hvsock", test_hvsock);
  add ("/plugin/vsock/type-mismatch", test_type_mismatch);
  add ("/plugin/vsock/local-cid", test_probe);

  return g_test_run ();
}
