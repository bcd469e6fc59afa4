/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Tests of the scheme of a URI as the registry reads it, which is private. */

#include "plugin/hvsock-scheme-private.h"

#include <hvsock/hvsock-error.h>

static void
test_valid (void)
{
  const char *const valid[] = { "vsock", "vsock-mux", "a", "a1", "x+y.z-0" };
  const char *const invalid[] = { "", "1a", "-a", "Vsock", "a b", "a:", "a/b", "\303\244", "a_b" };

  for (gsize i = 0; i < G_N_ELEMENTS (valid); i++)
    g_assert_true (hvsock_scheme_is_valid (valid[i]));

  for (gsize i = 0; i < G_N_ELEMENTS (invalid); i++)
    g_assert_false (hvsock_scheme_is_valid (invalid[i]));
}

static void
test_from_uri (void)
{
  const struct
  {
    const char *uri;
    const char *scheme;
  } cases[] = {
    { "vsock://2:80", "vsock" }, { "VSock-MUX://:1/x", "vsock-mux" },
    { "urn:any thing", "urn" },  { "x:", "x" },
    { "a+b.c-1://", "a+b.c-1" },
  };
  const char *const invalid[] = {
    "",       ":",      "://",        "vsock",      "//host",       "/a:b",
    "1x://a", "-x://a", "v sock://a", " vsock://a", "v\303\244://", "\377://x",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *scheme = hvsock_scheme_from_uri (cases[i].uri, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (scheme, ==, cases[i].scheme);
    }

  for (gsize i = 0; i < G_N_ELEMENTS (invalid); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (hvsock_scheme_from_uri (invalid[i], &error));
      g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/scheme/valid", test_valid);
  g_test_add_func ("/scheme/from-uri", test_from_uri);

  return g_test_run ();
}
