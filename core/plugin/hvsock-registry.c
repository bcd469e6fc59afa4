/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The registry: where plugins are searched for, and the blocking calls that find one. It scans its
 * folders once and leaves the rest to the catalog, the slots and the resolver. */

#include "plugin/hvsock-registry-private.h"

#include "base/hvsock-deadline-private.h"
#include "plugin/hvsock-catalog-private.h"
#include "plugin/hvsock-resolve-private.h"
#include "plugin/hvsock-scheme-private.h"
#include "plugin/hvsock-search-path-private.h"

/* Long enough for a busy machine, short enough for somebody who waits. In milliseconds. */
#define DEFAULT_PROBE_TIMEOUT 2000

/**
 * HvsockRegistry:
 *
 * The transport plugins, by the URI schemes that they serve.
 *
 * Most programs need none of this: [func@connect], [func@listen] and [class@Client] ask the default
 * registry.
 *
 * A registry searches an ordered list of folders for key files (`*.plugin`), once, when it is first
 * asked. That loads nothing. A plugin's module is loaded when a URI first needs it and stays
 * loaded; a plugin that fails to load is not tried again. Of two plugins with the same name the one
 * in the earlier folder counts; the other is listed as failed.
 *
 * Several plugins may serve one scheme. The one with the highest priority is asked first, and among
 * equals the one whose name sorts first. The first that loads, is available on this machine and
 * takes the URI serves it.
 *
 * Whether a transport is available is found out by probing it, in a thread of its own and for at
 * most [property@Registry:probe-timeout] milliseconds, so that a plugin that hangs costs one thread
 * and a bounded wait. That a transport is available is remembered for as long as the registry
 * lives; one that is not is probed anew by the next call that needs it. While a probe hangs, no
 * other one is started for its transport, and who asks in the meantime fails once the first one's
 * time is over.
 *
 * A registry may be used from any thread. Plugin code never runs under its locks.
 *
 * Since: 1.0
 */

struct _HvsockRegistry
{
  GObject parent_instance;

  char *search_path;
  char **folders;
  guint probe_timeout;

  GMutex lock;
  /* Made under the lock, and read without it. */
  HvsockCatalog *catalog;
};

enum
{
  PROP_0,
  PROP_SEARCH_PATH,
  PROP_PROBE_TIMEOUT,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (HvsockRegistry, hvsock_registry, G_TYPE_OBJECT)

static void
hvsock_registry_init (HvsockRegistry *self)
{
  g_mutex_init (&self->lock);
}

static void
hvsock_registry_constructed (GObject *object)
{
  HvsockRegistry *self = HVSOCK_REGISTRY (object);

  self->folders = self->search_path != NULL ? hvsock_search_path_split (self->search_path)
                                            : hvsock_search_path_get_default ();

  G_OBJECT_CLASS (hvsock_registry_parent_class)->constructed (object);
}

static void
hvsock_registry_finalize (GObject *object)
{
  HvsockRegistry *self = HVSOCK_REGISTRY (object);

  g_clear_pointer (&self->catalog, hvsock_catalog_free);
  g_strfreev (self->folders);
  g_free (self->search_path);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (hvsock_registry_parent_class)->finalize (object);
}

static void
hvsock_registry_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HvsockRegistry *self = HVSOCK_REGISTRY (object);

  switch (id)
    {
    case PROP_SEARCH_PATH:
      g_value_set_string (value, self->search_path);
      break;
    case PROP_PROBE_TIMEOUT:
      g_value_set_uint (value, g_atomic_int_get (&self->probe_timeout));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hvsock_registry_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  HvsockRegistry *self = HVSOCK_REGISTRY (object);

  switch (id)
    {
    case PROP_SEARCH_PATH:
      self->search_path = g_value_dup_string (value);
      break;
    case PROP_PROBE_TIMEOUT:
      g_atomic_int_set (&self->probe_timeout, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hvsock_registry_class_init (HvsockRegistryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = hvsock_registry_constructed;
  object_class->finalize = hvsock_registry_finalize;
  object_class->get_property = hvsock_registry_get_property;
  object_class->set_property = hvsock_registry_set_property;

  /**
   * HvsockRegistry:search-path:
   *
   * The folders to search, separated as in `PATH`, or %NULL for those of the default registry: see
   * [func@Registry.get_default] and [ctor@Registry.new_for_path].
   *
   * Since: 1.0
   */
  properties[PROP_SEARCH_PATH] =
      g_param_spec_string ("search-path", NULL, NULL, NULL,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * HvsockRegistry:probe-timeout:
   *
   * How long a transport may take to say whether it is available, in milliseconds, or 0 for as long
   * as it likes. It counts for the probes that start after it is set.
   *
   * Since: 1.0
   */
  properties[PROP_PROBE_TIMEOUT] =
      g_param_spec_uint ("probe-timeout", NULL, NULL, 0, G_MAXUINT, DEFAULT_PROBE_TIMEOUT,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

/**
 * hvsock_registry_get_default:
 *
 * Gets the registry of the process, which everything uses that is not given another one.
 *
 * It searches the folders of the environment variable `HVSOCK_PLUGIN_PATH`, separated as in `PATH`,
 * and then the folder into which libhvsock's own plugins are installed. The variable is read when
 * the registry is first asked for, and ignored in a program that runs with more rights than its
 * caller has, such as a set-user-id one.
 *
 * It may be called from any thread.
 *
 * Returns: (transfer none): the default registry
 *
 * Since: 1.0
 */
HvsockRegistry *
hvsock_registry_get_default (void)
{
  static HvsockRegistry *registry;

  if (g_once_init_enter (&registry))
    {
      HvsockRegistry *made = g_object_new (HVSOCK_TYPE_REGISTRY, NULL);

      g_once_init_leave (&registry, made);
    }

  return registry;
}

/**
 * hvsock_registry_new_for_path:
 * @search_path: the folders to search, separated as in `PATH`
 *
 * Makes a registry that searches only the given folders, in their order.
 *
 * Relative folders are taken from where the process stands now. Empty elements mean nothing, and a
 * folder that does not exist is no error. A transport that two registries load exists once in each
 * of them.
 *
 * Returns: (transfer full): a new registry
 *
 * Since: 1.0
 */
HvsockRegistry *
hvsock_registry_new_for_path (const char *search_path)
{
  g_return_val_if_fail (search_path != NULL, NULL);

  return g_object_new (HVSOCK_TYPE_REGISTRY, "search-path", search_path, NULL);
}

/* %NULL before the first scan. */
static HvsockCatalog *
peek_catalog (HvsockRegistry *self)
{
  return g_atomic_pointer_get (&self->catalog);
}

static HvsockCatalog *
get_catalog (HvsockRegistry *self)
{
  if (peek_catalog (self) == NULL)
    {
      g_mutex_lock (&self->lock);
      if (self->catalog == NULL)
        g_atomic_pointer_set (&self->catalog,
                              hvsock_catalog_new ((const char *const *) self->folders));
      g_mutex_unlock (&self->lock);
    }

  return peek_catalog (self);
}

/**
 * hvsock_registry_list_plugins:
 * @self: a registry
 *
 * Lists the plugins that were found, in the order of their folders and, in a folder, of their
 * names.
 *
 * Those that cannot be used are listed as well: see [method@PluginInfo.dup_error]. Nothing is
 * loaded. The first call on a registry reads the key files, and so blocks for as long as that
 * takes.
 *
 * It may be called from any thread.
 *
 * Returns: (transfer container) (element-type HvsockPluginInfo): the plugins
 *
 * Since: 1.0
 */
GPtrArray *
hvsock_registry_list_plugins (HvsockRegistry *self)
{
  g_return_val_if_fail (HVSOCK_IS_REGISTRY (self), NULL);

  return hvsock_catalog_list_plugins (get_catalog (self));
}

/**
 * hvsock_registry_lookup:
 * @self: a registry
 * @scheme: a URI scheme, in any case
 * @cancellable: (nullable): ends the wait for a probe with %G_IO_ERROR_CANCELLED
 * @error: return location for an error
 *
 * Finds the transport that serves a scheme: the first of its plugins that loads and is available.
 *
 * It blocks while plugins are loaded and probed. The errors are those of [method@Registry.resolve],
 * except %HVSOCK_ERROR_INVALID_URI.
 *
 * It may be called from any thread.
 *
 * Returns: (transfer full): the transport, or %NULL with @error set
 *
 * Since: 1.0
 */
HvsockTransport *
hvsock_registry_lookup (HvsockRegistry *self,
                        const char *scheme,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autofree char *lower = NULL;
  HvsockQuery query = { .may_wait = TRUE, .deadline = HVSOCK_DEADLINE_NEVER };

  g_return_val_if_fail (HVSOCK_IS_REGISTRY (self), NULL);
  g_return_val_if_fail (scheme != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  lower = g_ascii_strdown (scheme, -1);
  query.scheme = lower;
  query.timeout = g_atomic_int_get (&self->probe_timeout);
  return hvsock_resolve (get_catalog (self), &query, NULL, cancellable, error);
}

static HvsockTransport *
resolve (HvsockRegistry *self,
         const char *uri,
         gboolean may_wait,
         gint64 deadline,
         HvsockAddress **address,
         GCancellable *cancellable,
         GError **error)
{
  g_autofree char *scheme = hvsock_scheme_from_uri (uri, error);
  HvsockQuery query = {
    .scheme = scheme,
    .uri = uri,
    .deadline = deadline,
    .may_wait = may_wait,
  };

  if (scheme == NULL)
    return NULL;

  query.timeout = g_atomic_int_get (&self->probe_timeout);
  return hvsock_resolve (get_catalog (self), &query, address, cancellable, error);
}

/**
 * hvsock_registry_resolve:
 * @self: a registry
 * @uri: the URI of a service
 * @address: (out) (transfer full) (optional): return location for the address that @uri stands for
 * @cancellable: (nullable): ends the wait for a probe with %G_IO_ERROR_CANCELLED
 * @error: return location for an error
 *
 * Finds the transport that serves a URI, and has it read the URI.
 *
 * Of @uri itself only the scheme is read, in any case; the rest is the plugin's. The plugins of the
 * scheme are asked in their order, and the first that loads, is available and takes the URI serves.
 * So the address fits the transport, and names in it are not looked up yet: that is
 * [method@Transport.resolve].
 *
 * It blocks while plugins are loaded and probed. Once the first plugin of a scheme is known to be
 * available, resolving its URIs makes no system call.
 *
 * It fails with
 *
 * - %HVSOCK_ERROR_INVALID_URI when @uri has no scheme, or its form is not the plugin's;
 * - %HVSOCK_ERROR_NO_TRANSPORT when no plugin serves the scheme; the message names the folders that
 *   were searched and the schemes that are known;
 * - %HVSOCK_ERROR_UNAVAILABLE when the transport cannot be used on this machine or does not answer
 *   its probe in time; the message has the reason and, where one is known, the remedy;
 * - %HVSOCK_ERROR_PLUGIN_INVALID or %HVSOCK_ERROR_PLUGIN_INCOMPATIBLE when the plugin could not be
 *   loaded;
 * - %G_IO_ERROR_FAILED when no thread could be started to probe the transport;
 * - %G_IO_ERROR_CANCELLED.
 *
 * Where several plugins serve the scheme and none of them the URI, the message has the reason of
 * each, and the error is %HVSOCK_ERROR_INVALID_URI when all of them refused the URI's form, and
 * otherwise %HVSOCK_ERROR_UNAVAILABLE.
 *
 * It may be called from any thread.
 *
 * Returns: (transfer full): the transport, or %NULL with @error set
 *
 * Since: 1.0
 */
HvsockTransport *
hvsock_registry_resolve (HvsockRegistry *self,
                         const char *uri,
                         HvsockAddress **address,
                         GCancellable *cancellable,
                         GError **error)
{
  g_return_val_if_fail (HVSOCK_IS_REGISTRY (self), NULL);
  g_return_val_if_fail (uri != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return hvsock_registry_resolve_before (self, uri, HVSOCK_DEADLINE_NEVER, address, cancellable,
                                         error);
}

/* Fails with %G_IO_ERROR_TIMED_OUT when a probe has not answered by @deadline. */
HvsockTransport *
hvsock_registry_resolve_before (HvsockRegistry *self,
                                const char *uri,
                                gint64 deadline,
                                HvsockAddress **address,
                                GCancellable *cancellable,
                                GError **error)
{
  if (address != NULL)
    *address = NULL;

  return resolve (self, uri, TRUE, deadline, address, cancellable, error);
}

/* Whether @plugin is one that @self listed. */
gboolean
hvsock_registry_has_plugin (HvsockRegistry *self, HvsockPluginInfo *plugin)
{
  HvsockCatalog *catalog = peek_catalog (self);

  return catalog != NULL && hvsock_catalog_find (catalog, plugin) != NULL;
}

/* Resolves @uri from what is known. Fails with %G_IO_ERROR_WOULD_BLOCK when that is not enough. */
HvsockTransport *
hvsock_registry_try_resolve (HvsockRegistry *self,
                             const char *uri,
                             HvsockAddress **address,
                             GError **error)
{
  if (peek_catalog (self) == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK,
                           "the folders must be scanned");
      return NULL;
    }

  return resolve (self, uri, FALSE, HVSOCK_DEADLINE_NEVER, address, NULL, error);
}

/**
 * hvsock_registry_probe:
 * @self: a registry
 * @plugin: a plugin that @self listed
 * @cancellable: (nullable): ends the wait with %G_IO_ERROR_CANCELLED
 * @error: return location for an error
 *
 * Finds out anew what a plugin's transport can do on this machine, loading the plugin when needed.
 *
 * That a transport is not available is a result, not an error: see [method@Probe.is_available].
 * When a probe of the transport is under way already, its answer is given.
 *
 * It blocks while the plugin is loaded and probed. It fails with %HVSOCK_ERROR_PLUGIN_INVALID or
 * %HVSOCK_ERROR_PLUGIN_INCOMPATIBLE when the plugin cannot be loaded, %HVSOCK_ERROR_UNAVAILABLE
 * when the transport does not answer in time, %G_IO_ERROR_FAILED when no thread could be started,
 * and %G_IO_ERROR_CANCELLED.
 *
 * It may be called from any thread.
 *
 * Returns: (transfer full): the probe, or %NULL with @error set
 *
 * Since: 1.0
 */
HvsockProbe *
hvsock_registry_probe (HvsockRegistry *self,
                       HvsockPluginInfo *plugin,
                       GCancellable *cancellable,
                       GError **error)
{
  g_return_val_if_fail (HVSOCK_IS_REGISTRY (self), NULL);
  g_return_val_if_fail (hvsock_registry_has_plugin (self, plugin), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  return hvsock_plugin_slot_probe (hvsock_catalog_find (peek_catalog (self), plugin),
                                   g_atomic_int_get (&self->probe_timeout), HVSOCK_DEADLINE_NEVER,
                                   cancellable, error);
}
