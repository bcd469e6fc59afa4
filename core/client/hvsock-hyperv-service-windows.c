/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Services of Hyper-V on Windows, which keeps them in its registry: a key for each, named by its
 * GUID. That is how Hyper-V's documentation has them registered; there is no call for it. */

#include <hvsock/hvsock-hyperv-service.h>

#include <gio/gio.h>
#include <windows.h>

#define SERVICES                                                                                   \
  "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Virtualization\\GuestCommunicationServices"
#define NAME L"ElementName"

/* The longest name of a key that there can be, with its end. */
#define KEY_NAME_SIZE 256

static gunichar2 *
get_path (const HvsockGuid *service_id)
{
  g_autofree char *guid = hvsock_guid_to_string (service_id);
  g_autofree char *path = g_strconcat (SERVICES "\\", guid, NULL);

  return g_utf8_to_utf16 (path, -1, NULL, NULL, NULL);
}

static char *
get_message (LSTATUS status)
{
  char *message = g_win32_error_message (status);

  if (g_str_has_suffix (message, "."))
    message[strlen (message) - 1] = '\0';
  return message;
}

static gboolean
fail (GError **error, LSTATUS status, const char *operation, const HvsockGuid *service_id)
{
  g_autofree char *guid = hvsock_guid_to_string (service_id);
  g_autofree char *message = get_message (status);

  if (status == ERROR_ACCESS_DENIED)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 "cannot %s '%s': %s: run as Administrator", operation, guid, message);
  else if (status == ERROR_FILE_NOT_FOUND)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "cannot %s '%s': it is not registered",
                 operation, guid);
  else
    g_set_error (error, G_IO_ERROR, g_io_error_from_win32_error (status), "cannot %s '%s': %s",
                 operation, guid, message);
  return FALSE;
}

/* A program of 32 bits sees the same keys. */
static LSTATUS
open_key (const gunichar2 *path, REGSAM rights, HKEY *key)
{
  return RegOpenKeyExW (HKEY_LOCAL_MACHINE, path, 0, rights | KEY_WOW64_64KEY, key);
}

gboolean
hvsock_hyperv_register_service (const HvsockGuid *service_id, const char *name, GError **error)
{
  g_autofree gunichar2 *path = NULL;
  g_autofree gunichar2 *wide_name = NULL;
  glong length;
  LSTATUS status;
  HKEY key;

  g_return_val_if_fail (service_id != NULL, FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  wide_name = g_utf8_to_utf16 (name, -1, NULL, &length, error);
  if (wide_name == NULL)
    return FALSE;

  path = get_path (service_id);
  status = RegCreateKeyExW (HKEY_LOCAL_MACHINE, path, 0, NULL, REG_OPTION_NON_VOLATILE,
                            KEY_SET_VALUE | KEY_WOW64_64KEY, NULL, &key, NULL);
  if (status == ERROR_SUCCESS)
    {
      status = RegSetValueExW (key, NAME, 0, REG_SZ, (const BYTE *) wide_name,
                               (DWORD) ((gsize) (length + 1) * sizeof *wide_name));
      RegCloseKey (key);
    }
  return status == ERROR_SUCCESS || fail (error, status, "register", service_id);
}

gboolean
hvsock_hyperv_unregister_service (const HvsockGuid *service_id, GError **error)
{
  g_autofree gunichar2 *path = NULL;
  LSTATUS status;

  g_return_val_if_fail (service_id != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  path = get_path (service_id);
  status = RegDeleteKeyExW (HKEY_LOCAL_MACHINE, path, KEY_WOW64_64KEY, 0);
  return status == ERROR_SUCCESS || fail (error, status, "unregister", service_id);
}

gboolean
hvsock_hyperv_is_registered (const HvsockGuid *service_id)
{
  g_autofree char *name = hvsock_hyperv_dup_service_name (service_id);

  return name != NULL;
}

static char *
read_name (HKEY key)
{
  g_autofree gunichar2 *wide_name = NULL;
  DWORD size = 0;
  char *name;

  if (RegGetValueW (key, NULL, NAME, RRF_RT_REG_SZ, NULL, NULL, &size) != ERROR_SUCCESS)
    return g_strdup ("");

  wide_name = g_malloc0 (size);
  if (RegGetValueW (key, NULL, NAME, RRF_RT_REG_SZ, NULL, wide_name, &size) != ERROR_SUCCESS)
    return g_strdup ("");
  name = g_utf16_to_utf8 (wide_name, -1, NULL, NULL, NULL);
  return name != NULL ? name : g_strdup ("");
}

char *
hvsock_hyperv_dup_service_name (const HvsockGuid *service_id)
{
  g_autofree gunichar2 *path = NULL;
  char *name;
  HKEY key;

  g_return_val_if_fail (service_id != NULL, NULL);

  path = get_path (service_id);
  if (open_key (path, KEY_QUERY_VALUE, &key) != ERROR_SUCCESS)
    return NULL;

  name = read_name (key);
  RegCloseKey (key);
  return name;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Keys that are not named by a GUID are none of Hyper-V's. */
static char **
list_keys (HKEY parent)
{
  GPtrArray *guids = g_ptr_array_new ();
  gunichar2 wide_name[KEY_NAME_SIZE];
  DWORD length = KEY_NAME_SIZE;

  for (DWORD i = 0;
       RegEnumKeyExW (parent, i, wide_name, &length, NULL, NULL, NULL, NULL) == ERROR_SUCCESS; i++)
    {
      g_autofree char *name = g_utf16_to_utf8 (wide_name, -1, NULL, NULL, NULL);
      HvsockGuid guid;

      if (name != NULL && hvsock_guid_parse (&guid, name))
        g_ptr_array_add (guids, hvsock_guid_to_string (&guid));
      length = KEY_NAME_SIZE;
    }
  g_ptr_array_sort (guids, compare);
  g_ptr_array_add (guids, NULL);
  return (char **) g_ptr_array_free (guids, FALSE);
}

char **
hvsock_hyperv_list_services (GError **error)
{
  g_autofree gunichar2 *path = g_utf8_to_utf16 (SERVICES, -1, NULL, NULL, NULL);
  LSTATUS status;
  char **guids;
  HKEY key;

  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  status = open_key (path, KEY_ENUMERATE_SUB_KEYS, &key);
  if (status == ERROR_FILE_NOT_FOUND)
    return g_new0 (char *, 1);
  if (status != ERROR_SUCCESS)
    {
      g_autofree char *message = get_message (status);

      g_set_error (error, G_IO_ERROR, g_io_error_from_win32_error (status),
                   "cannot list the registered services: %s", message);
      return NULL;
    }

  guids = list_keys (key);
  RegCloseKey (key);
  return guids;
}
