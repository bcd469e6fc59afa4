/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The one way from a key file to a transport, in the order that the plugin contract promises: key
 * file, path, module, symbol, descriptor, residence, type, object. Each step refuses with an error
 * that names the file, and up to residence a refusal closes the module again. */

#include "plugin/hvsock-module-loader-private.h"

#include "plugin/hvsock-trust-private.h"

#include <hvsock/hvsock-error.h>
#include <hvsock/hvsock-plugin.h>

#include <gmodule.h>

static gboolean
check_abi (const char *path, guint major, guint minor, GError **error)
{
  if (major == HVSOCK_PLUGIN_ABI_MAJOR && minor <= HVSOCK_PLUGIN_ABI_MINOR)
    return TRUE;

  g_set_error (error, HVSOCK_ERROR, HVSOCK_ERROR_PLUGIN_INCOMPATIBLE,
               "'%s' is made for plugin ABI %u.%u, this libhvsock has %u.%u: %s", path, major,
               minor, (guint) HVSOCK_PLUGIN_ABI_MAJOR, (guint) HVSOCK_PLUGIN_ABI_MINOR,
               major == HVSOCK_PLUGIN_ABI_MAJOR ? "install a newer libhvsock"
                                                : "install the plugin made for this libhvsock");
  return FALSE;
}

/* Fails with %HVSOCK_ERROR_PLUGIN_INVALID for the module of @key_file. */
static void G_GNUC_PRINTF (3, 4)
    refuse (const HvsockKeyFile *key_file, GError **error, const char *format, ...)
{
  g_autofree char *reason = NULL;
  va_list arguments;

  va_start (arguments, format);
  reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, HVSOCK_ERROR, HVSOCK_ERROR_PLUGIN_INVALID, "module '%s': %s",
               key_file->module, reason);
}

/* Each minor version of the ABI has one size: it is known, not guessed, what stands where. */
static gboolean
check_layout (const HvsockKeyFile *key_file,
              const HvsockPluginDescriptor *descriptor,
              GError **error)
{
  /* These three members stand first in every version of the descriptor. */
  if (descriptor == NULL || descriptor->size < G_STRUCT_OFFSET (HvsockPluginDescriptor, name))
    {
      refuse (key_file, error, "its descriptor is missing or too small to have an ABI version");
      return FALSE;
    }

  if (!check_abi (key_file->module, descriptor->abi_major, descriptor->abi_minor, error))
    return FALSE;

  if (descriptor->size != sizeof (HvsockPluginDescriptor))
    {
      refuse (key_file, error, "its descriptor has %u bytes, expected %" G_GSIZE_FORMAT,
              descriptor->size, sizeof (HvsockPluginDescriptor));
      return FALSE;
    }

  return TRUE;
}

static gboolean
check_contents (const HvsockKeyFile *key_file,
                const HvsockPluginDescriptor *descriptor,
                GError **error)
{
  if (g_strcmp0 (descriptor->name, key_file->name) != 0)
    {
      refuse (key_file, error, "it says that its name is '%s', expected '%s'",
              descriptor->name != NULL ? descriptor->name : "", key_file->name);
      return FALSE;
    }

  for (guint i = 0; key_file->schemes[i] != NULL; i++)
    if (descriptor->schemes == NULL || !g_strv_contains (descriptor->schemes, key_file->schemes[i]))
      {
        refuse (key_file, error, "it does not serve scheme '%s', which its key file names",
                key_file->schemes[i]);
        return FALSE;
      }

  if (descriptor->get_transport_type == NULL)
    {
      refuse (key_file, error, "its descriptor has no get_transport_type");
      return FALSE;
    }

  return TRUE;
}

static const HvsockPluginDescriptor *
describe (const HvsockKeyFile *key_file, GModule *module, GError **error)
{
  g_autofree char *symbol = g_strdup_printf ("hvsock_plugin_%s_describe", key_file->name);
  const HvsockPluginDescriptor *(*function) (void) = NULL;
  const HvsockPluginDescriptor *descriptor;

  if (!g_module_symbol (module, symbol, (gpointer *) &function) || function == NULL)
    {
      refuse (key_file, error, "it has no symbol '%s', which HVSOCK_PLUGIN_DEFINE (%s, ...) makes",
              symbol, key_file->name);
      return NULL;
    }

  descriptor = function ();
  if (!check_layout (key_file, descriptor, error) || !check_contents (key_file, descriptor, error))
    return NULL;

  return descriptor;
}

/* The types of a plugin have one name in the process, so it cannot have a second copy of the
 * plugin, whichever registry found that. */
static gboolean
claim_name (const HvsockKeyFile *key_file, GModule *module, GError **error)
{
  static GMutex lock;
  static GHashTable *modules; /* names of plugins to paths */
  const char *first;

  g_mutex_lock (&lock);
  if (modules == NULL)
    modules = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  first = g_hash_table_lookup (modules, key_file->name);
  if (first == NULL)
    g_hash_table_insert (modules, g_strdup (key_file->name), g_strdup (g_module_name (module)));
  g_mutex_unlock (&lock);

  if (first == NULL || g_str_equal (first, g_module_name (module)))
    return TRUE;

  refuse (key_file, error, "the process has loaded another copy of it, '%s'", first);
  return FALSE;
}

static HvsockTransport *
make_transport (const HvsockKeyFile *key_file,
                const HvsockPluginDescriptor *descriptor,
                GError **error)
{
  GType type = descriptor->get_transport_type ();

  if (!g_type_is_a (type, HVSOCK_TYPE_TRANSPORT) || G_TYPE_IS_ABSTRACT (type))
    {
      refuse (key_file, error, "its type '%s' is not a transport that can be made",
              type != G_TYPE_INVALID ? g_type_name (type) : "");
      return NULL;
    }

  return g_object_new (type, "name", key_file->name, NULL);
}

static GModule *
open_module (const HvsockKeyFile *key_file, GError **error)
{
  g_autoptr (GError) module_error = NULL;
  g_autofree char *key_file_path = NULL;
  g_autofree char *path = NULL;
  GModule *module;

  if (!check_abi (key_file->path, key_file->abi_major, key_file->abi_minor, error))
    return NULL;

  key_file_path = hvsock_trust_file (key_file->path, error);
  if (key_file_path == NULL)
    return NULL;

  path = hvsock_trust_file (key_file->module, error);
  if (path == NULL)
    return NULL;

  module = g_module_open_full (path, G_MODULE_BIND_LOCAL, &module_error);
  if (module == NULL)
    refuse (key_file, error, "%s", module_error->message);

  return module;
}

static HvsockTransport *
load (const HvsockKeyFile *key_file, GError **error)
{
  const HvsockPluginDescriptor *descriptor;
  GModule *module = open_module (key_file, error);

  if (module == NULL)
    return NULL;

  descriptor = describe (key_file, module, error);
  if (descriptor == NULL || !claim_name (key_file, module, error))
    {
      g_module_close (module);
      return NULL;
    }

  /* GObject types cannot be unregistered, so their code must never go away. */
  g_module_make_resident (module);
  return make_transport (key_file, descriptor, error);
}

/* Loads the module of the valid @key_file. Runs the plugin's code: hold no lock. */
HvsockTransport *
hvsock_module_load (const HvsockKeyFile *key_file, GError **error)
{
  g_autoptr (HvsockTransport) transport = load (key_file, error);

  if (transport == NULL)
    g_prefix_error (error, "cannot load plugin '%s': ", key_file->name);
  else
    g_debug ("plugin '%s' is loaded from '%s'", key_file->name, key_file->module);

  return g_steal_pointer (&transport);
}
