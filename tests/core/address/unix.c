/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* unix:///PATH, beyond the rows of the table. */

#include "checks.h"

static void
test_values (void)
{
  g_autoptr (HvsockAddress) address = hvsock_unix_address_new ("/run/app.sock");
  HvsockUnixAddress *self = HVSOCK_UNIX_ADDRESS (address);
  g_autofree char *path = NULL;

  g_assert_cmpstr (hvsock_unix_address_get_path (self), ==, "/run/app.sock");
  g_assert_false (hvsock_address_is_listen_only (address));
  check_round_trip (address);

  g_object_get (self, "path", &path, NULL);
  g_assert_cmpstr (path, ==, "/run/app.sock");
}

static void
test_uris (void)
{
  static const struct
  {
    const char *uri;
    const char *canonical;
    const char *path;
  } cases[] = {
    { "unix:///x", "unix:///x", "/x" },
    { "unix:////x", "unix:////x", "//x" },
    { "unix:///./x", "unix:///./x", "./x" },
    { "unix:///./../x", "unix:///./../x", "./../x" },
    { "unix:///%2e/x", "unix:///%2E/x", "/./x" },
    { "unix:///a%20b%3Fc", "unix:///a%20b%3Fc", "/a b?c" },
    { "unix:///\xc3\xa9", "unix:///%C3%A9", "/\xc3\xa9" },
    { "unix:///%ff%FE", "unix:///%FF%FE", "/\xff\xfe" },
    { "unix:///a:b@c", "unix:///a:b@c", "/a:b@c" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (HvsockAddress) address = check_uri (cases[i].uri, cases[i].canonical);

      g_assert_cmpstr (hvsock_unix_address_get_path (HVSOCK_UNIX_ADDRESS (address)), ==,
                       cases[i].path);
    }
}

static void
test_rejects (void)
{
  static const UriCase cases[] = {
    { "unix://", "'/' and a path after '://'" },
    { "unix://?x=y", "no option but framing" },
    { "unix://x", "'/' and a path directly after '://'" },
    { "unix://x/y", "'/' and a path directly after '://'" },
    { "unix://./x", "'/' and a path directly after '://'" },
    { "unix://:/x", "'/' and a path directly after '://'" },
    { "unix://:80/x", "'/' and a path directly after '://'" },
    { "unix:///x%00", "no NUL" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    check_rejected (cases[i].uri, cases[i].expected);
}

static void
test_long (void)
{
  g_autofree char *path = g_strnfill (1 << 20, '/');
  g_autoptr (HvsockAddress) address = hvsock_unix_address_new (path);

  check_round_trip (address);
}

static void
test_wrong_values (void)
{
  g_test_expect_message ("Hvsock", G_LOG_LEVEL_CRITICAL, "*path*");
  g_assert_null (hvsock_unix_address_new (NULL));
  g_test_expect_message ("Hvsock", G_LOG_LEVEL_CRITICAL, "*path*");
  g_assert_null (hvsock_unix_address_new (""));
  g_test_assert_expected_messages ();
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/address/unix/values", test_values);
  g_test_add_func ("/address/unix/uris", test_uris);
  g_test_add_func ("/address/unix/rejects", test_rejects);
  g_test_add_func ("/address/unix/long", test_long);
  g_test_add_func ("/address/unix/wrong-values", test_wrong_values);

  return g_test_run ();
}
