/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* GUIDs: text, the byte order of Windows, and the services that stand for vsock ports. */

#include <hvsock/hvsock-guid.h>

#include <string.h>

#define EXAMPLE "73c39589-192e-4c64-9acf-6c5d0aa18528"

static const guint8 example_bytes[16] = { 0x73, 0xc3, 0x95, 0x89, 0x19, 0x2e, 0x4c, 0x64,
                                          0x9a, 0xcf, 0x6c, 0x5d, 0x0a, 0xa1, 0x85, 0x28 };

static void
test_parse (void)
{
  static const char *const good[] = {
    EXAMPLE,
    "73C39589-192E-4C64-9ACF-6C5D0AA18528",
    "73c39589-192E-4c64-9aCF-6c5D0aA18528",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *text = NULL;
      HvsockGuid guid;

      g_assert_true (hvsock_guid_parse (&guid, good[i]));
      g_assert_cmpmem (guid.bytes, 16, example_bytes, 16);
      text = hvsock_guid_to_string (&guid);
      g_assert_cmpstr (text, ==, EXAMPLE);
    }
}

static void
test_parse_rejects (void)
{
  static const char *const bad[] = {
    "",
    "7",
    "73c39589",
    "73c39589-",
    "{" EXAMPLE "}",
    EXAMPLE "0",
    EXAMPLE " ",
    EXAMPLE "-",
    " " EXAMPLE,
    "73c39589-192e-4c64-9acf-6c5d0aa1852",
    "73c39589-192e-4c64-9acf-6c5d0aa1852g",
    "73c39589-192e-4c64-9acf-6c5d0aa1852 ",
    "73c39589192e4c649acf6c5d0aa18528",
    "73c3958-9192e-4c64-9acf-6c5d0aa18528",
    "73c39589_192e_4c64_9acf_6c5d0aa18528",
    "73c39589-192e-4c64-9acf_6c5d0aa18528",
    "0x73c395-192e-4c64-9acf-6c5d0aa18528",
    "+3c39589-192e-4c64-9acf-6c5d0aa18528",
    "\xc3\xa9"
    "c39589-192e-4c64-9acf-6c5d0aa18528",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      HvsockGuid guid;
      HvsockGuid before;

      memset (&guid, 0xaa, sizeof guid);
      before = guid;
      g_test_message ("'%s'", bad[i]);
      g_assert_false (hvsock_guid_parse (&guid, bad[i]));
      g_assert_true (hvsock_guid_equal (&guid, &before));
    }
}

static void
test_windows (void)
{
  static const guint8 windows[16] = { 0x89, 0x95, 0xc3, 0x73, 0x2e, 0x19, 0x64, 0x4c,
                                      0x9a, 0xcf, 0x6c, 0x5d, 0x0a, 0xa1, 0x85, 0x28 };
  guint8 bytes[16];
  HvsockGuid guid;

  hvsock_guid_init_from_windows (&guid, windows);
  g_assert_cmpmem (guid.bytes, 16, example_bytes, 16);

  hvsock_guid_to_windows (&guid, bytes);
  g_assert_cmpmem (bytes, 16, windows, 16);

  hvsock_guid_to_windows (&guid, guid.bytes);
  g_assert_cmpmem (guid.bytes, 16, windows, 16);
}

static void
test_port (void)
{
  static const struct
  {
    guint32 port;
    const char *text;
  } cases[] = {
    { 0, "00000000-facb-11e6-bd58-64006a7986d3" },
    { 80, "00000050-facb-11e6-bd58-64006a7986d3" },
    { 0x12345678, "12345678-facb-11e6-bd58-64006a7986d3" },
    { G_MAXUINT32, "ffffffff-facb-11e6-bd58-64006a7986d3" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = NULL;
      guint32 port = 1;
      HvsockGuid guid;

      hvsock_guid_init_from_port (&guid, cases[i].port);
      text = hvsock_guid_to_string (&guid);
      g_assert_cmpstr (text, ==, cases[i].text);
      g_assert_true (hvsock_guid_get_port (&guid, &port));
      g_assert_cmpuint (port, ==, cases[i].port);
      g_assert_true (hvsock_guid_get_port (&guid, NULL));
    }
}

static void
test_no_port (void)
{
  static const char *const others[] = {
    EXAMPLE,
    "00000050-facc-11e6-bd58-64006a7986d3",
    "00000050-facb-11e6-bd58-64006a7986d4",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      guint32 port = 7;
      HvsockGuid guid;

      g_assert_true (hvsock_guid_parse (&guid, others[i]));
      g_assert_false (hvsock_guid_get_port (&guid, &port));
      g_assert_cmpuint (port, ==, 7);
    }
}

static void
test_value (void)
{
  g_autoptr (HvsockGuid) copy = NULL;
  HvsockGuid guid;
  HvsockGuid other;
  GValue value = G_VALUE_INIT;

  g_assert_true (hvsock_guid_parse (&guid, EXAMPLE));
  hvsock_guid_init_from_port (&other, 1);
  g_assert_false (hvsock_guid_equal (&guid, &other));

  copy = hvsock_guid_copy (&guid);
  g_assert_true (copy != &guid);
  g_assert_true (hvsock_guid_equal (&guid, copy));
  g_assert_cmpuint (hvsock_guid_hash (&guid), ==, hvsock_guid_hash (copy));

  g_value_init (&value, HVSOCK_TYPE_GUID);
  g_value_set_boxed (&value, &guid);
  g_assert_true (hvsock_guid_equal (g_value_get_boxed (&value), &guid));
  g_value_unset (&value);

  hvsock_guid_free (NULL);
}

static void
test_round_trip (void)
{
  for (int i = 0; i < 1000; i++)
    {
      g_autofree char *text = NULL;
      guint8 windows[16];
      HvsockGuid guid;
      HvsockGuid again;

      for (gsize j = 0; j < sizeof guid.bytes; j++)
        guid.bytes[j] = (guint8) g_test_rand_int_range (0, 256);

      text = hvsock_guid_to_string (&guid);
      g_assert_cmpuint (strlen (text), ==, 36);
      g_assert_true (hvsock_guid_parse (&again, text));
      g_assert_true (hvsock_guid_equal (&guid, &again));

      hvsock_guid_to_windows (&guid, windows);
      hvsock_guid_init_from_windows (&again, windows);
      g_assert_true (hvsock_guid_equal (&guid, &again));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/guid/parse", test_parse);
  g_test_add_func ("/guid/parse/rejects", test_parse_rejects);
  g_test_add_func ("/guid/windows", test_windows);
  g_test_add_func ("/guid/port", test_port);
  g_test_add_func ("/guid/port/none", test_no_port);
  g_test_add_func ("/guid/value", test_value);
  g_test_add_func ("/guid/round-trip", test_round_trip);

  return g_test_run ();
}
