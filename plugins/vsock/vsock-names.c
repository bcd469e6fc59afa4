/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Names are those of systemd-machined, which keeps track of the machines that run here, and is
 * asked over the system bus. Each look-up has a connection of its own: the one that a process
 * shares ends the process when the bus goes away, and a look-up that is cancelled while that one is
 * being made would fail for everybody who waits for it. */

#include "vsock-names.h"

#include <linux/vm_sockets.h>

#define MACHINED          "org.freedesktop.machine1"
#define MANAGER_PATH      "/org/freedesktop/machine1"
#define MANAGER_INTERFACE "org.freedesktop.machine1.Manager"
#define MACHINE_INTERFACE "org.freedesktop.machine1.Machine"
#define NO_SUCH_MACHINE   "org.freedesktop.machine1.NoSuchMachine"

/* The caller's cancellable sees to it, over all calls. */
#define NO_CALL_TIMEOUT G_MAXINT

/* What an error of the bus or of systemd-machined comes to. */
static GIOErrorEnum
get_code (const GError *error)
{
  static const struct
  {
    GDBusError from;
    GIOErrorEnum to;
  } codes[] = {
    { G_DBUS_ERROR_ACCESS_DENIED, G_IO_ERROR_PERMISSION_DENIED },
    { G_DBUS_ERROR_UNKNOWN_OBJECT, G_IO_ERROR_NOT_FOUND },
    { G_DBUS_ERROR_NAME_HAS_NO_OWNER, G_IO_ERROR_NOT_SUPPORTED },
    { G_DBUS_ERROR_SERVICE_UNKNOWN, G_IO_ERROR_NOT_SUPPORTED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_error_matches (error, G_DBUS_ERROR, (int) codes[i].from))
      return codes[i].to;
  return G_IO_ERROR_FAILED;
}

/* Takes @error, that of a call. */
static void
return_call_error (GTask *task, GError *error)
{
  g_autofree char *remote = g_dbus_error_get_remote_error (error);
  g_autoptr (GError) failure = error;
  GIOErrorEnum code = get_code (error);

  g_dbus_error_strip_remote_error (failure);
  if (g_strcmp0 (remote, NO_SUCH_MACHINE) == 0 || code == G_IO_ERROR_NOT_FOUND)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                             "no machine of this name is known to "
                             "systemd-machined: machinectl lists those that are");
  else if (code == G_IO_ERROR_NOT_SUPPORTED)
    g_task_return_new_error (task, G_IO_ERROR, code,
                             "the names of machines are not known here: %s: use the CID, "
                             "or start systemd-machined",
                             failure->message);
  else
    g_task_return_new_error (task, G_IO_ERROR, code, "systemd-machined: %s", failure->message);
}

static void
return_cid (GTask *task, guint32 cid)
{
  if (cid == VMADDR_CID_ANY)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                               "the machine of this name has no CID, as far as "
                               "systemd-machined knows");
      return;
    }

  g_task_return_pointer (task, g_memdup2 (&cid, sizeof cid), g_free);
}

static void
cid_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) value = NULL;

  if (reply != NULL)
    g_variant_get (reply, "(v)", &value);

  if (value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32))
    return_cid (task, g_variant_get_uint32 (value));
  else if (value != NULL || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_PROPERTY))
    {
      g_clear_error (&error);
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                               "the systemd-machined of this machine does not tell "
                               "CIDs: systemd 256 does; or use the CID");
    }
  else
    return_call_error (task, error);
}

static void
machine_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GCancellable *cancellable = g_task_get_cancellable (task);
  GError *error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  const char *path;

  if (reply == NULL)
    {
      return_call_error (task, error);
      return;
    }

  g_variant_get (reply, "(&o)", &path);
  g_dbus_connection_call (
      G_DBUS_CONNECTION (source), MACHINED, path, "org.freedesktop.DBus.Properties", "Get",
      g_variant_new ("(ss)", MACHINE_INTERFACE, "VSockCID"), G_VARIANT_TYPE ("(v)"),
      G_DBUS_CALL_FLAGS_NONE, NO_CALL_TIMEOUT, cancellable, cid_cb, g_steal_pointer (&task));
}

/* Takes @error. */
static void
return_no_bus (GTask *task, GError *error)
{
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           "the names of machines are not known here: no system bus: %s: "
                           "use the CID",
                           error->message);
  g_error_free (error);
}

static void
bus_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  const char *name = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  GError *error = NULL;
  g_autoptr (GDBusConnection) bus = g_dbus_connection_new_for_address_finish (result, &error);

  if (bus == NULL)
    {
      return_no_bus (task, error);
      return;
    }

  g_dbus_connection_call (bus, MACHINED, MANAGER_PATH, MANAGER_INTERFACE, "GetMachine",
                          g_variant_new ("(s)", name), G_VARIANT_TYPE ("(o)"),
                          G_DBUS_CALL_FLAGS_NONE, NO_CALL_TIMEOUT, cancellable, machine_cb,
                          g_steal_pointer (&task));
}

void
vsock_names_look_up_async (const char *name,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autofree char *address = NULL;
  GError *error = NULL;

  g_task_set_source_tag (task, vsock_names_look_up_async);
  g_task_set_task_data (task, g_strdup (name), g_free);

  address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, &error);
  if (address == NULL)
    {
      return_no_bus (task, error);
      return;
    }

  g_dbus_connection_new_for_address (address,
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                         G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL, cancellable, bus_cb, g_steal_pointer (&task));
}

gboolean
vsock_names_look_up_finish (GAsyncResult *result, guint32 *cid, GError **error)
{
  g_autofree guint32 *found = NULL;

  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  found = g_task_propagate_pointer (G_TASK (result), error);
  if (found == NULL)
    return FALSE;

  *cid = *found;
  return TRUE;
}
