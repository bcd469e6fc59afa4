/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The error domain: its name and the names of its codes are what programs and bindings match on. */

#include <hvsock/hvsock-enum-types.h>
#include <hvsock/hvsock-error.h>

static void
test_quark (void)
{
  g_assert_cmpstr (g_quark_to_string (HVSOCK_ERROR), ==, "hvsock-error-quark");
}

static void
test_codes (void)
{
  static const struct
  {
    HvsockError code;
    int value;
    const char *nick;
  } cases[] = {
    { HVSOCK_ERROR_INVALID_URI, 0, "invalid-uri" },
    { HVSOCK_ERROR_NO_TRANSPORT, 1, "no-transport" },
    { HVSOCK_ERROR_UNAVAILABLE, 2, "unavailable" },
    { HVSOCK_ERROR_PLUGIN_INVALID, 3, "plugin-invalid" },
    { HVSOCK_ERROR_PLUGIN_INCOMPATIBLE, 4, "plugin-incompatible" },
  };
  g_autoptr (GEnumClass) codes = g_type_class_ref (HVSOCK_TYPE_ERROR);

  g_assert_cmpuint (codes->n_values, ==, G_N_ELEMENTS (cases));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_cmpint (cases[i].code, ==, cases[i].value);
      g_assert_cmpstr (g_enum_get_value (codes, cases[i].value)->value_nick, ==, cases[i].nick);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/error/quark", test_quark);
  g_test_add_func ("/error/codes", test_codes);

  return g_test_run ();
}
