/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvsock://[VM]/SERVICE, beyond the rows of the table. */

#include "checks.h"

#define VM_ID      "73c39589-192e-4c64-9acf-6c5d0aa18528"
#define SERVICE_ID "3049197c-9a4e-4fbf-9367-97f792f16994"

static void
test_values (void)
{
  g_autoptr (HvsockAddress) address = NULL;
  g_autoptr (HvsockGuid) vm_property = NULL;
  g_autoptr (HvsockGuid) service_property = NULL;
  g_autofree char *name_property = NULL;
  HvsockHypervAddress *self;
  HvsockGuid vm_id;
  HvsockGuid service_id;

  g_assert_true (hvsock_guid_parse (&vm_id, VM_ID));
  g_assert_true (hvsock_guid_parse (&service_id, SERVICE_ID));
  address = hvsock_hyperv_address_new (&vm_id, &service_id);
  self = HVSOCK_HYPERV_ADDRESS (address);

  g_assert_true (hvsock_guid_equal (hvsock_hyperv_address_get_vm_id (self), &vm_id));
  g_assert_true (hvsock_guid_equal (hvsock_hyperv_address_get_service_id (self), &service_id));
  g_assert_null (hvsock_hyperv_address_get_vm_name (self));
  g_assert_false (hvsock_address_is_listen_only (address));

  g_object_get (self, "vm-id", &vm_property, "vm-name", &name_property, "service-id",
                &service_property, NULL);
  g_assert_true (hvsock_guid_equal (vm_property, &vm_id));
  g_assert_true (hvsock_guid_equal (service_property, &service_id));
  g_assert_null (name_property);
}

static void
test_name (void)
{
  g_autoptr (HvsockAddress) address = NULL;
  g_autoptr (HvsockGuid) vm_property = NULL;
  g_autofree char *name_property = NULL;
  HvsockHypervAddress *self;
  HvsockGuid service_id;

  hvsock_guid_init_from_port (&service_id, 80);
  address = hvsock_hyperv_address_new_for_name ("my vm", &service_id);
  self = HVSOCK_HYPERV_ADDRESS (address);

  g_assert_cmpstr (hvsock_hyperv_address_get_vm_name (self), ==, "my vm");
  g_assert_null (hvsock_hyperv_address_get_vm_id (self));
  g_assert_true (hvsock_guid_equal (hvsock_hyperv_address_get_service_id (self), &service_id));
  g_assert_false (hvsock_address_is_listen_only (address));

  g_object_get (self, "vm-id", &vm_property, "vm-name", &name_property, NULL);
  g_assert_null (vm_property);
  g_assert_cmpstr (name_property, ==, "my vm");
}

static void
test_defaults (void)
{
  g_autoptr (HvsockAddress) address = g_object_new (HVSOCK_TYPE_HYPERV_ADDRESS, NULL);
  g_autofree char *uri = hvsock_address_to_uri (address);

  g_assert_cmpstr (uri, ==, "hvsock:///00000000-0000-0000-0000-000000000000");
  g_assert_true (hvsock_address_is_listen_only (address));
}

static void
test_words (void)
{
  static const struct
  {
    const char *word;
    const char *vm_id;
    const char *canonical;
    gboolean listen_only;
  } cases[] = {
    { "", "00000000-0000-0000-0000-000000000000", "", TRUE },
    { "wildcard", "00000000-0000-0000-0000-000000000000", "", TRUE },
    { "children", "90db8b89-0d35-4f79-8ce9-49ea0ac8b7cd", "children", TRUE },
    { "parent", "a42e7cda-d03f-480c-9cc2-a4de20abb878", "parent", FALSE },
    { "loopback", "e0e16197-dd56-4a10-9195-5ee7a155a838", "loopback", FALSE },
    { "silohost", "36bd0c5c-7276-4223-88ba-7d03b654c568", "silohost", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *word = g_strconcat ("hvsock://", cases[i].word, "/" SERVICE_ID, NULL);
      g_autofree char *spelled = g_strconcat ("hvsock://", cases[i].vm_id, "/" SERVICE_ID, NULL);
      g_autofree char *canonical =
          g_strconcat ("hvsock://", cases[i].canonical, "/" SERVICE_ID, NULL);
      g_autoptr (HvsockAddress) address = check_uri (word, canonical);
      g_autoptr (HvsockAddress) same = check_uri (spelled, canonical);
      HvsockGuid vm_id;

      g_assert_true (hvsock_guid_parse (&vm_id, cases[i].vm_id));
      g_assert_true (hvsock_guid_equal (hvsock_hyperv_address_find_vm_id (cases[i].word), &vm_id));
      g_assert_true (hvsock_address_equal (address, same));
      g_assert_cmpint (hvsock_address_is_listen_only (address), ==, cases[i].listen_only);
    }

  g_assert_true (hvsock_hyperv_address_find_vm_id (NULL) == hvsock_hyperv_address_find_vm_id (""));
  g_assert_null (hvsock_hyperv_address_find_vm_id ("Parent"));
  g_assert_null (hvsock_hyperv_address_find_vm_id ("host"));
}

/* Names print as what reads as a name again, even those that look like something else. */
static void
test_names (void)
{
  static const UriCase cases[] = {
    { "my vm", "my%20vm" },
    { "wildcard", "%77ildcard" },
    { "children", "%63hildren" },
    { "parent", "%70arent" },
    { "loopback", "%6Coopback" },
    { "silohost", "%73ilohost" },
    { "Parent", "Parent" },
    { "parent ", "parent%20" },
    { VM_ID, "%373c39589-192e-4c64-9acf-6c5d0aa18528" },
    { "73C39589-192E-4C64-9ACF-6C5D0AA18528", "%373C39589-192E-4C64-9ACF-6C5D0AA18528" },
    { "{" VM_ID "}", "%7B" VM_ID "%7D" },
    { "a/b?c#d", "a%2Fb%3Fc%23d" },
    { "u@h:80", "u%40h%3A80" },
    { "100%", "100%25" },
    { "%70arent", "%2570arent" },
    { "-x;$(calc)", "-x;$(calc)" },
    { "M\xc3\xbcller", "M%C3%BCller" },
    { "\x01\n", "%01%0A" },
    { ".", "." },
  };
  HvsockGuid service_id;

  g_assert_true (hvsock_guid_parse (&service_id, SERVICE_ID));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (HvsockAddress) address =
          hvsock_hyperv_address_new_for_name (cases[i].uri, &service_id);
      g_autofree char *expected =
          g_strconcat ("hvsock://", cases[i].expected, "/" SERVICE_ID, NULL);
      g_autoptr (HvsockAddress) parsed = check_uri (expected, expected);

      g_assert_true (hvsock_address_equal (address, parsed));
      g_assert_cmpstr (hvsock_hyperv_address_get_vm_name (HVSOCK_HYPERV_ADDRESS (parsed)), ==,
                       cases[i].uri);
    }
}

static void
test_uris (void)
{
  static const UriCase cases[] = {
    { "hvsock:///0", "hvsock:///00000000-facb-11e6-bd58-64006a7986d3" },
    { "hvsock://parent/4294967295", "hvsock://parent/ffffffff-facb-11e6-bd58-64006a7986d3" },
    { "hvsock://M\xc3\xbcller/1", "hvsock://M%C3%BCller/00000001-facb-11e6-bd58-64006a7986d3" },
    { "hvsock://%70arent/1", "hvsock://%70arent/00000001-facb-11e6-bd58-64006a7986d3" },
    { "hvsock://ffffffff-ffff-ffff-ffff-ffffffffffff/1",
      "hvsock://ffffffff-ffff-ffff-ffff-ffffffffffff/00000001-facb-11e6-bd58-64006a7986d3" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (HvsockAddress) address = check_uri (cases[i].uri, cases[i].expected);

      g_assert_true (HVSOCK_IS_HYPERV_ADDRESS (address));
    }
}

static void
test_rejects (void)
{
  static const UriCase cases[] = {
    { "hvsock://", "'/' and the GUID or port of a service after '://'" },
    { "hvsock:///", "'/' and the GUID or port of a service after '://'" },
    { "hvsock://parent", "'/' and the GUID or port of a service after '://parent'" },
    { "hvsock://parent/", "'/' and the GUID or port of a service after '://parent'" },
    { "hvsock://" VM_ID ":" SERVICE_ID, "'/' and the GUID or port of a service" },
    { "hvsock://parent:80", "'/' and the GUID or port of a service after '://parent'" },
    { "hvsock://parent:/80", "'/' and the GUID or port of a service after '://parent'" },
    { "hvsock://parent/x", "one GUID without braces, or a port from 0 to 4294967295" },
    { "hvsock://parent/" SERVICE_ID "/", "one GUID without braces" },
    { "hvsock://parent//80", "one GUID without braces" },
    { "hvsock://parent/080", "one GUID without braces" },
    { "hvsock://parent/4294967296", "one GUID without braces" },
    { "hvsock://parent/%38", "one GUID without braces" },
    { "hvsock:///run/x.sock", "'vsock-mux://:PORT/SOCKET'" },
    { "hvsock:///x.sock", "'vsock-mux://:PORT/SOCKET'" },
    { "hvsock://run/x/kata", "'vsock-mux://:PORT/SOCKET'" },
    { "hvsock:///./x", "'vsock-mux://:PORT/SOCKET'" },
    { "hvsock://a%00b/80", "a VM's name in UTF-8, without NUL" },
    { "hvsock://a%ff/80", "a VM's name in UTF-8, without NUL" },
    { "hvsock://parent/80?x=y", "no option but framing" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    check_rejected (cases[i].uri, cases[i].expected);
}

/* A name alone cannot be told to a system. */
static void
test_name_has_no_native (void)
{
  g_autoptr (HvsockAddress) address = hvsock_address_new_from_uri ("hvsock://vm/80", NULL);
  g_autoptr (GError) error = NULL;
  guint8 native[256];

  g_assert_false (
      g_socket_address_to_native (G_SOCKET_ADDRESS (address), native, sizeof native, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

static void
test_wrong_values (void)
{
  HvsockGuid guid = { { 0 } };

  g_test_expect_message ("Hvsock", G_LOG_LEVEL_CRITICAL, "*vm_name*");
  g_assert_null (hvsock_hyperv_address_new_for_name ("", &guid));
  g_test_expect_message ("Hvsock", G_LOG_LEVEL_CRITICAL, "*g_utf8_validate*");
  g_assert_null (hvsock_hyperv_address_new_for_name ("\xff", &guid));
  g_test_expect_message ("Hvsock", G_LOG_LEVEL_CRITICAL, "*service_id*");
  g_assert_null (hvsock_hyperv_address_new_for_name ("vm", NULL));
  g_test_expect_message ("Hvsock", G_LOG_LEVEL_CRITICAL, "*vm_id*");
  g_assert_null (hvsock_hyperv_address_new (NULL, &guid));
  g_test_assert_expected_messages ();
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/address/hyperv/values", test_values);
  g_test_add_func ("/address/hyperv/name", test_name);
  g_test_add_func ("/address/hyperv/name/no-native", test_name_has_no_native);
  g_test_add_func ("/address/hyperv/defaults", test_defaults);
  g_test_add_func ("/address/hyperv/words", test_words);
  g_test_add_func ("/address/hyperv/names", test_names);
  g_test_add_func ("/address/hyperv/uris", test_uris);
  g_test_add_func ("/address/hyperv/rejects", test_rejects);
  g_test_add_func ("/address/hyperv/wrong-values", test_wrong_values);

  return g_test_run ();
}
