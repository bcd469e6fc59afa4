/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* vsock://[HOST]:PORT, beyond the rows of the table. */

#include "checks.h"

static void
test_values (void)
{
  g_autoptr (HvsockAddress) address =
      hvsock_vsock_address_new_full (3, 1024, G_SOCKET_TYPE_SEQPACKET, G_MAXUINT64);
  HvsockVsockAddress *self = HVSOCK_VSOCK_ADDRESS (address);
  guint cid;
  guint port;
  GSocketType socket_type;
  guint64 buffer_size;

  g_assert_cmpuint (hvsock_vsock_address_get_cid (self), ==, 3);
  g_assert_cmpuint (hvsock_vsock_address_get_port (self), ==, 1024);
  g_assert_cmpint (hvsock_vsock_address_get_socket_type (self), ==, G_SOCKET_TYPE_SEQPACKET);
  g_assert_cmpuint (hvsock_vsock_address_get_buffer_size (self), ==, G_MAXUINT64);

  g_object_get (self, "cid", &cid, "port", &port, "socket-type", &socket_type, "buffer-size",
                &buffer_size, NULL);
  g_assert_cmpuint (cid, ==, 3);
  g_assert_cmpuint (port, ==, 1024);
  g_assert_cmpint (socket_type, ==, G_SOCKET_TYPE_SEQPACKET);
  g_assert_cmpuint (buffer_size, ==, G_MAXUINT64);
}

static void
test_name (void)
{
  g_autoptr (HvsockAddress) address = hvsock_vsock_address_new_for_name ("Vm-1.x", 1024);
  g_autoptr (HvsockAddress) other_case = hvsock_vsock_address_new_for_name ("vm-1.x", 1024);
  g_autoptr (HvsockAddress) number = hvsock_vsock_address_new (3, 1024);
  HvsockVsockAddress *self = HVSOCK_VSOCK_ADDRESS (address);
  g_autofree char *name = NULL;
  g_autofree char *uri = hvsock_address_to_uri (address);
  guint cid;

  g_object_get (self, "name", &name, "cid", &cid, NULL);
  g_assert_cmpstr (name, ==, "Vm-1.x");
  g_assert_cmpuint (cid, ==, HVSOCK_CID_ANY);
  g_assert_cmpstr (hvsock_vsock_address_get_name (self), ==, "Vm-1.x");
  g_assert_cmpuint (hvsock_vsock_address_get_cid (self), ==, HVSOCK_CID_ANY);
  g_assert_cmpuint (hvsock_vsock_address_get_port (self), ==, 1024);
  g_assert_cmpstr (uri, ==, "vsock://Vm-1.x:1024");

  g_assert_null (hvsock_vsock_address_get_name (HVSOCK_VSOCK_ADDRESS (number)));
  g_assert_false (hvsock_address_equal (address, other_case));
  g_assert_false (hvsock_address_equal (address, number));
  check_round_trip (address);
}

static void
test_longest_name (void)
{
  g_autofree char *longest = g_strnfill (64, 'a');
  g_autofree char *too_long = g_strnfill (65, 'a');
  g_autofree char *good = g_strdup_printf ("vsock://%s:80", longest);
  g_autofree char *bad = g_strdup_printf ("vsock://%s:80", too_long);
  g_autoptr (HvsockAddress) address = check_uri (good, good);

  g_assert_cmpstr (hvsock_vsock_address_get_name (HVSOCK_VSOCK_ADDRESS (address)), ==, longest);
  check_rejected (bad, "the name of a machine");
}

/* The address of a wrong name could not be read again. */
static void
test_wrong_name (void)
{
  static const char *const names[] = {
    "", "2", "host", "Local", "-1", "a b", "a:b", "a/b", "a%62"
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_test_expect_message ("Hvsock", G_LOG_LEVEL_CRITICAL, "*hvsock_vsock_uri_is_name*");
      g_assert_null (hvsock_vsock_address_new_for_name (names[i], 80));
      g_test_assert_expected_messages ();
    }
  g_test_expect_message ("Hvsock", G_LOG_LEVEL_CRITICAL, "*port*");
  g_assert_null (hvsock_vsock_address_new_for_name ("vm", HVSOCK_PORT_ANY));
  g_test_assert_expected_messages ();
}

static void
test_sibling (void)
{
  g_autoptr (HvsockAddress) address =
      check_uri ("vsock://5:80?sibling=true", "vsock://5:80?sibling=true");
  g_autoptr (HvsockAddress) other = hvsock_vsock_address_new (5, 80);
  gboolean is_sibling;

  g_object_get (address, "sibling", &is_sibling, NULL);
  g_assert_true (is_sibling);
  g_assert_true (hvsock_vsock_address_is_sibling (HVSOCK_VSOCK_ADDRESS (address)));
  g_assert_false (hvsock_vsock_address_is_sibling (HVSOCK_VSOCK_ADDRESS (other)));
  g_assert_false (hvsock_address_equal (address, other));
}

static void
test_connect_only (void)
{
  static const struct
  {
    const char *uri;
    gboolean connect_only;
  } cases[] = {
    { "vsock://vm:80", TRUE }, { "vsock://5:80?sibling=true", TRUE },
    { "vsock://5:80", FALSE }, { "vsock://:80", FALSE },
    { "unix:///s", FALSE },    { "hvsock://vm/80", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (HvsockAddress) address = hvsock_address_new_from_uri (cases[i].uri, NULL);

      g_assert_cmpint (hvsock_address_is_connect_only (address), ==, cases[i].connect_only);
    }
}

static void
test_defaults (void)
{
  g_autoptr (HvsockAddress) address = g_object_new (HVSOCK_TYPE_VSOCK_ADDRESS, NULL);
  g_autoptr (HvsockAddress) same = hvsock_vsock_address_new (HVSOCK_CID_ANY, HVSOCK_PORT_ANY);
  g_autofree char *uri = hvsock_address_to_uri (address);

  g_assert_cmpstr (uri, ==, "vsock://:4294967295");
  g_assert_true (hvsock_address_equal (address, same));
}

static void
test_listen_only (void)
{
  static const struct
  {
    guint32 cid;
    guint32 port;
    gboolean listen_only;
  } cases[] = {
    { HVSOCK_CID_HYPERVISOR, 0, FALSE },
    { HVSOCK_CID_LOCAL, 1, FALSE },
    { HVSOCK_CID_HOST, HVSOCK_PORT_ANY - 1, FALSE },
    { HVSOCK_CID_ANY - 1, 1, FALSE },
    { HVSOCK_CID_ANY, 1, TRUE },
    { HVSOCK_CID_HOST, HVSOCK_PORT_ANY, TRUE },
    { HVSOCK_CID_ANY, HVSOCK_PORT_ANY, TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (HvsockAddress) address = hvsock_vsock_address_new (cases[i].cid, cases[i].port);

      g_assert_cmpint (hvsock_address_is_listen_only (address), ==, cases[i].listen_only);
      check_round_trip (address);
    }
}

static void
test_uris (void)
{
  static const UriCase cases[] = {
    { "vsock://:any", "vsock://:4294967295" },
    { "vsock://any:any", "vsock://:4294967295" },
    { "vsock://4294967295:1", "vsock://:1" },
    { "vsock://2:any/", "vsock://2:4294967295" },
    { "vsock://0:0", "vsock://0:0" },
    { "vsock://2:80?type=stream", "vsock://2:80" },
    { "vsock://2:80?type=seqpacket", "vsock://2:80?type=seqpacket" },
    { "vsock://2:80?buffer-size=1", "vsock://2:80?buffer-size=1" },
    { "vsock://2:80/?buffer-size=18446744073709551615",
      "vsock://2:80?buffer-size=18446744073709551615" },
    { "vsock://2:80?type=seqpacket&buffer-size=65536",
      "vsock://2:80?buffer-size=65536&type=seqpacket" },
    { "vsock://2:80?buffer-size=65536&type=stream", "vsock://2:80?buffer-size=65536" },
    { "vsock://:80?%74ype=seq%70acket", "vsock://:80?type=seqpacket" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (HvsockAddress) address = check_uri (cases[i].uri, cases[i].expected);

      g_assert_true (HVSOCK_IS_VSOCK_ADDRESS (address));
    }
}

static void
test_rejects (void)
{
  static const UriCase cases[] = {
    { "vsock://", "':' and a port after 'vsock://'" },
    { "vsock://2", "':' and a port after 'vsock://2'" },
    { "vsock://2/80", "':' and a port after 'vsock://2'" },
    { "vsock://2:", "a port after ':'" },
    { "vsock://2:/", "a port after ':'" },
    { "vsock://2:80:90", "a port from 0 to 4294967295 after ':', not '80:90'" },
    { "vsock://2:-1", "a port from 0 to 4294967295" },
    { "vsock://2:Any", "a port from 0 to 4294967295" },
    { "vsock://2:%38", "a port from 0 to 4294967295" },
    { "vsock://2:18446744073709551617", "a port from 0 to 4294967295" },
    { "vsock://x_:80", "'host' or the name of a machine after '://', not 'x_'" },
    { "vsock://vm:any", "one port after the name of a machine" },
    { "vsock://Host:80", "a CID from 0 to 4294967295" },
    { "vsock://%32:80", "a CID from 0 to 4294967295" },
    { "vsock://00:80", "a CID from 0 to 4294967295" },
    { "vsock://\xc2\xb2:80", "a CID from 0 to 4294967295" },
    { "vsock://2:80//", "no path after the port" },
    { "vsock://2:80/./", "no path after the port" },
    { "vsock://2:80?", "'key=value' after '?'" },
    { "vsock://2:80?colour=red", "no option but buffer-size, sibling, type, framing" },
    { "vsock://2:80?Type=stream", "no option but buffer-size, sibling, type, framing" },
    { "vsock://2:80?framing=x&type=stream", "'shutdown' after 'framing='" },
    { "vsock://2:80?framing=shutdown&type=seqpacket", "no 'framing' beside 'type=seqpacket'" },
    { "vsock://2:80?type=", "'stream' or 'seqpacket' after 'type='" },
    { "vsock://2:80?type=dgram", "'stream' or 'seqpacket' after 'type='" },
    { "vsock://2:80?type=stream&type=stream", "each option once" },
    { "vsock://2:80?sibling=", "'true' or 'false' after 'sibling=', not ''" },
    { "vsock://:80?sibling=true", "a CID and a port before 'sibling=true'" },
    { "vsock://2:any?sibling=true", "a CID and a port before 'sibling=true'" },
    { "vsock://vm:80?sibling=true", "a CID and a port before 'sibling=true'" },
    { "vsock://2:80?buffer-size=", "a number of bytes from 1" },
    { "vsock://2:80?buffer-size=0", "a number of bytes from 1" },
    { "vsock://2:80?buffer-size=64k", "a number of bytes from 1" },
    { "vsock://2:80?buffer-size=-1", "a number of bytes from 1" },
    { "vsock://2:80?buffer-size=18446744073709551616", "a number of bytes from 1" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    check_rejected (cases[i].uri, cases[i].expected);
}

static void
test_long (void)
{
  g_autofree char *digits = g_strnfill (1 << 20, '1');
  g_autofree char *port = g_strdup_printf ("vsock://2:%s", digits);
  g_autofree char *host = g_strdup_printf ("vsock://%s:80", digits);

  g_assert_null (hvsock_address_new_from_uri (port, NULL));
  g_assert_null (hvsock_address_new_from_uri (host, NULL));
}

static void
test_wrong_type (void)
{
  g_test_expect_message ("Hvsock", G_LOG_LEVEL_CRITICAL, "*socket_type*");
  g_assert_null (hvsock_vsock_address_new_full (2, 80, G_SOCKET_TYPE_DATAGRAM, 0));
  g_test_assert_expected_messages ();
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/address/vsock/values", test_values);
  g_test_add_func ("/address/vsock/name", test_name);
  g_test_add_func ("/address/vsock/name/longest", test_longest_name);
  g_test_add_func ("/address/vsock/name/wrong", test_wrong_name);
  g_test_add_func ("/address/vsock/sibling", test_sibling);
  g_test_add_func ("/address/vsock/connect-only", test_connect_only);
  g_test_add_func ("/address/vsock/defaults", test_defaults);
  g_test_add_func ("/address/vsock/listen-only", test_listen_only);
  g_test_add_func ("/address/vsock/uris", test_uris);
  g_test_add_func ("/address/vsock/rejects", test_rejects);
  g_test_add_func ("/address/vsock/rejects/long", test_long);
  g_test_add_func ("/address/vsock/wrong-type", test_wrong_type);

  return g_test_run ();
}
