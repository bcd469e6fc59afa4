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

/* The timer sees to it, over all calls. */
#define NO_CALL_TIMEOUT G_MAXINT

typedef struct
{
  char *name;
  GDBusConnection *bus;
  GCancellable *inner; /* cancelled by the caller's or by the timer */
  gulong cancelled;    /* the handler of the caller's */
  GSource *timer;
  gboolean is_late;
} LookUp;

static void
look_up_free (gpointer data)
{
  LookUp *self = data;

  g_clear_object (&self->bus);
  g_clear_pointer (&self->timer, g_source_unref);
  g_clear_object (&self->inner);
  g_free (self->name);
  g_free (self);
}

static void
cancelled_cb (GCancellable *outer, gpointer inner)
{
  g_cancellable_cancel (inner);
}

static gboolean
late_cb (gpointer data)
{
  LookUp *self = data;

  self->is_late = TRUE;
  g_cancellable_cancel (self->inner);
  return G_SOURCE_REMOVE;
}

/* Before it returns: neither the caller's cancellable nor the timer is to reach it any more, and
 * the bus has nothing more to do. */
static void
end (GTask *task)
{
  LookUp *self = g_task_get_task_data (task);

  g_cancellable_disconnect (g_task_get_cancellable (task), self->cancelled);
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_object (&self->bus);
}

/* Takes @error. */
static void
return_error (GTask *task, GError *error)
{
  LookUp *self = g_task_get_task_data (task);

  end (task);
  if (self->is_late)
    {
      g_clear_error (&error);
      error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                                   "the machine's name was not looked up in time");
    }
  g_task_return_error (task, error);
}

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
    return_error (task, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                                             "no machine of this name is known to "
                                             "systemd-machined: machinectl lists those that are"));
  else if (code == G_IO_ERROR_NOT_SUPPORTED)
    return_error (task, g_error_new (G_IO_ERROR, code,
                                     "the names of machines are not known here: %s: use the CID, "
                                     "or start systemd-machined",
                                     failure->message));
  else
    return_error (task, g_error_new (G_IO_ERROR, code, "systemd-machined: %s", failure->message));
}

static void
return_cid (GTask *task, guint32 cid)
{
  if (cid == VMADDR_CID_ANY)
    {
      return_error (task, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                                               "the machine of this name has no CID, as far as "
                                               "systemd-machined knows"));
      return;
    }
  end (task);
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
      return_error (task, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                                               "the systemd-machined of this machine does not tell "
                                               "CIDs: systemd 256 does; or use the CID"));
    }
  else
    return_call_error (task, error);
}

static void
machine_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  LookUp *self = g_task_get_task_data (task);
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
  g_dbus_connection_call (self->bus, MACHINED, path, "org.freedesktop.DBus.Properties", "Get",
                          g_variant_new ("(ss)", MACHINE_INTERFACE, "VSockCID"),
                          G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NONE, NO_CALL_TIMEOUT,
                          self->inner, cid_cb, g_steal_pointer (&task));
}

/* Takes @error. */
static void
return_no_bus (GTask *task, GError *error)
{
  return_error (task, g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                                   "the names of machines are not known here: no system bus: %s: "
                                   "use the CID",
                                   error->message));
  g_error_free (error);
}

static void
bus_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  LookUp *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->bus = g_dbus_connection_new_for_address_finish (result, &error);
  if (self->bus == NULL)
    {
      return_no_bus (task, error);
      return;
    }

  g_dbus_connection_call (self->bus, MACHINED, MANAGER_PATH, MANAGER_INTERFACE, "GetMachine",
                          g_variant_new ("(s)", self->name), G_VARIANT_TYPE ("(o)"),
                          G_DBUS_CALL_FLAGS_NONE, NO_CALL_TIMEOUT, self->inner, machine_cb,
                          g_steal_pointer (&task));
}

void
vsock_names_look_up_async (const char *name,
                           guint timeout,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  LookUp *look_up = g_new0 (LookUp, 1);
  g_autofree char *address = NULL;
  GError *error = NULL;

  g_task_set_source_tag (task, vsock_names_look_up_async);
  g_task_set_task_data (task, look_up, look_up_free);
  look_up->name = g_strdup (name);
  look_up->inner = g_cancellable_new ();
  if (cancellable != NULL)
    look_up->cancelled = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb),
                                                g_object_ref (look_up->inner), g_object_unref);
  if (timeout != 0)
    {
      look_up->timer = g_timeout_source_new (timeout);
      g_source_set_callback (look_up->timer, late_cb, look_up, NULL);
      g_source_attach (look_up->timer, g_task_get_context (task));
    }

  address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, &error);
  if (address == NULL)
    {
      return_no_bus (task, error);
      return;
    }

  g_dbus_connection_new_for_address (address,
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                         G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL, look_up->inner, bus_cb, g_steal_pointer (&task));
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
