/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* vsock-mux://:PORT/SOCKET, beyond the rows of the table. */

#include "checks.h"

static void
test_values (void)
{
  g_autoptr (HvsockAddress) address = hvsock_mux_address_new (52, "/run/v.sock");
  HvsockMuxAddress *self = HVSOCK_MUX_ADDRESS (address);
  g_autofree char *path = NULL;
  guint port;

  g_assert_cmpuint (hvsock_mux_address_get_port (self), ==, 52);
  g_assert_cmpstr (hvsock_mux_address_get_path (self), ==, "/run/v.sock");
  g_assert_false (hvsock_address_is_listen_only (address));
  check_round_trip (address);
  check_no_native (address);

  g_object_get (self, "port", &port, "path", &path, NULL);
  g_assert_cmpuint (port, ==, 52);
  g_assert_cmpstr (path, ==, "/run/v.sock");
}

static void
test_uris (void)
{
  static const UriCase cases[] = {
    { "vsock-mux://:0/s", "vsock-mux://:0/s" },
    { "vsock-mux://:4294967295/s", "vsock-mux://:4294967295/s" },
    { "vsock-mux://:1/./s", "vsock-mux://:1/./s" },
    { "vsock-mux://:1/a%20b", "vsock-mux://:1/a%20b" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (HvsockAddress) address = check_uri (cases[i].uri, cases[i].expected);

      g_assert_true (HVSOCK_IS_MUX_ADDRESS (address));
      g_assert_false (hvsock_address_is_listen_only (address));
    }
}

static void
test_rejects (void)
{
  static const UriCase cases[] = {
    { "vsock-mux:///s", "':' and a port after 'vsock-mux://'" },
    { "vsock-mux://:/s", "a port after ':'" },
    { "vsock-mux://:any/s", "a port from 0 to 4294967295" },
    { "vsock-mux://:052/s", "a port from 0 to 4294967295" },
    { "vsock-mux://:52", "'/' and a path after '52'" },
    { "vsock-mux://:52?x=y", "no option but framing" },
    { "vsock-mux://3:52/s", "':' directly after '://', not '3'" },
    { "vsock-mux://any:52/s", "':' directly after '://', not 'any'" },
    { "vsock-mux://:52/s%00", "no NUL" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    check_rejected (cases[i].uri, cases[i].expected);
}

static void
test_wrong_values (void)
{
  g_test_expect_message ("Hvsock", G_LOG_LEVEL_CRITICAL, "*path*");
  g_assert_null (hvsock_mux_address_new (52, NULL));
  g_test_expect_message ("Hvsock", G_LOG_LEVEL_CRITICAL, "*path*");
  g_assert_null (hvsock_mux_address_new (52, ""));
  g_test_assert_expected_messages ();
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/address/mux/values", test_values);
  g_test_add_func ("/address/mux/uris", test_uris);
  g_test_add_func ("/address/mux/rejects", test_rejects);
  g_test_add_func ("/address/mux/wrong-values", test_wrong_values);

  return g_test_run ();
}
