/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the tests of all plugins ask: each is loaded by the registry, as an application does it. */

#include "plugins.h"

#include "waits.h"

#include <string.h>

/* Returns NULL, and skips the test, where it cannot be used. */
HvsockTransport *
plugin_get_transport (const char *scheme)
{
  g_autoptr (GError) error = NULL;
  HvsockTransport *transport =
      hvsock_registry_lookup (hvsock_registry_get_default (), scheme, NULL, &error);

  if (g_error_matches (error, HVSOCK_ERROR, HVSOCK_ERROR_UNAVAILABLE))
    g_test_skip (error->message);
  else
    g_assert_no_error (error);
  return transport;
}

static HvsockPluginInfo *
get_info (const char *name)
{
  g_autoptr (GPtrArray) plugins = hvsock_registry_list_plugins (hvsock_registry_get_default ());

  for (guint i = 0; i < plugins->len; i++)
    {
      HvsockPluginInfo *info = g_ptr_array_index (plugins, i);

      if (g_str_equal (hvsock_plugin_info_get_name (info), name))
        return g_object_ref (info);
    }
  g_error ("no plugin '%s' in HVSOCK_PLUGIN_PATH", name);
}

HvsockProbe *
plugin_probe (const char *name)
{
  g_autoptr (HvsockPluginInfo) info = get_info (name);
  g_autoptr (GError) error = NULL;
  HvsockProbe *probe = hvsock_registry_probe (hvsock_registry_get_default (), info, NULL, &error);

  g_assert_no_error (error);
  return probe;
}

void
plugin_check_info (const char *name, const char *const *schemes)
{
  g_autoptr (HvsockPluginInfo) info = get_info (name);
  g_autofree char *module = g_path_get_basename (hvsock_plugin_info_get_path (info));

  g_assert_cmpstrv (hvsock_plugin_info_get_schemes (info), schemes);
  g_assert_cmpint (hvsock_plugin_info_get_priority (info), ==, 0);
  g_assert_nonnull (hvsock_plugin_info_get_description (info));
  g_assert_true (g_str_has_prefix (module, name));
}

void
plugin_expect_text (GError *error, const char *text)
{
  if (strstr (error->message, text) == NULL)
    g_error ("'%s' lacks '%s'", error->message, text);
}

GError *
plugin_fail_to_connect (const char *uri)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) async = NULL;
  GError *error = NULL;

  g_assert_null (hvsock_connect (uri, NULL, &error));
  hvsock_connect_async (uri, NULL, conformance_result_cb, &result);
  conformance_wait (&result);
  g_assert_null (hvsock_connect_finish (result, &async));
  g_assert_cmpstr (async->message, ==, error->message);
  g_assert_error (async, error->domain, error->code);
  return error;
}

GError *
plugin_fail_to_listen (const char *uri)
{
  GError *error = NULL;

  g_assert_null (hvsock_listen (uri, NULL, &error));
  return error;
}
