/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* It answers where messages come in, in the thread of the bus, so that the test may block. Messages
 * are answered one by one, as sd-bus does: GDBus' own objects say other things of what is missing.
 */

#include "machined-stand-in.h"

#include <string.h>

#define MANAGER_PATH "/org/freedesktop/machine1"
#define MACHINE_PATH MANAGER_PATH "/machine/"
#define ERROR_NAME   "org.freedesktop.DBus.Error."

struct _MachinedStandIn
{
  GDBusConnection *bus;
  int n_asked; /* atomic */
  GCancellable *cancellable;
};

typedef struct
{
  const char *name;
  const char *machine_error; /* of GetMachine */
  const char *cid_error;     /* of the property */
  const char *cid;           /* in text form; NULL for no answer where there is no error either */
  gboolean is_slow;          /* no answer to GetMachine */
} Machine;

static const Machine machines[] = {
  { MACHINE_GOOD, .cid = "uint32 4321" },
  { MACHINE_HIGHEST, .cid = "uint32 4294967294" },
  { MACHINE_ANY, .cid = "uint32 4294967295" },
  { MACHINE_ODD, .cid = "'4321'" },
  { MACHINE_OLD, .cid_error = ERROR_NAME "UnknownProperty" },
  { MACHINE_GONE, .cid_error = ERROR_NAME "UnknownObject" },
  { MACHINE_DENIED, .machine_error = ERROR_NAME "AccessDenied" },
  { MACHINE_BROKEN, .machine_error = "org.freedesktop.machine1.NoMachineForPID" },
  { MACHINE_SLOW, .is_slow = TRUE },
  { MACHINE_SLOW_CID },
};

static const Machine unknown = { .machine_error = "org.freedesktop.machine1.NoSuchMachine" };

/* The path of a machine ends in its index: names may have characters that paths do not. */
static const Machine *
find_by_name (const char *name, guint *index)
{
  for (guint i = 0; i < G_N_ELEMENTS (machines); i++)
    if (g_str_equal (name, machines[i].name))
      {
        *index = i;
        return &machines[i];
      }
  return &unknown;
}

static const Machine *
find_by_path (const char *path)
{
  guint64 index;

  g_assert_true (g_str_has_prefix (path, MACHINE_PATH));
  g_assert_true (g_ascii_string_to_unsigned (path + strlen (MACHINE_PATH), 10, 0,
                                             G_N_ELEMENTS (machines) - 1, &index, NULL));
  return &machines[index];
}

static GDBusMessage *
new_error (GDBusMessage *call, const char *error)
{
  return g_dbus_message_new_method_error_literal (call, error, "the stand-in says so");
}

static GDBusMessage *
get_machine (MachinedStandIn *self, GDBusMessage *call)
{
  g_autoptr (GDBusMessage) reply = NULL;
  g_autofree char *path = NULL;
  const Machine *machine;
  const char *name;
  guint index = 0;

  g_assert_cmpstr (g_dbus_message_get_path (call), ==, MANAGER_PATH);
  g_assert_cmpstr (g_dbus_message_get_interface (call), ==, "org.freedesktop.machine1.Manager");
  g_variant_get (g_dbus_message_get_body (call), "(&s)", &name);
  g_atomic_int_inc (&self->n_asked);

  machine = find_by_name (name, &index);
  if (machine->is_slow)
    {
      g_cancellable_cancel (self->cancellable);
      return NULL;
    }
  if (machine->machine_error != NULL)
    return new_error (call, machine->machine_error);

  path = g_strdup_printf ("%s%u", MACHINE_PATH, index);
  reply = g_dbus_message_new_method_reply (call);
  g_dbus_message_set_body (reply, g_variant_new ("(o)", path));
  return g_steal_pointer (&reply);
}

static GDBusMessage *
get_property (MachinedStandIn *self, GDBusMessage *call)
{
  const Machine *machine = find_by_path (g_dbus_message_get_path (call));
  g_autoptr (GDBusMessage) reply = NULL;
  const char *interface;
  const char *property;

  g_variant_get (g_dbus_message_get_body (call), "(&s&s)", &interface, &property);
  g_assert_cmpstr (interface, ==, "org.freedesktop.machine1.Machine");
  g_assert_cmpstr (property, ==, "VSockCID");

  if (machine->cid_error != NULL)
    return new_error (call, machine->cid_error);
  if (machine->cid == NULL)
    {
      g_cancellable_cancel (self->cancellable);
      return NULL;
    }

  reply = g_dbus_message_new_method_reply (call);
  g_dbus_message_set_body (reply, g_variant_new ("(v)", g_variant_new_parsed (machine->cid)));
  return g_steal_pointer (&reply);
}

static GDBusMessage *
message_cb (GDBusConnection *bus, GDBusMessage *message, gboolean incoming, gpointer data)
{
  MachinedStandIn *self = data;
  g_autoptr (GDBusMessage) call = message;
  g_autoptr (GDBusMessage) reply = NULL;

  if (!incoming || g_dbus_message_get_message_type (call) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return g_steal_pointer (&call);

  if (g_strcmp0 (g_dbus_message_get_member (call), "GetMachine") == 0)
    reply = get_machine (self, call);
  else
    reply = get_property (self, call);
  if (reply != NULL)
    g_dbus_connection_send_message (bus, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
  return NULL;
}

MachinedStandIn *
machined_stand_in_new (const char *bus_address)
{
  MachinedStandIn *self = g_new0 (MachinedStandIn, 1);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  self->bus =
      g_dbus_connection_new_for_address_sync (bus_address,
                                              G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                  G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                              NULL, NULL, &error);
  g_assert_no_error (error);
  g_dbus_connection_add_filter (self->bus, message_cb, self, NULL);
  reply = g_dbus_connection_call_sync (self->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "RequestName",
                                       g_variant_new ("(su)", "org.freedesktop.machine1", 0), NULL,
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
  return self;
}

void
machined_stand_in_free (MachinedStandIn *self)
{
  g_autoptr (GError) error = NULL;

  g_dbus_connection_close_sync (self->bus, NULL, &error);
  g_assert_no_error (error);
  g_object_unref (self->bus);
  g_clear_object (&self->cancellable);
  g_free (self);
}

guint
machined_stand_in_count (MachinedStandIn *self)
{
  return (guint) g_atomic_int_get (&self->n_asked);
}

void
machined_stand_in_cancel (MachinedStandIn *self, GCancellable *cancellable)
{
  g_set_object (&self->cancellable, cancellable);
}
