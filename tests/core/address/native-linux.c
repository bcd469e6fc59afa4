/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* struct sockaddr_vm, on Linux. It is only looked at: no socket is made. */

#include "checks.h"

#include <string.h>
#include <sys/socket.h>
#include <linux/vm_sockets.h>

static void
test_write (void)
{
  g_autoptr (HvsockAddress) address =
      hvsock_vsock_address_new_full (HVSOCK_CID_ANY, 65536, G_SOCKET_TYPE_SEQPACKET, 4096);
  GSocketAddress *socket_address = G_SOCKET_ADDRESS (address);
  static const guint8 zero[sizeof (((struct sockaddr_vm *) NULL)->svm_zero)];
  struct sockaddr_vm vm;

  memset (&vm, 0xaa, sizeof vm);
  g_assert_cmpint (g_socket_address_get_family (socket_address), ==, AF_VSOCK);
  g_assert_cmpint (g_socket_address_get_native_size (socket_address), ==, sizeof vm);
  g_assert_true (g_socket_address_to_native (socket_address, &vm, sizeof vm, NULL));
  g_assert_cmpint (vm.svm_family, ==, AF_VSOCK);
  g_assert_cmpint (vm.svm_reserved1, ==, 0);
  g_assert_cmpuint (vm.svm_cid, ==, VMADDR_CID_ANY);
  g_assert_cmpuint (vm.svm_port, ==, 65536);
  g_assert_cmpmem (vm.svm_zero, sizeof zero, zero, sizeof zero);
}

/* The type and the buffer belong to the socket, so an address that the system gives has neither. */
static void
test_read (void)
{
  struct sockaddr_vm vm = { .svm_family = AF_VSOCK, .svm_cid = 3, .svm_port = VMADDR_PORT_ANY };
  g_autoptr (HvsockAddress) address = hvsock_address_new_from_native (&vm, sizeof vm);
  g_autoptr (HvsockAddress) expected = hvsock_vsock_address_new (3, HVSOCK_PORT_ANY);
  struct sockaddr_storage larger = { 0 };
  g_autoptr (HvsockAddress) from_larger = NULL;

  g_assert_true (hvsock_address_equal (address, expected));
  g_assert_null (hvsock_address_new_from_native (&vm, sizeof vm - 1));

  memcpy (&larger, &vm, sizeof vm);
  from_larger = hvsock_address_new_from_native (&larger, sizeof larger);
  g_assert_true (hvsock_address_equal (from_larger, expected));
}

static void
test_name (void)
{
  g_autoptr (HvsockAddress) address = hvsock_vsock_address_new_for_name ("vm", 80);
  g_autoptr (GError) error = NULL;
  struct sockaddr_vm vm;

  g_assert_false (g_socket_address_to_native (G_SOCKET_ADDRESS (address), &vm, sizeof vm, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_assert_nonnull (
      strstr (error->message, "'vsock://vm:80': the machine's name must be resolved"));
}

/* The flag is bit 0 of the byte after the CID, whatever the headers call that. */
static void
test_sibling (void)
{
  g_autoptr (HvsockAddress) address =
      hvsock_address_new_from_uri ("vsock://5:80?sibling=true", NULL);
  g_autoptr (HvsockAddress) again = NULL;
  guint8 native[sizeof (struct sockaddr_vm)];
  const gsize flags = G_STRUCT_OFFSET (struct sockaddr_vm, svm_cid) + sizeof (unsigned int);

  g_assert_true (
      g_socket_address_to_native (G_SOCKET_ADDRESS (address), native, sizeof native, NULL));
  g_assert_cmpuint (native[flags], ==, 1);
  again = hvsock_address_new_from_native (native, sizeof native);
  g_assert_true (hvsock_address_equal (again, address));

  native[flags] = 0;
  g_clear_object (&again);
  again = hvsock_address_new_from_native (native, sizeof native);
  g_assert_false (hvsock_address_equal (again, address));
}

static void
test_constants (void)
{
  g_assert_cmpuint (HVSOCK_CID_HYPERVISOR, ==, VMADDR_CID_HYPERVISOR);
  g_assert_cmpuint (HVSOCK_CID_HOST, ==, VMADDR_CID_HOST);
  g_assert_cmpuint (HVSOCK_CID_ANY, ==, VMADDR_CID_ANY);
  g_assert_cmpuint (HVSOCK_PORT_ANY, ==, VMADDR_PORT_ANY);
}

static void
test_absent (void)
{
  g_autoptr (HvsockAddress) address = hvsock_address_new_from_uri ("hvsock://parent/80", NULL);

  check_no_native (address);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/address/native/linux/write", test_write);
  g_test_add_func ("/address/native/linux/read", test_read);
  g_test_add_func ("/address/native/linux/name", test_name);
  g_test_add_func ("/address/native/linux/sibling", test_sibling);
  g_test_add_func ("/address/native/linux/constants", test_constants);
  g_test_add_func ("/address/native/linux/absent", test_absent);

  return g_test_run ();
}
