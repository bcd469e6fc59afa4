/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Native addresses on every system: how each class behaves depends only on whether the system has
 * its family. What the native forms hold is tested for each system apart. */

#include "checks.h"

#include <string.h>

static void
test_class (gconstpointer uri)
{
  g_autoptr (HvsockAddress) address = hvsock_address_new_from_uri (uri, NULL);
  g_autoptr (HvsockAddress) again = NULL;
  GSocketAddress *socket_address = G_SOCKET_ADDRESS (address);
  g_autofree guint8 *native = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  if (g_socket_address_get_family (socket_address) == G_SOCKET_FAMILY_INVALID)
    {
      check_no_native (address);
      return;
    }

  g_assert_cmpint (g_socket_address_get_native_size (socket_address), >, 0);
  size = (gsize) g_socket_address_get_native_size (socket_address);

  /* One byte further on, so that it is not aligned. */
  native = g_malloc (size + 1);
  g_assert_false (g_socket_address_to_native (socket_address, native + 1, size - 1, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_nonnull (strstr (error->message, uri));
  g_clear_error (&error);

  g_assert_true (g_socket_address_to_native (socket_address, native + 1, size, &error));
  g_assert_no_error (error);

  again = hvsock_address_new_from_native (native + 1, size);
  g_assert_nonnull (again);
  g_assert_true (hvsock_address_equal (address, again));
}

static void
test_never (void)
{
  g_autoptr (HvsockAddress) hyperkit = hvsock_hyperkit_address_new (3, 80, "/d");
  g_autoptr (HvsockAddress) mux = hvsock_mux_address_new (80, "/s");

  check_no_native (hyperkit);
  check_no_native (mux);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_data_func ("/address/native/vsock", "vsock://3:80", test_class);
  g_test_add_data_func ("/address/native/hyperv",
                        "hvsock://parent/00000050-facb-11e6-bd58-64006a7986d3", test_class);
  g_test_add_data_func ("/address/native/unix", "unix:///run/x", test_class);
  g_test_add_func ("/address/native/never", test_never);

  return g_test_run ();
}
