/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Random addresses and random text: parse(print(x)) equals x, and no text does harm. A failure is
 * repeated with the seed that the test prints. */

#include "checks.h"

#include <string.h>

#define ROUNDS 2000

/* Small numbers, large numbers and the borders come up equally often. */
static guint32
random_number (guint32 lowest, guint32 highest)
{
  switch (g_test_rand_int_range (0, 4))
    {
    case 0:
      return lowest;
    case 1:
      return highest;
    case 2:
      return lowest + (guint32) g_test_rand_int_range (0, 100);
    default:
      return lowest + (guint32) g_test_rand_int () % (highest - lowest);
    }
}

/* Bytes with a meaning in URIs come up as often as all others together. */
static char *
random_path (void)
{
  static const char special[] = "/././..%%2e:@?#&= \n\\\"'~";
  gsize length = (gsize) g_test_rand_int_range (1, 12);
  char *path = g_malloc0 (length + 1);

  for (gsize i = 0; i < length; i++)
    path[i] = g_test_rand_bit () ? special[g_test_rand_int_range (0, sizeof special - 1)]
                                 : (char) g_test_rand_int_range (1, 256);

  return path;
}

static char *
random_name (void)
{
  static const char *const words[] = { "wildcard", "children", "parent", "loopback", "silohost" };
  static const gunichar characters[] = {
    'a', '/', ':', '%', ';', ' ', '\n', 0xe9, 0x20ac, 0x1f600
  };
  HvsockGuid guid = { { 0 } };
  GString *name;

  switch (g_test_rand_int_range (0, 4))
    {
    case 0:
      return g_strdup (words[g_test_rand_int_range (0, G_N_ELEMENTS (words))]);
    case 1:
      return hvsock_guid_to_string (&guid);
    default:
      name = g_string_new (NULL);
      for (int i = g_test_rand_int_range (1, 12); i > 0; i--)
        g_string_append_unichar (name,
                                 characters[g_test_rand_int_range (0, G_N_ELEMENTS (characters))]);
      return g_string_free (name, FALSE);
    }
}

static void
random_guid (HvsockGuid *guid)
{
  for (gsize i = 0; i < sizeof guid->bytes; i++)
    guid->bytes[i] = (guint8) g_test_rand_int_range (0, 256);
}

/* Made by the rule, and words among them that begin like those for a CID. */
static char *
random_host_name (void)
{
  static const char *const starts[] = { "a", "Z", "hosts", "any-", "local.", "hypervisor0" };
  static const char characters[] = "az-.09AZ";
  GString *name = g_string_new (starts[g_test_rand_int_range (0, G_N_ELEMENTS (starts))]);

  for (int i = g_test_rand_int_range (0, 50); i > 0; i--)
    {
      const char next = characters[g_test_rand_int_range (0, sizeof characters - 1)];
      const char last = name->str[name->len - 1];

      if (g_ascii_isalnum (next) || g_ascii_isalnum (last))
        g_string_append_c (name, next);
    }
  if (!g_ascii_isalnum (name->str[name->len - 1]))
    g_string_append_c (name, 'x');
  return g_string_free (name, FALSE);
}

static void
test_vsock_names (void)
{
  for (int i = 0; i < ROUNDS; i++)
    {
      g_autofree char *name = random_host_name ();
      g_autoptr (HvsockAddress) address =
          hvsock_vsock_address_new_for_name (name, random_number (0, G_MAXUINT32 - 1));

      check_round_trip (address);
    }
}

static void
test_vsock (void)
{
  for (int i = 0; i < ROUNDS; i++)
    {
      g_autoptr (HvsockAddress) address = hvsock_vsock_address_new_full (
          random_number (0, G_MAXUINT32), random_number (0, G_MAXUINT32),
          g_test_rand_bit () ? G_SOCKET_TYPE_STREAM : G_SOCKET_TYPE_SEQPACKET,
          g_test_rand_bit () ? 0 : random_number (1, G_MAXUINT32));

      check_round_trip (address);
    }
}

static void
test_hyperv (void)
{
  for (int i = 0; i < ROUNDS; i++)
    {
      g_autoptr (HvsockAddress) address = NULL;
      g_autofree char *name = random_name ();
      HvsockGuid vm_id;
      HvsockGuid service_id;

      random_guid (&vm_id);
      if (g_test_rand_bit ())
        random_guid (&service_id);
      else
        hvsock_guid_init_from_port (&service_id, random_number (0, G_MAXUINT32));

      address = g_test_rand_bit () ? hvsock_hyperv_address_new (&vm_id, &service_id)
                                   : hvsock_hyperv_address_new_for_name (name, &service_id);
      check_round_trip (address);
    }
}

static void
test_paths (void)
{
  for (int i = 0; i < ROUNDS; i++)
    {
      g_autofree char *path = random_path ();
      guint32 port = random_number (0, G_MAXUINT32);
      g_autoptr (HvsockAddress) unix_address = hvsock_unix_address_new (path);
      g_autoptr (HvsockAddress) mux = hvsock_mux_address_new (port, path);
      g_autoptr (HvsockAddress) hyperkit =
          hvsock_hyperkit_address_new (random_number (3, G_MAXUINT32 - 1), port, path);

      check_round_trip (unix_address);
      check_round_trip (mux);
      check_round_trip (hyperkit);
    }
}

/* A path comes back byte for byte, but for the "./" that marks a relative one. */
static void
test_path_bytes (void)
{
  for (int i = 0; i < ROUNDS; i++)
    {
      g_autofree char *path = random_path ();
      g_autofree char *encoded = hvsock_uri_encode_path (path);
      g_autofree char *text = g_strconcat ("a://", encoded, NULL);
      g_autoptr (HvsockUri) uri = hvsock_uri_split (text, NULL);
      g_autofree char *decoded = NULL;

      g_assert_nonnull (uri);
      decoded = hvsock_uri_decode_path (uri, NULL);
      g_assert_nonnull (decoded);
      if (path[0] == '/' || g_str_has_prefix (path, "./"))
        g_assert_cmpstr (decoded, ==, path);
      else
        {
          g_assert_true (g_str_has_prefix (decoded, "./"));
          g_assert_cmpstr (decoded + strlen ("./"), ==, path);
        }
    }
}

static void
test_text (void)
{
  static const char *const seeds[] = {
    "vsock://2:80?type=seqpacket&buffer-size=65536",
    "hvsock://parent/00000050-facb-11e6-bd58-64006a7986d3",
    "hvsock://my%20vm/80",
    "hyperkit://4:80/./vms/0",
    "vsock-mux://:52/run/v.sock",
    "unix:///%2e/x",
    "unix:///x?framing=shutdown",
    "vsock://2:80?buffer-size=1&framing=shutdown",
    "vsock://a-1.host:80?type=seqpacket",
    "vsock://5:80?sibling=true&framing=shutdown",
  };
  static const char special[] = ":/?#@%&=0127-. \n\xff\xc3\xa9";

  for (int i = 0; i < 10 * ROUNDS; i++)
    {
      g_autofree char *text = g_strdup (seeds[g_test_rand_int_range (0, G_N_ELEMENTS (seeds))]);
      g_autoptr (HvsockAddress) address = NULL;
      g_autoptr (GError) error = NULL;

      for (int edits = g_test_rand_int_range (1, 4); edits > 0; edits--)
        text[g_test_rand_int_range (0, (gint32) strlen (text))] =
            special[g_test_rand_int_range (0, sizeof special - 1)];

      address = hvsock_address_new_from_uri (text, &error);
      if (address != NULL)
        {
          g_assert_no_error (error);
          check_round_trip (address);
        }
      else
        {
          g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI);
          g_assert_true (g_str_has_prefix (error->message, "invalid URI '"));
          g_assert_true (g_utf8_validate (error->message, -1, NULL));
        }
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/address/round-trip/vsock", test_vsock);
  g_test_add_func ("/address/round-trip/vsock-names", test_vsock_names);
  g_test_add_func ("/address/round-trip/hyperv", test_hyperv);
  g_test_add_func ("/address/round-trip/paths", test_paths);
  g_test_add_func ("/address/round-trip/path-bytes", test_path_bytes);
  g_test_add_func ("/address/round-trip/text", test_text);

  return g_test_run ();
}
