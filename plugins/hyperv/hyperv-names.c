/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Names are looked up in two ways, the quick one first. The Host Compute Service knows the machines
 * that run, and not by name in every version of Windows: what it does not find is left to
 * PowerShell. A name that it does find is settled, even if a machine that does not run has it too:
 * that one could not be reached. */

#include "hyperv-names.h"

#include "hyperv-hcs.h"
#include "hyperv-powershell.h"

typedef struct
{
  char *name;
  GError *hcs_error;
} LookUp;

static void
look_up_free (gpointer data)
{
  LookUp *self = data;

  g_clear_error (&self->hcs_error);
  g_free (self->name);
  g_free (self);
}

static GError *
new_ambiguous_error (GArray *found)
{
  g_autoptr (GString) ids = g_string_new (NULL);

  for (guint i = 0; i < found->len; i++)
    {
      g_autofree char *id = hvsock_guid_to_string (&g_array_index (found, HvsockGuid, i));

      g_string_append_printf (ids, "%s%s", i == 0 ? "" : ", ", id);
    }
  return g_error_new (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                      "ambiguous: %u virtual machines have this name: %s: use a GUID", found->len,
                      ids->str);
}

/* Returns whether the search is over. */
static gboolean
return_found (GTask *task, GArray *found)
{
  if (found->len == 0)
    return FALSE;

  if (found->len > 1)
    {
      g_task_return_error (task, new_ambiguous_error (found));
      return TRUE;
    }
  g_task_return_pointer (task, hvsock_guid_copy (&g_array_index (found, HvsockGuid, 0)),
                         (GDestroyNotify) hvsock_guid_free);
  return TRUE;
}

static gboolean
is_io_error (const GError *error, GIOErrorEnum code)
{
  return g_error_matches (error, G_IO_ERROR, (int) code);
}

/* What to say if nothing was found. Takes @error, that of PowerShell: NULL if it knows no such
 * machine. Whoever the service has refused, and to whom PowerShell tells nothing either, lacks the
 * right that both ask for. */
static GError *
conclude (const GError *hcs_error, GError *error)
{
  g_autoptr (GError) powershell_error = error;

  if (is_io_error (error, G_IO_ERROR_PERMISSION_DENIED) ||
      (error != NULL && is_io_error (hcs_error, G_IO_ERROR_PERMISSION_DENIED)))
    return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                                "this user may not look up the name of a virtual machine: run as "
                                "Administrator, or a member of Hyper-V Administrators, or use the "
                                "GUID");
  if (error == NULL || (is_io_error (error, G_IO_ERROR_NOT_SUPPORTED) && hcs_error == NULL))
    return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                                "no virtual machine has this name");
  if (is_io_error (error, G_IO_ERROR_NOT_SUPPORTED))
    return g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                        "the names of virtual machines are not known here: %s; %s: use the GUID",
                        hcs_error->message, error->message);
  return g_steal_pointer (&powershell_error);
}

static void
powershell_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  LookUp *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GArray) found = hyperv_powershell_find_finish (result, &error);

  if (is_io_error (error, G_IO_ERROR_CANCELLED))
    g_task_return_error (task, error);
  else if (found == NULL || !return_found (task, found))
    g_task_return_error (task, conclude (self->hcs_error, error));
}

static void
hcs_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GCancellable *cancellable = g_task_get_cancellable (task);
  LookUp *self = g_task_get_task_data (task);
  g_autoptr (GArray) found = hyperv_hcs_find_finish (result, &self->hcs_error);

  if (found != NULL && return_found (task, found))
    return;

  if (self->hcs_error != NULL)
    g_debug ("'%s': %s", self->name, self->hcs_error->message);
  hyperv_powershell_find_async (self->name, cancellable, powershell_cb, g_steal_pointer (&task));
}

void
hyperv_names_look_up_async (const char *name,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  LookUp *look_up = g_new0 (LookUp, 1);

  g_task_set_source_tag (task, hyperv_names_look_up_async);
  g_task_set_task_data (task, look_up, look_up_free);
  look_up->name = g_strdup (name);
  hyperv_hcs_find_async (name, cancellable, hcs_cb, task);
}

gboolean
hyperv_names_look_up_finish (GAsyncResult *result, HvsockGuid *vm_id, GError **error)
{
  g_autoptr (HvsockGuid) found = NULL;

  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  found = g_task_propagate_pointer (G_TASK (result), error);
  if (found == NULL)
    return FALSE;

  *vm_id = *found;
  return TRUE;
}
