/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The stand-in for AF_HYPERV by itself: what the hyperv transport counts on, in Winsock's own
 * calls. The program runs with the stand-in beside it, or puts it behind its own imports. */

#include <initguid.h>

#include "shim.h"

#include <mswsock.h>
#include <ws2tcpip.h>

#include <hvsocket.h>

#include <glib/gstdio.h>
#include <string.h>

#ifndef AF_HYPERV
#  define AF_HYPERV 34
#endif

/* In milliseconds; long enough to be told from an answer at once. */
#define TIMEOUT        100

#define ADDRESS_LENGTH (sizeof (SOCKADDR_HV) + 16)

/* Others may run this test at the same time. */
static GUID service;
static GUID machine;

static void
make_random (GUID *guid)
{
  guint32 words[4];

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    words[i] = g_random_int ();
  G_STATIC_ASSERT (sizeof words == sizeof *guid);
  memcpy (guid, words, sizeof words);
}

static SOCKADDR_HV
make_address (const GUID *vm, const GUID *service_id)
{
  return (SOCKADDR_HV){ AF_HYPERV, 0, *vm, *service_id };
}

static SOCKET
make_socket (void)
{
  SOCKET socket = WSASocketW (AF_HYPERV, SOCK_STREAM, HV_PROTOCOL_RAW, NULL, 0,
                              WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);

  g_assert_cmpuint (socket, !=, INVALID_SOCKET);
  return socket;
}

static void
expect_error (int result, int error)
{
  g_assert_cmpint (result, ==, SOCKET_ERROR);
  g_assert_cmpint (WSAGetLastError (), ==, error);
}

static int
bind_to (SOCKET socket, const GUID *vm, const GUID *service_id)
{
  SOCKADDR_HV address = make_address (vm, service_id);

  return bind (socket, (struct sockaddr *) &address, sizeof address);
}

static int
connect_to (SOCKET socket, const GUID *vm)
{
  SOCKADDR_HV address = make_address (vm, &service);

  return connect (socket, (struct sockaddr *) &address, sizeof address);
}

static SOCKET
make_listener (const GUID *vm)
{
  SOCKET listener = make_socket ();

  g_assert_cmpint (bind_to (listener, vm, &service), ==, 0);
  g_assert_cmpint (listen (listener, 4), ==, 0);
  return listener;
}

static void
set_connect_timeout (SOCKET socket, ULONG timeout)
{
  g_assert_cmpint (setsockopt (socket, HV_PROTOCOL_RAW, HVSOCKET_CONNECT_TIMEOUT, (char *) &timeout,
                               sizeof timeout),
                   ==, 0);
}

static void
expect_text (SOCKET socket, const char *text)
{
  char buffer[16] = { 0 };

  g_assert_cmpint (recv (socket, buffer, strlen (text), MSG_WAITALL), ==, (int) strlen (text));
  g_assert_cmpstr (buffer, ==, text);
}

static void
expect_talk (SOCKET client, SOCKET server)
{
  g_assert_cmpint (send (client, "question", 8, 0), ==, 8);
  expect_text (server, "question");
  g_assert_cmpint (send (server, "answer", 6, 0), ==, 6);
  expect_text (client, "answer");
}

static void
test_sockets (void)
{
  g_assert_cmpuint (socket (AF_HYPERV, SOCK_DGRAM, HV_PROTOCOL_RAW), ==, INVALID_SOCKET);
  g_assert_cmpint (WSAGetLastError (), ==, WSAESOCKTNOSUPPORT);
  g_assert_cmpuint (socket (AF_HYPERV, SOCK_STREAM, 0), ==, INVALID_SOCKET);
  g_assert_cmpint (WSAGetLastError (), ==, WSAEPROTONOSUPPORT);
}

static void
test_rejected_addresses (void)
{
  const struct
  {
    ADDRESS_FAMILY family;
    USHORT reserved;
    int length;
    int error;
  } cases[] = {
    { AF_INET, 0, sizeof (SOCKADDR_HV), WSAEAFNOSUPPORT },
    { AF_HYPERV, 1, sizeof (SOCKADDR_HV), WSAEINVAL },
    { AF_HYPERV, 0, sizeof (SOCKADDR_HV) - 1, WSAEFAULT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SOCKADDR_HV address = make_address (&HV_GUID_LOOPBACK, &service);
      SOCKET socket = make_socket ();

      address.Family = cases[i].family;
      address.Reserved = cases[i].reserved;
      expect_error (bind (socket, (struct sockaddr *) &address, cases[i].length), cases[i].error);
      expect_error (connect (socket, (struct sockaddr *) &address, cases[i].length),
                    cases[i].error);
      closesocket (socket);
    }
}

static void
test_options (void)
{
  SOCKET socket = make_socket ();
  ULONG timeout = HVSOCKET_CONNECT_TIMEOUT_MAX;

  set_connect_timeout (socket, timeout);
  timeout++;
  expect_error (setsockopt (socket, HV_PROTOCOL_RAW, HVSOCKET_CONNECT_TIMEOUT, (char *) &timeout,
                            sizeof timeout),
                WSAEINVAL);
  expect_error (
      setsockopt (socket, HV_PROTOCOL_RAW, HVSOCKET_CONNECT_TIMEOUT, (char *) &timeout, 2),
      WSAEFAULT);
  expect_error (setsockopt (socket, HV_PROTOCOL_RAW, 99, (char *) &timeout, sizeof timeout),
                WSAENOPROTOOPT);
  closesocket (socket);
}

static void
expect_name (int (WSAAPI *get_name) (SOCKET, struct sockaddr *, int *),
             SOCKET socket,
             const GUID *vm,
             const GUID *service_id)
{
  SOCKADDR_HV name = { 0 };
  int length = sizeof name;

  g_assert_cmpint (get_name (socket, (struct sockaddr *) &name, &length), ==, 0);
  g_assert_cmpint (length, ==, sizeof name);
  g_assert_cmpint (name.Family, ==, AF_HYPERV);
  g_assert_cmpint (name.Reserved, ==, 0);
  g_assert_cmpmem (&name.VmId, sizeof (GUID), vm, sizeof (GUID));
  if (service_id != NULL)
    g_assert_cmpmem (&name.ServiceId, sizeof (GUID), service_id, sizeof (GUID));
}

static void
test_connect (void)
{
  const GUID *vms[] = { &HV_GUID_LOOPBACK, &HV_GUID_PARENT };
  SOCKET listener = make_listener (&HV_GUID_WILDCARD);

  for (guint i = 0; i < G_N_ELEMENTS (vms); i++)
    {
      SOCKET client = make_socket ();
      SOCKADDR_HV peer;
      int length = sizeof peer;
      SOCKET server;

      g_assert_cmpint (connect_to (client, vms[i]), ==, 0);
      server = accept (listener, (struct sockaddr *) &peer, &length);
      g_assert_cmpuint (server, !=, INVALID_SOCKET);
      g_assert_cmpint (peer.Family, ==, AF_HYPERV);
      expect_name (getpeername, client, vms[i], &service);
      expect_name (getsockname, server, &HV_GUID_WILDCARD, &service);
      expect_name (getpeername, server, &HV_GUID_LOOPBACK, &peer.ServiceId);
      expect_talk (client, server);
      closesocket (client);
      closesocket (server);
    }
  closesocket (listener);
}

static void *
get_extension (SOCKET socket, GUID id)
{
  void *function = NULL;
  DWORD length;

  g_assert_cmpint (WSAIoctl (socket, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id, &function,
                             sizeof function, &length, NULL, NULL),
                   ==, 0);
  return function;
}

static BOOL
connect_ex (SOCKET socket, const GUID *vm, OVERLAPPED *overlapped)
{
  LPFN_CONNECTEX function = get_extension (socket, (GUID) WSAID_CONNECTEX);
  SOCKADDR_HV address = make_address (vm, &service);

  *overlapped = (OVERLAPPED){ 0 };
  return function (socket, (struct sockaddr *) &address, sizeof address, NULL, 0, NULL, overlapped);
}

/* Waits for @overlapped at @port, and returns Winsock's error of it, or 0. The port has the
 * system's, @system_error. */
static int
wait_for (HANDLE port, SOCKET socket, OVERLAPPED *overlapped, DWORD system_error)
{
  OVERLAPPED *completed = NULL;
  DWORD error = ERROR_SUCCESS;
  ULONG_PTR key;
  DWORD length, flags;

  if (!GetQueuedCompletionStatus (port, &length, &key, &completed, INFINITE))
    error = GetLastError ();
  g_assert_true (completed == overlapped);
  g_assert_cmpuint (error, ==, system_error);
  return WSAGetOverlappedResult (socket, overlapped, &length, FALSE, &flags) ? 0
                                                                             : WSAGetLastError ();
}

static void
test_overlapped (void)
{
  HANDLE port = CreateIoCompletionPort (INVALID_HANDLE_VALUE, NULL, 0, 1);
  SOCKET listener = make_listener (&HV_GUID_LOOPBACK);
  SOCKET client = make_socket ();
  SOCKET server = make_socket ();
  LPFN_ACCEPTEX accept_ex = get_extension (listener, (GUID) WSAID_ACCEPTEX);
  char addresses[2 * ADDRESS_LENGTH];
  OVERLAPPED accepting = { 0 }, connecting;
  SOCKADDR_HV name;
  int length = sizeof name;
  DWORD received;

  CreateIoCompletionPort ((HANDLE) listener, port, 0, 0);
  g_assert_false (accept_ex (listener, server, addresses, 0, ADDRESS_LENGTH, ADDRESS_LENGTH,
                             &received, &accepting));
  g_assert_cmpint (WSAGetLastError (), ==, WSA_IO_PENDING);

  g_assert_false (connect_ex (client, &HV_GUID_LOOPBACK, &connecting));
  g_assert_cmpint (WSAGetLastError (), ==, WSAEINVAL);
  g_assert_cmpint (bind_to (client, &HV_GUID_WILDCARD, &HV_GUID_ZERO), ==, 0);
  connect_ex (client, &HV_GUID_LOOPBACK, &connecting);
  g_assert_cmpint (wait_for (port, listener, &accepting, ERROR_SUCCESS), ==, 0);
  CreateIoCompletionPort ((HANDLE) client, port, 0, 0);
  g_assert_true (WSAGetOverlappedResult (client, &connecting, &received, TRUE, &received));

  expect_error (getpeername (client, (struct sockaddr *) &name, &length), WSAENOTCONN);
  expect_error (shutdown (client, SD_SEND), WSAENOTCONN);
  expect_error (getpeername (server, (struct sockaddr *) &name, &length), WSAENOTCONN);
  g_assert_cmpint (setsockopt (client, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0), ==, 0);
  g_assert_cmpint (setsockopt (server, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *) &listener,
                               sizeof listener),
                   ==, 0);
  expect_name (getpeername, client, &HV_GUID_LOOPBACK, &service);
  expect_name (getsockname, server, &HV_GUID_LOOPBACK, &service);
  expect_name (getpeername, server, &HV_GUID_LOOPBACK, NULL);

  expect_talk (client, server);
  g_assert_cmpint (shutdown (client, SD_SEND), ==, 0);
  g_assert_cmpint (recv (server, addresses, 1, 0), ==, 0);
  closesocket (client);
  closesocket (server);
  closesocket (listener);
  CloseHandle (port);
}

/* Starts connecting with a time-out of @timeout. */
static SOCKET
start_connecting (HANDLE port, const GUID *vm, ULONG timeout, OVERLAPPED *overlapped)
{
  SOCKET client = make_socket ();

  CreateIoCompletionPort ((HANDLE) client, port, 0, 0);
  set_connect_timeout (client, timeout);
  g_assert_cmpint (bind_to (client, &HV_GUID_WILDCARD, &HV_GUID_ZERO), ==, 0);
  g_assert_false (connect_ex (client, vm, overlapped));
  g_assert_cmpint (WSAGetLastError (), ==, WSA_IO_PENDING);
  return client;
}

static void
test_refused (void)
{
  const GUID *vms[] = { &HV_GUID_LOOPBACK, &HV_GUID_PARENT };
  HANDLE port = CreateIoCompletionPort (INVALID_HANDLE_VALUE, NULL, 0, 1);

  for (guint i = 0; i < G_N_ELEMENTS (vms); i++)
    {
      OVERLAPPED overlapped;
      SOCKET client = start_connecting (port, vms[i], TIMEOUT, &overlapped);

      g_assert_cmpint (wait_for (port, client, &overlapped, ERROR_CONNECTION_REFUSED), ==,
                       WSAECONNREFUSED);
      closesocket (client);
      client = make_socket ();
      expect_error (connect_to (client, vms[i]), WSAECONNREFUSED);
      closesocket (client);
    }
  CloseHandle (port);
}

static void
test_silent (void)
{
  HANDLE port = CreateIoCompletionPort (INVALID_HANDLE_VALUE, NULL, 0, 1);
  gint64 start = g_get_monotonic_time ();
  OVERLAPPED overlapped;
  SOCKET client = start_connecting (port, &machine, TIMEOUT, &overlapped);

  g_assert_cmpint (wait_for (port, client, &overlapped, ERROR_SEM_TIMEOUT), ==, WSAETIMEDOUT);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, (TIMEOUT - 1) * 1000);
  closesocket (client);

  start = g_get_monotonic_time ();
  client = make_socket ();
  set_connect_timeout (client, TIMEOUT);
  expect_error (connect_to (client, &machine), WSAETIMEDOUT);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, (TIMEOUT - 1) * 1000);
  closesocket (client);
  CloseHandle (port);
}

static void
test_cancelled (void)
{
  HANDLE port = CreateIoCompletionPort (INVALID_HANDLE_VALUE, NULL, 0, 1);
  OVERLAPPED overlapped;
  SOCKET client = start_connecting (port, &machine, HVSOCKET_CONNECT_TIMEOUT_MAX, &overlapped);

  g_assert_true (CancelIoEx ((HANDLE) client, &overlapped));
  g_assert_cmpint (wait_for (port, client, &overlapped, ERROR_OPERATION_ABORTED), ==,
                   WSA_OPERATION_ABORTED);
  closesocket (client);
  CloseHandle (port);
}

static void
test_machine (void)
{
  SOCKET listener = make_listener (&machine);
  SOCKET client = make_socket ();
  SOCKET server;

  g_assert_cmpint (connect_to (client, &machine), ==, 0);
  server = accept (listener, NULL, NULL);
  expect_talk (client, server);
  closesocket (client);
  closesocket (server);

  client = make_socket ();
  expect_error (connect_to (client, &HV_GUID_LOOPBACK), WSAECONNREFUSED);
  closesocket (client);
  closesocket (listener);
}

static void
test_names (void)
{
  SOCKET listener = make_listener (&HV_GUID_WILDCARD);
  SOCKET other = make_socket ();

  expect_error (bind_to (other, &HV_GUID_LOOPBACK, &service), WSAEADDRINUSE);
  closesocket (listener);
  expect_error (connect_to (other, &HV_GUID_LOOPBACK), WSAECONNREFUSED);
  closesocket (other);
  closesocket (make_listener (&HV_GUID_LOOPBACK));
}

static void
test_bound_only (void)
{
  SOCKET listener = make_socket ();
  SOCKET client = make_socket ();

  expect_error (listen (listener, 1), WSAEINVAL);
  g_assert_cmpint (bind_to (listener, &HV_GUID_WILDCARD, &service), ==, 0);
  expect_error (bind_to (listener, &HV_GUID_WILDCARD, &service), WSAEINVAL);
  expect_error (connect_to (client, &HV_GUID_LOOPBACK), WSAECONNREFUSED);
  closesocket (listener);
  closesocket (client);
}

/* The service is 73c39589-192e-4c64-9acf-6c5d0aa18528. */
static void
test_record (void)
{
  const SOCKADDR_HV address = {
    AF_HYPERV,
    0,
    HV_GUID_LOOPBACK,
    { 0x73c39589, 0x192e, 0x4c64, { 0x9a, 0xcf, 0x6c, 0x5d, 0x0a, 0xa1, 0x85, 0x28 } },
  };
  static const char loopback[] = "9761e1e056dd104a91955ee7a155a838";
  static const char service_digits[] = "8995c3732e19644c9acf6c5d0aa18528";
  g_autofree char *path = g_build_filename (g_get_user_data_dir (), "log", NULL);
  g_autofree char *expected = NULL;
  g_autofree char *log = NULL;
  g_autoptr (GError) error = NULL;
  SOCKET client = make_socket ();

  g_assert_no_errno (g_mkdir_with_parents (g_get_user_data_dir (), 0700));
  g_setenv ("HVSOCK_SHIM_LOG", path, TRUE);
  set_connect_timeout (client, 750);
  expect_error (connect (client, (const struct sockaddr *) &address, sizeof address),
                WSAECONNREFUSED);
  g_unsetenv ("HVSOCK_SHIM_LOG");
  closesocket (client);

  expected = g_strdup_printf ("connect 22000000%s%s timeout 750\n", loopback, service_digits);
  g_file_get_contents (path, &log, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (log, ==, expected);
}

static void
test_other_families (void)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  SOCKET tcp = socket (AF_INET, SOCK_STREAM, 0);
  int length = sizeof address;

  g_assert_cmpuint (tcp, !=, INVALID_SOCKET);
  g_assert_cmpint (bind (tcp, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (getsockname (tcp, (struct sockaddr *) &address, &length), ==, 0);
  g_assert_cmpint (length, ==, sizeof address);
  g_assert_cmpint (address.sin_port, !=, 0);
  closesocket (tcp);
}

int
main (int argc, char **argv)
{
  WSADATA data;

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  if (argc > 1 && g_str_equal (argv[1], "patched"))
    g_assert_cmpuint (shim_patch (GetModuleHandleW (NULL)), >, 0);
  g_assert_cmpint (WSAStartup (MAKEWORD (2, 2), &data), ==, 0);
  make_random (&service);
  make_random (&machine);

  g_test_add_func ("/shim/sockets", test_sockets);
  g_test_add_func ("/shim/rejected-addresses", test_rejected_addresses);
  g_test_add_func ("/shim/options", test_options);
  g_test_add_func ("/shim/connect", test_connect);
  g_test_add_func ("/shim/overlapped", test_overlapped);
  g_test_add_func ("/shim/refused", test_refused);
  g_test_add_func ("/shim/silent", test_silent);
  g_test_add_func ("/shim/cancelled", test_cancelled);
  g_test_add_func ("/shim/machine", test_machine);
  g_test_add_func ("/shim/names", test_names);
  g_test_add_func ("/shim/bound-only", test_bound_only);
  g_test_add_func ("/shim/record", test_record);
  g_test_add_func ("/shim/other-families", test_other_families);
  return g_test_run ();
}
