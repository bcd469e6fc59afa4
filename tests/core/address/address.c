/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The class above all addresses: what it does for every scheme, and for one of a plugin's own. */

#include "checks.h"

#include <string.h>

/* An address as a plugin might bring it, with nothing but its text. */
#define TEST_TYPE_ADDRESS (test_address_get_type ())
G_DECLARE_FINAL_TYPE (TestAddress, test_address, TEST, ADDRESS, HvsockAddress)

struct _TestAddress
{
  HvsockAddress parent_instance;

  const char *uri;
};

G_DEFINE_FINAL_TYPE (TestAddress, test_address, HVSOCK_TYPE_ADDRESS)

static char *
test_address_to_uri (HvsockAddress *address)
{
  return g_strdup (TEST_ADDRESS (address)->uri);
}

static void
test_address_class_init (TestAddressClass *klass)
{
  HVSOCK_ADDRESS_CLASS (klass)->to_uri = test_address_to_uri;
}

static void
test_address_init (TestAddress *self)
{
}

static HvsockAddress *
test_address_new (const char *uri)
{
  TestAddress *self = g_object_new (TEST_TYPE_ADDRESS, NULL);

  self->uri = uri;
  return HVSOCK_ADDRESS (self);
}

static void
test_subclass (void)
{
  g_autoptr (HvsockAddress) address = test_address_new ("mine://1");
  g_autofree char *uri = hvsock_address_to_uri (address);

  g_assert_cmpstr (uri, ==, "mine://1");
  g_assert_false (hvsock_address_is_listen_only (address));
  check_no_native (address);
}

static void
test_schemes (void)
{
  static const struct
  {
    const char *uri;
    const char *canonical;
    GType (*get_type) (void);
  } cases[] = {
    { "VSOCK://2:80", "vsock://2:80", hvsock_vsock_address_get_type },
    { "hvSock://parent/80", "hvsock://parent/00000050-facb-11e6-bd58-64006a7986d3",
      hvsock_hyperv_address_get_type },
    { "HyperKit://:80/d", "hyperkit://:80/d", hvsock_hyperkit_address_get_type },
    { "Vsock-Mux://:80/s", "vsock-mux://:80/s", hvsock_mux_address_get_type },
    { "Unix:///s", "unix:///s", hvsock_unix_address_get_type },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (HvsockAddress) address = check_uri (cases[i].uri, cases[i].canonical);

      g_assert_cmpstr (G_OBJECT_TYPE_NAME (address), ==, g_type_name (cases[i].get_type ()));
    }
}

static void
test_unknown_scheme (void)
{
  check_rejected ("tcp://127.0.0.1:80",
                  "expected one of the schemes hvsock, hyperkit, unix, vsock, vsock-mux before "
                  "'://', not 'tcp'");
  check_rejected ("vsocks://2:80", "not 'vsocks'");
  check_rejected ("mine://1", "not 'mine'");
}

/* Each class reads its own scheme only. */
static void
test_wrong_scheme (void)
{
  static const struct
  {
    HvsockAddress *(*new_from_uri) (const char *uri, GError **error);
    const char *uri;
    const char *expected;
  } cases[] = {
    { hvsock_vsock_address_new_from_uri, "hvsock:///80", "the scheme 'vsock'" },
    { hvsock_hyperv_address_new_from_uri, "vsock://2:80", "the scheme 'hvsock'" },
    { hvsock_hyperkit_address_new_from_uri, "vsock-mux://:80/s", "the scheme 'hyperkit'" },
    { hvsock_mux_address_new_from_uri, "hyperkit://:80/d", "the scheme 'vsock-mux'" },
    { hvsock_unix_address_new_from_uri, "vsock-mux://:80/s", "the scheme 'unix'" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (cases[i].new_from_uri (cases[i].uri, &error));
      g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI);
      g_assert_nonnull (strstr (error->message, cases[i].uri));
      g_assert_nonnull (strstr (error->message, cases[i].expected));
    }
}

static void
test_equal (void)
{
  g_autoptr (HvsockAddress) address = hvsock_vsock_address_new (2, 80);
  g_autoptr (HvsockAddress) same = hvsock_address_new_from_uri ("vsock://host:80/", NULL);
  g_autoptr (HvsockAddress) other = hvsock_vsock_address_new (2, 81);
  g_autoptr (HvsockAddress) of_other_type = test_address_new ("vsock://2:80");
  g_autoptr (GHashTable) set = g_hash_table_new (hvsock_address_hash, hvsock_address_equal);

  g_assert_true (hvsock_address_equal (address, address));
  g_assert_true (hvsock_address_equal (address, same));
  g_assert_false (hvsock_address_equal (address, other));
  g_assert_false (hvsock_address_equal (address, of_other_type));

  g_hash_table_add (set, address);
  g_assert_true (g_hash_table_contains (set, same));
  g_assert_false (g_hash_table_contains (set, other));
  g_assert_false (g_hash_table_contains (set, of_other_type));
}

static void
test_connectable_string (void)
{
  g_autoptr (HvsockAddress) address = hvsock_vsock_address_new (2, 80);
  g_autofree char *text = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address));

  g_assert_cmpstr (text, ==, "vsock://2:80");
}

static void
enumerated_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GSocketAddress **address = user_data;
  g_autoptr (GError) error = NULL;

  *address = g_socket_address_enumerator_next_finish (G_SOCKET_ADDRESS_ENUMERATOR (source), result,
                                                      &error);
  g_assert_no_error (error);
  g_assert_nonnull (*address);
}

/* Only the string is ours: the rest of the interface must still be what GSocketAddress does. */
static void
test_connectable_enumerate (void)
{
  g_autoptr (HvsockAddress) address = test_address_new ("mine://1");
  GSocketConnectable *connectable = G_SOCKET_CONNECTABLE (address);
  g_autoptr (GSocketAddressEnumerator) enumerator = g_socket_connectable_enumerate (connectable);
  g_autoptr (GSocketAddressEnumerator) async = g_socket_connectable_enumerate (connectable);
  g_autoptr (GSocketAddressEnumerator) proxied = g_socket_connectable_proxy_enumerate (connectable);
  g_autoptr (GSocketAddress) first = NULL;
  g_autoptr (GSocketAddress) first_async = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (proxied);

  first = g_socket_address_enumerator_next (enumerator, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (first == G_SOCKET_ADDRESS (address));
  g_assert_null (g_socket_address_enumerator_next (enumerator, NULL, &error));
  g_assert_no_error (error);

  g_socket_address_enumerator_next_async (async, NULL, enumerated_cb, &first_async);
  while (first_async == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (first_async == G_SOCKET_ADDRESS (address));
}

/* The parent's property asks the virtual function, so it need not know the family. */
static void
test_family_property (void)
{
  g_autoptr (HvsockAddress) address = hvsock_mux_address_new (80, "/s");
  GSocketFamily family = G_SOCKET_FAMILY_IPV4;

  g_object_get (address, "family", &family, NULL);
  g_assert_cmpint (family, ==, G_SOCKET_FAMILY_INVALID);
}

static void
test_framing (void)
{
  g_autoptr (HvsockAddress) plain = check_uri ("unix:///x", "unix:///x");
  g_autoptr (HvsockAddress) framed =
      check_uri ("unix:///x?framing=shutdown", "unix:///x?framing=shutdown");

  g_assert_false (hvsock_address_is_framed (plain));
  g_assert_true (hvsock_address_is_framed (framed));
  g_assert_false (hvsock_address_equal (plain, framed));
  g_assert_cmpstr (hvsock_unix_address_get_path (HVSOCK_UNIX_ADDRESS (framed)), ==, "/x");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/address/framing", test_framing);
  g_test_add_func ("/address/subclass", test_subclass);
  g_test_add_func ("/address/schemes", test_schemes);
  g_test_add_func ("/address/schemes/unknown", test_unknown_scheme);
  g_test_add_func ("/address/schemes/wrong", test_wrong_scheme);
  g_test_add_func ("/address/equal", test_equal);
  g_test_add_func ("/address/connectable/string", test_connectable_string);
  g_test_add_func ("/address/connectable/enumerate", test_connectable_enumerate);
  g_test_add_func ("/address/family-property", test_family_property);

  return g_test_run ();
}
