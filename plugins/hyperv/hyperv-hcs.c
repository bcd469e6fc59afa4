/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The Host Compute Service lists the machines that run, within milliseconds. Its library is part of
 * Windows 10 since version 1809 and of the feature Hyper-V only, so it is loaded when it is needed,
 * and from nowhere but the system directory. Its calls block: they are made in a thread, which a
 * caller who does not want to wait any more leaves behind until the service has answered. */

#include "hyperv-hcs.h"

#include "hyperv-json.h"
#include "hyperv-system-path.h"

#include <hvsock/hvsock.h>

#include <windows.h>
#include <computecore.h>

/* A service that does not answer for so long, in milliseconds, is not going to. */
#define PATIENCE 5000

/* The headers of mingw-w64 lack it. */
#ifndef HCS_E_ACCESS_DENIED
#  define HCS_E_ACCESS_DENIED ((HRESULT) 0x8037011bu)
#endif

typedef struct
{
  __typeof__ (HcsCreateOperation) *create_operation;
  __typeof__ (HcsCloseOperation) *close_operation;
  __typeof__ (HcsEnumerateComputeSystems) *enumerate;
  __typeof__ (HcsWaitForOperationResult) *wait;
} Hcs;

/* Resident from then on, as a library that is linked would be. */
static gpointer
load (gpointer data)
{
  static Hcs hcs;
  g_autofree char *path = hyperv_system_path ("computecore.dll");
  g_autofree gunichar2 *wide = g_utf8_to_utf16 (path, -1, NULL, NULL, NULL);
  HMODULE module = LoadLibraryExW ((wchar_t *) wide, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);

  if (module == NULL)
    return NULL;

  hcs.create_operation = (gpointer) GetProcAddress (module, "HcsCreateOperation");
  hcs.close_operation = (gpointer) GetProcAddress (module, "HcsCloseOperation");
  hcs.enumerate = (gpointer) GetProcAddress (module, "HcsEnumerateComputeSystems");
  hcs.wait = (gpointer) GetProcAddress (module, "HcsWaitForOperationResult");
  if (hcs.create_operation == NULL || hcs.close_operation == NULL || hcs.enumerate == NULL ||
      hcs.wait == NULL)
    return NULL;
  return &hcs;
}

static void
set_error_from_hresult (GError **error, HRESULT failure)
{
  const gboolean is_denied = failure == E_ACCESSDENIED || failure == HCS_E_ACCESS_DENIED;
  g_autofree char *message = g_win32_error_message (failure);

  g_set_error (error, G_IO_ERROR, is_denied ? G_IO_ERROR_PERMISSION_DENIED : G_IO_ERROR_FAILED,
               "the Host Compute Service: 0x%08lx: %s", (gulong) failure, message);
}

/* Returns the JSON that tells of all compute systems. */
static char *
enumerate (const Hcs *hcs, GError **error)
{
  HCS_OPERATION operation = hcs->create_operation (NULL, NULL);
  HRESULT failure = E_OUTOFMEMORY;
  wchar_t *document = NULL;
  char *json = NULL;

  if (operation != NULL)
    {
      failure = hcs->enumerate (NULL, operation);
      if (SUCCEEDED (failure))
        failure = hcs->wait (operation, PATIENCE, &document);
      hcs->close_operation (operation);
    }

  if (FAILED (failure))
    set_error_from_hresult (error, failure);
  else if (document == NULL)
    json = g_strdup ("[]");
  else
    json = g_utf16_to_utf8 ((gunichar2 *) document, -1, NULL, NULL, error);
  LocalFree (document);
  return json;
}

static gboolean
member_is (GHashTable *system, const char *name, const char *value)
{
  return g_strcmp0 (g_hash_table_lookup (system, name), value) == 0;
}

/* A container that runs in a machine has that machine's RuntimeId too. */
static GArray *
find_in_json (const char *json, const char *name, GError **error)
{
  g_autoptr (GPtrArray) systems = hyperv_json_read_objects (json, error);
  GArray *found;

  if (systems == NULL)
    return NULL;

  found = g_array_new (FALSE, FALSE, sizeof (HvsockGuid));
  for (guint i = 0; i < systems->len; i++)
    {
      GHashTable *system = systems->pdata[i];
      const char *id = g_hash_table_lookup (system, "RuntimeId");
      HvsockGuid guid;

      if (id != NULL && hvsock_guid_parse (&guid, id) && member_is (system, "Name", name) &&
          member_is (system, "SystemType", "VirtualMachine"))
        g_array_append_val (found, guid);
    }
  return found;
}

static void
find_in_thread (GTask *task, gpointer source, gpointer name, GCancellable *cancellable)
{
  static GOnce once = G_ONCE_INIT;
  const Hcs *hcs = g_once (&once, load, NULL);
  g_autofree char *json = NULL;
  GError *error = NULL;
  GArray *found = NULL;

  if (hcs == NULL)
    g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                         "there is no Host Compute Service");
  else
    json = enumerate (hcs, &error);
  if (json != NULL)
    found = find_in_json (json, name, &error);

  if (found != NULL)
    g_task_return_pointer (task, found, (GDestroyNotify) g_array_unref);
  else
    g_task_return_error (task, error);
}

void
hyperv_hcs_find_async (const char *name,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, hyperv_hcs_find_async);
  g_task_set_task_data (task, g_strdup (name), g_free);
  g_task_set_return_on_cancel (task, TRUE);
  g_task_run_in_thread (task, find_in_thread);
}

GArray *
hyperv_hcs_find_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
