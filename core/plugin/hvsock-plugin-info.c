/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What is known of one plugin: what its key file says, which never changes, and how far the plugin
 * has come, which changes once. */

#include "plugin/hvsock-plugin-info-private.h"

#include <hvsock/hvsock-enum-types.h>

/**
 * HvsockPluginInfo:
 *
 * A plugin that a registry found, whether it can be used or not.
 *
 * What it says comes from the plugin's key file, so reading it loads nothing. A plugin that cannot
 * be used keeps the reason in [property@PluginInfo:error].
 *
 * All of it may be used from any thread. No property notifies of changes: a plugin may be loaded,
 * or fail to load, on any thread that resolves a URI.
 *
 * Since: 1.0
 */

/**
 * HvsockPluginState:
 * @HVSOCK_PLUGIN_STATE_FOUND: its key file is valid; none of its code has run
 * @HVSOCK_PLUGIN_STATE_LOADED: its module is loaded, and its transport made
 * @HVSOCK_PLUGIN_STATE_FAILED: it cannot be used; [method@PluginInfo.dup_error] says why
 *
 * How far a plugin has come.
 *
 * From found it goes to loaded or to failed when a URI first needs it, and stays there. It may be
 * failed from the start, because of its key file.
 *
 * Since: 1.0
 */

struct _HvsockPluginInfo
{
  GObject parent_instance;

  HvsockKeyFile *key_file;

  GMutex lock;
  HvsockPluginState state;
  GError *error;
};

enum
{
  PROP_0,
  PROP_NAME,
  PROP_VERSION,
  PROP_DESCRIPTION,
  PROP_PATH,
  PROP_SCHEMES,
  PROP_PRIORITY,
  PROP_STATE,
  PROP_ERROR,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (HvsockPluginInfo, hvsock_plugin_info, G_TYPE_OBJECT)

static void
hvsock_plugin_info_init (HvsockPluginInfo *self)
{
  g_mutex_init (&self->lock);
  self->state = HVSOCK_PLUGIN_STATE_FOUND;
}

static void
hvsock_plugin_info_finalize (GObject *object)
{
  HvsockPluginInfo *self = HVSOCK_PLUGIN_INFO (object);

  g_clear_pointer (&self->key_file, hvsock_key_file_free);
  g_clear_error (&self->error);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (hvsock_plugin_info_parent_class)->finalize (object);
}

static void
hvsock_plugin_info_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HvsockPluginInfo *self = HVSOCK_PLUGIN_INFO (object);

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, hvsock_plugin_info_get_name (self));
      break;
    case PROP_VERSION:
      g_value_set_string (value, hvsock_plugin_info_get_version (self));
      break;
    case PROP_DESCRIPTION:
      g_value_set_string (value, hvsock_plugin_info_get_description (self));
      break;
    case PROP_PATH:
      g_value_set_string (value, hvsock_plugin_info_get_path (self));
      break;
    case PROP_SCHEMES:
      g_value_set_boxed (value, hvsock_plugin_info_get_schemes (self));
      break;
    case PROP_PRIORITY:
      g_value_set_int (value, hvsock_plugin_info_get_priority (self));
      break;
    case PROP_STATE:
      g_value_set_enum (value, hvsock_plugin_info_get_state (self));
      break;
    case PROP_ERROR:
      g_value_take_boxed (value, hvsock_plugin_info_dup_error (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hvsock_plugin_info_class_init (HvsockPluginInfoClass *klass)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = hvsock_plugin_info_finalize;
  object_class->get_property = hvsock_plugin_info_get_property;

  /**
   * HvsockPluginInfo:name:
   *
   * The plugin's name: see [method@PluginInfo.get_name].
   *
   * Since: 1.0
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);

  /**
   * HvsockPluginInfo:version:
   *
   * The plugin's own version: see [method@PluginInfo.get_version].
   *
   * Since: 1.0
   */
  properties[PROP_VERSION] = g_param_spec_string ("version", NULL, NULL, NULL, flags);

  /**
   * HvsockPluginInfo:description:
   *
   * What the plugin is: see [method@PluginInfo.get_description].
   *
   * Since: 1.0
   */
  properties[PROP_DESCRIPTION] = g_param_spec_string ("description", NULL, NULL, NULL, flags);

  /**
   * HvsockPluginInfo:path:
   *
   * Where the plugin's module is: see [method@PluginInfo.get_path].
   *
   * Since: 1.0
   */
  properties[PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL, flags);

  /**
   * HvsockPluginInfo:schemes:
   *
   * The schemes that the plugin serves: see [method@PluginInfo.get_schemes].
   *
   * Since: 1.0
   */
  properties[PROP_SCHEMES] = g_param_spec_boxed ("schemes", NULL, NULL, G_TYPE_STRV, flags);

  /**
   * HvsockPluginInfo:priority:
   *
   * The plugin's rank for its schemes: see [method@PluginInfo.get_priority].
   *
   * Since: 1.0
   */
  properties[PROP_PRIORITY] =
      g_param_spec_int ("priority", NULL, NULL, G_MININT, G_MAXINT, 0, flags);

  /**
   * HvsockPluginInfo:state:
   *
   * How far the plugin has come: see [method@PluginInfo.get_state].
   *
   * Since: 1.0
   */
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, HVSOCK_TYPE_PLUGIN_STATE,
                                              HVSOCK_PLUGIN_STATE_FOUND, flags);

  /**
   * HvsockPluginInfo:error:
   *
   * Why the plugin cannot be used: see [method@PluginInfo.dup_error].
   *
   * Since: 1.0
   */
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

/* Takes @key_file. */
HvsockPluginInfo *
hvsock_plugin_info_new (HvsockKeyFile *key_file)
{
  HvsockPluginInfo *self = g_object_new (HVSOCK_TYPE_PLUGIN_INFO, NULL);

  self->key_file = key_file;
  if (key_file->error != NULL)
    hvsock_plugin_info_set_failed (self, key_file->error);

  return self;
}

const HvsockKeyFile *
hvsock_plugin_info_get_key_file (HvsockPluginInfo *self)
{
  return self->key_file;
}

void
hvsock_plugin_info_set_loaded (HvsockPluginInfo *self)
{
  g_mutex_lock (&self->lock);
  self->state = HVSOCK_PLUGIN_STATE_LOADED;
  g_mutex_unlock (&self->lock);
}

/* What the last probe of a loaded plugin said: %NULL when it is available. */
void
hvsock_plugin_info_set_unavailable (HvsockPluginInfo *self, const GError *error)
{
  g_mutex_lock (&self->lock);
  g_clear_error (&self->error);
  self->error = error == NULL ? NULL : g_error_copy (error);
  g_mutex_unlock (&self->lock);
}

/* Keeps a copy of @error. A plugin fails once. */
void
hvsock_plugin_info_set_failed (HvsockPluginInfo *self, const GError *error)
{
  g_mutex_lock (&self->lock);
  if (self->state != HVSOCK_PLUGIN_STATE_FAILED)
    {
      self->state = HVSOCK_PLUGIN_STATE_FAILED;
      self->error = g_error_copy (error);
    }
  g_mutex_unlock (&self->lock);
}

/**
 * hvsock_plugin_info_get_name:
 * @self: a plugin
 *
 * Gets the name that the plugin's key file, module and symbol share.
 *
 * For a plugin whose key file is not valid it is the name of that file, without ".plugin".
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
hvsock_plugin_info_get_name (HvsockPluginInfo *self)
{
  g_return_val_if_fail (HVSOCK_IS_PLUGIN_INFO (self), NULL);

  return self->key_file->name;
}

/**
 * hvsock_plugin_info_get_version:
 * @self: a plugin
 *
 * Gets the plugin's own version, in the form that its author chose.
 *
 * Returns: (nullable): the version, or %NULL when the key file is not valid and names none
 *
 * Since: 1.0
 */
const char *
hvsock_plugin_info_get_version (HvsockPluginInfo *self)
{
  g_return_val_if_fail (HVSOCK_IS_PLUGIN_INFO (self), NULL);

  return self->key_file->version;
}

/**
 * hvsock_plugin_info_get_description:
 * @self: a plugin
 *
 * Gets one line that says what the plugin is.
 *
 * Returns: (nullable): the description, or %NULL when the key file has none
 *
 * Since: 1.0
 */
const char *
hvsock_plugin_info_get_description (HvsockPluginInfo *self)
{
  g_return_val_if_fail (HVSOCK_IS_PLUGIN_INFO (self), NULL);

  return self->key_file->description;
}

/**
 * hvsock_plugin_info_get_path:
 * @self: a plugin
 *
 * Gets the path of the plugin's module. Its key file stands in the same folder.
 *
 * That the plugin was found does not mean that the module exists.
 *
 * Returns: (type filename): the absolute path of the module
 *
 * Since: 1.0
 */
const char *
hvsock_plugin_info_get_path (HvsockPluginInfo *self)
{
  g_return_val_if_fail (HVSOCK_IS_PLUGIN_INFO (self), NULL);

  return self->key_file->module;
}

/**
 * hvsock_plugin_info_get_schemes:
 * @self: a plugin
 *
 * Gets the URI schemes that the plugin says it serves, in lower case.
 *
 * Returns: (transfer none) (array zero-terminated=1): the schemes; none when the key file is not
 *   valid and names none
 *
 * Since: 1.0
 */
const char *const *
hvsock_plugin_info_get_schemes (HvsockPluginInfo *self)
{
  g_return_val_if_fail (HVSOCK_IS_PLUGIN_INFO (self), NULL);

  return (const char *const *) self->key_file->schemes;
}

/**
 * hvsock_plugin_info_get_priority:
 * @self: a plugin
 *
 * Gets the plugin's rank among those that serve the same scheme: the highest is asked first.
 *
 * Returns: the priority, 0 when the key file names none
 *
 * Since: 1.0
 */
int
hvsock_plugin_info_get_priority (HvsockPluginInfo *self)
{
  g_return_val_if_fail (HVSOCK_IS_PLUGIN_INFO (self), 0);

  return self->key_file->priority;
}

/**
 * hvsock_plugin_info_get_state:
 * @self: a plugin
 *
 * Gets how far the plugin has come.
 *
 * Returns: the state at this moment; another thread may be loading the plugin
 *
 * Since: 1.0
 */
HvsockPluginState
hvsock_plugin_info_get_state (HvsockPluginInfo *self)
{
  HvsockPluginState state;

  g_return_val_if_fail (HVSOCK_IS_PLUGIN_INFO (self), HVSOCK_PLUGIN_STATE_FAILED);

  g_mutex_lock (&self->lock);
  state = self->state;
  g_mutex_unlock (&self->lock);

  return state;
}

/**
 * hvsock_plugin_info_dup_error:
 * @self: a plugin
 *
 * Gets the error that keeps the plugin from being used.
 *
 * It is %HVSOCK_ERROR_PLUGIN_INVALID when the key file or the module is not what it should be, when
 * others than the owner may write them, or when a plugin of the same name shadows this one, and
 * %HVSOCK_ERROR_PLUGIN_INCOMPATIBLE when it is made for another plugin ABI. Of a plugin that is
 * loaded it is %HVSOCK_ERROR_UNAVAILABLE when the last probe found that it cannot be used on this
 * machine, or did not answer.
 *
 * Returns: (transfer full) (nullable): a copy of the error, or %NULL if nothing is known against it
 *
 * Since: 1.0
 */
GError *
hvsock_plugin_info_dup_error (HvsockPluginInfo *self)
{
  GError *error;

  g_return_val_if_fail (HVSOCK_IS_PLUGIN_INFO (self), NULL);

  g_mutex_lock (&self->lock);
  error = self->error != NULL ? g_error_copy (self->error) : NULL;
  g_mutex_unlock (&self->lock);

  return error;
}
