/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The registration of Hyper-V's services in the registry of Windows, where this needs an
 * administrator. */

#include "hyperv-service.h"

#include <aclapi.h>

#define SERVICES                                                                                   \
  "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Virtualization\\GuestCommunicationServices\\"

static void
register_as (HypervService *service, const char *name)
{
  g_autoptr (GError) error = NULL;

  hvsock_hyperv_register_service (&service->id, name, &error);
  g_assert_no_error (error);
}

static void
assert_name (HypervService *service, const char *expected)
{
  g_autofree char *name = hvsock_hyperv_dup_service_name (&service->id);

  g_assert_cmpstr (name, ==, expected);
}

static gboolean
is_listed (HypervService *service)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) guids = hvsock_hyperv_list_services (&error);

  g_assert_no_error (error);
  for (guint i = 1; i < g_strv_length (guids); i++)
    g_assert_cmpstr (guids[i - 1], <, guids[i]);
  return g_strv_contains ((const char *const *) guids, service->guid);
}

/* The key itself, as Hyper-V reads it. */
static HKEY
open_key (HypervService *service, REGSAM rights)
{
  g_autofree char *path = g_strconcat (SERVICES, service->guid, NULL);
  HKEY key;

  g_assert_cmpint (RegOpenKeyExA (HKEY_LOCAL_MACHINE, path, 0, rights | KEY_WOW64_64KEY, &key), ==,
                   0);
  return key;
}

static void
test_life (HypervService *service, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (hvsock_hyperv_is_registered (&service->id));
  g_assert_false (is_listed (service));
  assert_name (service, NULL);

  register_as (service, "a service");
  g_assert_true (hvsock_hyperv_is_registered (&service->id));
  g_assert_true (is_listed (service));
  assert_name (service, "a service");

  register_as (service, "another name");
  assert_name (service, "another name");

  g_assert_true (hvsock_hyperv_unregister_service (&service->id, &error));
  g_assert_no_error (error);
  g_assert_false (hvsock_hyperv_is_registered (&service->id));
  g_assert_false (is_listed (service));
}

static void
test_unregister_unknown (HypervService *service, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (hvsock_hyperv_unregister_service (&service->id, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, service->guid));
}

static void
test_value (HypervService *service, gconstpointer data)
{
  static const WCHAR expected[] = L"Gr\u00fc\u00dfe \U0001f600";
  WCHAR value[64];
  DWORD size = sizeof value;
  DWORD type;
  HKEY key;

  register_as (service, "Gr\303\274\303\237e \360\237\230\200");
  assert_name (service, "Gr\303\274\303\237e \360\237\230\200");
  key = open_key (service, KEY_QUERY_VALUE);
  g_assert_cmpint (RegQueryValueExW (key, L"ElementName", NULL, &type, (BYTE *) value, &size), ==,
                   0);
  g_assert_cmpuint (type, ==, REG_SZ);
  g_assert_cmpmem (value, size, expected, sizeof expected);
  RegCloseKey (key);
}

static void
test_no_name (HypervService *service, gconstpointer data)
{
  HKEY key;

  register_as (service, "");
  assert_name (service, "");
  key = open_key (service, KEY_SET_VALUE);
  g_assert_cmpint (RegDeleteValueW (key, L"ElementName"), ==, 0);
  RegCloseKey (key);
  assert_name (service, "");
  g_assert_true (hvsock_hyperv_is_registered (&service->id));
}

static void
test_malformed_name (HypervService *service, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (hvsock_hyperv_register_service (&service->id, "\377", &error));
  g_assert_error (error, G_CONVERT_ERROR, G_CONVERT_ERROR_ILLEGAL_SEQUENCE);
  g_assert_false (hvsock_hyperv_is_registered (&service->id));
}

/* What stands beside the services and is none, say a key in braces, is not listed. */
static void
test_foreign_key (HypervService *service, gconstpointer data)
{
  g_autofree char *path = g_strdup_printf (SERVICES "{%s}", service->guid);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) guids = NULL;
  HKEY key;

  g_assert_cmpint (
      RegCreateKeyExA (HKEY_LOCAL_MACHINE, path, 0, NULL, 0, KEY_WOW64_64KEY, NULL, &key, NULL), ==,
      0);
  guids = hvsock_hyperv_list_services (&error);
  g_assert_cmpint (RegDeleteKeyExA (HKEY_LOCAL_MACHINE, path, KEY_WOW64_64KEY, 0), ==, 0);
  RegCloseKey (key);
  g_assert_no_error (error);
  for (guint i = 0; guids[i] != NULL; i++)
    g_assert_null (strstr (guids[i], service->guid));
}

/* Lets nobody change the service, or everybody again. */
static void
set_writable (HypervService *service, gboolean is_writable)
{
  EXPLICIT_ACCESSW access = {
    .grfAccessPermissions = is_writable ? KEY_ALL_ACCESS : KEY_ALL_ACCESS & ~KEY_SET_VALUE,
    .grfAccessMode = SET_ACCESS,
    .Trustee = {
      .TrusteeForm = TRUSTEE_IS_NAME,
      .TrusteeType = TRUSTEE_IS_WELL_KNOWN_GROUP,
      .ptstrName = (LPWSTR) L"EVERYONE",
    },
  };
  SECURITY_DESCRIPTOR descriptor;
  HKEY key = open_key (service, WRITE_DAC);
  PACL acl;

  g_assert_cmpuint (SetEntriesInAclW (1, &access, NULL, &acl), ==, 0);
  g_assert_true (InitializeSecurityDescriptor (&descriptor, SECURITY_DESCRIPTOR_REVISION));
  g_assert_true (SetSecurityDescriptorDacl (&descriptor, TRUE, acl, FALSE));
  g_assert_cmpint (RegSetKeySecurity (key, DACL_SECURITY_INFORMATION, &descriptor), ==, 0);
  LocalFree (acl);
  RegCloseKey (key);
}

/* Only the renaming is tried: Wine deletes what it is told to keep. */
static void
test_denied (HypervService *service, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean is_registered;

  register_as (service, "precious");
  set_writable (service, FALSE);
  is_registered = hvsock_hyperv_register_service (&service->id, "mine", &error);
  set_writable (service, TRUE);

  g_assert_false (is_registered);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  g_assert_true (g_str_has_prefix (error->message, "cannot register '"));
  g_assert_true (g_str_has_suffix (error->message, ": run as Administrator"));
  assert_name (service, "precious");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  hyperv_service_add_test ("/hyperv-service/windows/life", test_life);
  hyperv_service_add_test ("/hyperv-service/windows/unregister-unknown", test_unregister_unknown);
  hyperv_service_add_test ("/hyperv-service/windows/value", test_value);
  hyperv_service_add_test ("/hyperv-service/windows/no-name", test_no_name);
  hyperv_service_add_test ("/hyperv-service/windows/malformed-name", test_malformed_name);
  hyperv_service_add_test ("/hyperv-service/windows/foreign-key", test_foreign_key);
  hyperv_service_add_test ("/hyperv-service/windows/denied", test_denied);
  return g_test_run ();
}
