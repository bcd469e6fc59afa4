/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hyperkit://[GUEST_CID]:PORT/DIR, beyond the rows of the table. */

#include "checks.h"

static void
test_values (void)
{
  g_autoptr (HvsockAddress) address = hvsock_hyperkit_address_new (4, 80, "vms/0");
  HvsockHyperkitAddress *self = HVSOCK_HYPERKIT_ADDRESS (address);
  g_autofree char *directory = NULL;
  guint guest_cid;
  guint port;

  g_assert_cmpuint (hvsock_hyperkit_address_get_guest_cid (self), ==, 4);
  g_assert_cmpuint (hvsock_hyperkit_address_get_port (self), ==, 80);
  g_assert_cmpstr (hvsock_hyperkit_address_get_directory (self), ==, "vms/0");
  g_assert_false (hvsock_address_is_listen_only (address));
  check_round_trip (address);
  check_no_native (address);

  g_object_get (self, "guest-cid", &guest_cid, "port", &port, "directory", &directory, NULL);
  g_assert_cmpuint (guest_cid, ==, 4);
  g_assert_cmpuint (port, ==, 80);
  g_assert_cmpstr (directory, ==, "vms/0");
}

static void
test_uris (void)
{
  static const UriCase cases[] = {
    { "hyperkit://:0/d", "hyperkit://:0/d" },
    { "hyperkit://:4294967295/d", "hyperkit://:4294967295/d" },
    { "hyperkit://4294967294:1/d", "hyperkit://4294967294:1/d" },
    { "hyperkit://:1/", "hyperkit://:1/" },
    { "hyperkit://:1/./", "hyperkit://:1/./" },
    { "hyperkit://:1/%2e/d", "hyperkit://:1/%2E/d" },
    { "hyperkit://:1/%ff", "hyperkit://:1/%FF" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (HvsockAddress) address = check_uri (cases[i].uri, cases[i].expected);

      g_assert_true (HVSOCK_IS_HYPERKIT_ADDRESS (address));
      g_assert_false (hvsock_address_is_listen_only (address));
    }
}

static void
test_rejects (void)
{
  static const UriCase cases[] = {
    { "hyperkit://", "':' and a port after 'hyperkit://'" },
    { "hyperkit:///d", "':' and a port after 'hyperkit://'" },
    { "hyperkit://4/d", "':' and a port after 'hyperkit://4'" },
    { "hyperkit://:/d", "a port after ':'" },
    { "hyperkit://:any/d", "a port from 0 to 4294967295" },
    { "hyperkit://:4294967296/d", "a port from 0 to 4294967295" },
    { "hyperkit://:1:2/d", "a port from 0 to 4294967295 after ':', not '1:2'" },
    { "hyperkit://:1", "'/' and a path after '1'" },
    { "hyperkit://0:1/d", "a guest's CID from 3 to 4294967294" },
    { "hyperkit://2:1/d", "a guest's CID from 3 to 4294967294" },
    { "hyperkit://4294967295:1/d", "a guest's CID from 3 to 4294967294" },
    { "hyperkit://any:1/d", "a guest's CID from 3 to 4294967294" },
    { "hyperkit://-1:1/d", "a guest's CID from 3 to 4294967294" },
    { "hyperkit://03:1/d", "a guest's CID from 3 to 4294967294" },
    { "hyperkit://:1/d%00", "no NUL" },
    { "hyperkit://:1/d?x=y", "no option but framing" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    check_rejected (cases[i].uri, cases[i].expected);
}

static void
test_wrong_values (void)
{
  g_test_expect_message ("Hvsock", G_LOG_LEVEL_CRITICAL, "*guest_cid*");
  g_assert_null (hvsock_hyperkit_address_new (2, 80, "/d"));
  g_test_expect_message ("Hvsock", G_LOG_LEVEL_CRITICAL, "*guest_cid*");
  g_assert_null (hvsock_hyperkit_address_new (G_MAXUINT32, 80, "/d"));
  g_test_expect_message ("Hvsock", G_LOG_LEVEL_CRITICAL, "*directory*");
  g_assert_null (hvsock_hyperkit_address_new (3, 80, ""));
  g_test_expect_message ("Hvsock", G_LOG_LEVEL_CRITICAL, "*directory*");
  g_assert_null (hvsock_hyperkit_address_new (3, 80, NULL));
  g_test_assert_expected_messages ();
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/address/hyperkit/values", test_values);
  g_test_add_func ("/address/hyperkit/uris", test_uris);
  g_test_add_func ("/address/hyperkit/rejects", test_rejects);
  g_test_add_func ("/address/hyperkit/wrong-values", test_wrong_values);

  return g_test_run ();
}
