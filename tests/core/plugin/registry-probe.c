/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Tests of probing through the registry: transports that are not available, probes that hang, and
 * the calls that do not block. A probe hangs until its test lets it go, so that no thread is left.
 */

#include "plugin-folder.h"

#include <string.h>

typedef struct
{
  void (*set_hanging) (gboolean hanging);
  void (*wait_for_probes) (int count);
  int (*count_probes) (void);
} Hanging;

static Hanging
find_hanging (void)
{
  return (Hanging){
    .set_hanging = find_fixture_symbol ("hanging", "fixture_set_hanging"),
    .wait_for_probes = find_fixture_symbol ("hanging", "fixture_wait_for_probes"),
    .count_probes = find_fixture_symbol ("hanging", "fixture_count_probes"),
  };
}

static void
test_unavailable (void)
{
  g_autoptr (PluginFolder) folder = plugin_folder_new ();
  g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);
  g_autoptr (HvsockProbe) probe = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) resolve_error = NULL;
  g_autoptr (GError) kept = NULL;
  HvsockPluginInfo *info;

  plugin_folder_add (folder, "unavailable", "unavailable", 0);
  plugin_folder_add (folder, "good", "good", 0);
  info = find_plugin (registry, "unavailable");

  probe = hvsock_registry_probe (registry, info, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (hvsock_probe_is_available (probe));
  g_assert_cmpstr (hvsock_probe_get_reason (probe), ==, "the machine has no such device");
  g_assert_cmpstr (hvsock_probe_get_remedy (probe), ==, "insert one");

  g_assert_null (hvsock_registry_resolve (registry, "unavailable://x", NULL, NULL, &resolve_error));
  g_assert_error (resolve_error, HVSOCK_ERROR, HVSOCK_ERROR_UNAVAILABLE);
  g_assert_cmpstr (resolve_error->message, ==,
                   "cannot resolve 'unavailable://x': transport 'unavailable' is not available: "
                   "the machine has no such device: insert one");

  /* The plugin itself is in order, and keeps what the probe said. */
  g_assert_cmpint (hvsock_plugin_info_get_state (info), ==, HVSOCK_PLUGIN_STATE_LOADED);
  kept = hvsock_plugin_info_dup_error (info);
  g_assert_error (kept, HVSOCK_ERROR, HVSOCK_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (kept->message, "the machine has no such device: insert one"));
}

static void
test_available (void)
{
  g_autoptr (PluginFolder) folder = plugin_folder_new ();
  g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);
  g_autoptr (HvsockProbe) probe = NULL;
  g_autoptr (GError) error = NULL;

  plugin_folder_add (folder, "good", "good", 0);
  probe = hvsock_registry_probe (registry, find_plugin (registry, "good"), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (hvsock_probe_is_available (probe));
  g_assert_cmpint (hvsock_probe_get_features (probe), ==, HVSOCK_FEATURE_STREAM);
}

/* An available transport is probed once, unless somebody wants to know. */
static void
test_remembered (void)
{
  Hanging hanging = find_hanging ();
  g_autoptr (PluginFolder) folder = plugin_folder_new ();
  g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);
  g_autoptr (HvsockProbe) probe = NULL;
  g_autoptr (GError) error = NULL;
  int before = hanging.count_probes ();

  plugin_folder_add (folder, "hanging", "hanging", 0);
  hanging.set_hanging (FALSE);

  for (int i = 0; i < 3; i++)
    {
      g_autoptr (HvsockTransport) transport =
          hvsock_registry_lookup (registry, "hanging", NULL, &error);

      g_assert_no_error (error);
      g_assert_nonnull (transport);
    }
  g_assert_cmpint (hanging.count_probes (), ==, before + 1);

  probe = hvsock_registry_probe (registry, find_plugin (registry, "hanging"), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (hanging.count_probes (), ==, before + 2);
}

/* Lets the hanging probe go, and waits until its thread has come back. */
static void
release (Hanging hanging, HvsockRegistry *registry)
{
  g_autoptr (HvsockProbe) probe = NULL;

  g_object_set (registry, "probe-timeout", 0, NULL);
  hanging.set_hanging (FALSE);
  while (probe == NULL)
    probe = hvsock_registry_probe (registry, find_plugin (registry, "hanging"), NULL, NULL);

  g_assert_true (hvsock_probe_is_available (probe));
}

/* Without a limit, and remembered: a short one is then only for those that hang. */
static void
probe_ahead (HvsockRegistry *registry, const char *name)
{
  g_autoptr (HvsockProbe) probe = NULL;
  g_autoptr (GError) error = NULL;

  g_object_set (registry, "probe-timeout", 0, NULL);
  probe = hvsock_registry_probe (registry, find_plugin (registry, name), NULL, &error);
  g_assert_no_error (error);
}

static void
test_hanging (void)
{
  Hanging hanging = find_hanging ();
  g_autoptr (PluginFolder) folder = plugin_folder_new ();
  g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);
  g_autoptr (HvsockTransport) other = NULL;
  g_autoptr (GError) other_error = NULL;
  g_autoptr (GError) kept = NULL;
  int before = hanging.count_probes ();

  plugin_folder_add (folder, "hanging", "hanging", 0);
  plugin_folder_add (folder, "good", "good", 0);
  probe_ahead (registry, "good");
  hanging.set_hanging (TRUE);
  g_object_set (registry, "probe-timeout", 10, NULL);

  for (int i = 0; i < 3; i++)
    {
      g_autoptr (GError) resolve_error = NULL;
      g_autoptr (GError) probe_error = NULL;

      g_assert_null (hvsock_registry_resolve (registry, "hanging://x", NULL, NULL, &resolve_error));
      g_assert_error (resolve_error, HVSOCK_ERROR, HVSOCK_ERROR_UNAVAILABLE);
      g_assert_cmpstr (resolve_error->message, ==,
                       "cannot resolve 'hanging://x': transport 'hanging': probe did not answer "
                       "within 10 ms");

      g_assert_null (
          hvsock_registry_probe (registry, find_plugin (registry, "hanging"), NULL, &probe_error));
      g_assert_error (probe_error, HVSOCK_ERROR, HVSOCK_ERROR_UNAVAILABLE);
    }

  kept = hvsock_plugin_info_dup_error (find_plugin (registry, "hanging"));
  g_assert_error (kept, HVSOCK_ERROR, HVSOCK_ERROR_UNAVAILABLE);

  /* All of these asked the one probe that hangs. */
  hanging.wait_for_probes (before + 1);
  g_assert_cmpint (hanging.count_probes (), ==, before + 1);

  other = hvsock_registry_resolve (registry, "good://x", NULL, NULL, &other_error);
  g_assert_no_error (other_error);
  release (hanging, registry);
  g_assert_null (hvsock_plugin_info_dup_error (find_plugin (registry, "hanging")));
}

/* One deadline covers all that connecting takes, and a probe may hang for longer. */
static void
test_client_deadline (void)
{
  Hanging hanging = find_hanging ();
  g_autoptr (PluginFolder) folder = plugin_folder_new ();
  g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);
  g_autoptr (HvsockClient) client =
      g_object_new (HVSOCK_TYPE_CLIENT, "registry", registry, "timeout", 20, NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) async_error = NULL;

  plugin_folder_add (folder, "hanging", "hanging", 0);
  hanging.set_hanging (TRUE);
  g_object_set (registry, "probe-timeout", 0, NULL);

  g_assert_null (hvsock_client_connect (client, "hanging://x", NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);

  hvsock_client_connect_async (client, "hanging://x", NULL, store_result_cb, &result);
  g_assert_null (hvsock_client_connect_finish (client, wait_for_result (&result), &async_error));
  g_assert_error (async_error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  release (hanging, registry);
}

static void
test_hanging_first (void)
{
  Hanging hanging = find_hanging ();
  g_autoptr (PluginFolder) folder = plugin_folder_new ();
  g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);
  g_autoptr (HvsockTransport) transport = NULL;
  g_autoptr (GError) error = NULL;

  plugin_folder_add (folder, "hanging", "shared", 10);
  plugin_folder_add (folder, "shared_low", "shared", 0);
  probe_ahead (registry, "shared_low");
  hanging.set_hanging (TRUE);
  g_object_set (registry, "probe-timeout", 10, NULL);

  transport = hvsock_registry_resolve (registry, "shared://x", NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (hvsock_transport_get_name (transport), ==, "shared_low");
  release (hanging, registry);
}

static void
test_default_timeout (void)
{
  g_autoptr (HvsockRegistry) registry = hvsock_registry_new_for_path ("");
  guint timeout;

  g_object_get (registry, "probe-timeout", &timeout, NULL);
  g_assert_cmpuint (timeout, ==, 2000);
}

static void
test_resolve_async (void)
{
  g_autoptr (PluginFolder) folder = plugin_folder_new ();
  g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);

  plugin_folder_add (folder, "good", "good", 0);

  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (HvsockTransport) transport = NULL;
      g_autoptr (HvsockAddress) address = NULL;
      g_autoptr (GError) error = NULL;

      hvsock_registry_resolve_async (registry, "good://x", NULL, store_result_cb, &result);
      g_assert_null (result);

      /* The second time all is known, so that one turn of the main loop is enough. */
      if (i == 0)
        wait_for_result (&result);
      else
        g_main_context_iteration (NULL, FALSE);

      g_assert_nonnull (result);
      transport = hvsock_registry_resolve_finish (registry, result, &address, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (hvsock_transport_get_name (transport), ==, "good");
      g_assert_true (HVSOCK_IS_UNIX_ADDRESS (address));
    }
}

static void
assert_resolve_async_fails (HvsockRegistry *registry, const char *uri, int code)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (HvsockAddress) address = NULL;
  g_autoptr (GError) error = NULL;

  hvsock_registry_resolve_async (registry, uri, NULL, store_result_cb, &result);
  wait_for_result (&result);
  g_assert_null (hvsock_registry_resolve_finish (registry, result, &address, &error));
  g_assert_error (error, HVSOCK_ERROR, code);
  g_assert_null (address);
}

static void
test_resolve_async_errors (void)
{
  g_autoptr (PluginFolder) folder = plugin_folder_new ();
  g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);

  plugin_folder_add (folder, "good", "good", 0);
  plugin_folder_add (folder, "unavailable", "unavailable", 0);
  plugin_folder_add_key_file (folder, "missing", "missing", 0, "1.0");

  /* From a thread the first time, and then from what is known. */
  for (int i = 0; i < 2; i++)
    {
      assert_resolve_async_fails (registry, "good", HVSOCK_ERROR_INVALID_URI);
      assert_resolve_async_fails (registry, "good://not-good", HVSOCK_ERROR_INVALID_URI);
      assert_resolve_async_fails (registry, "other://x", HVSOCK_ERROR_NO_TRANSPORT);
      assert_resolve_async_fails (registry, "unavailable://x", HVSOCK_ERROR_UNAVAILABLE);
      assert_resolve_async_fails (registry, "missing://x", HVSOCK_ERROR_PLUGIN_INVALID);
    }
}

static void
test_cancelled_before (void)
{
  g_autoptr (PluginFolder) folder = plugin_folder_new ();
  g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) resolve_error = NULL;
  g_autoptr (GError) lookup_error = NULL;
  g_autoptr (GError) probe_error = NULL;
  g_autoptr (GError) async_error = NULL;
  HvsockPluginInfo *info;

  plugin_folder_add (folder, "good", "good", 0);
  info = find_plugin (registry, "good");
  g_cancellable_cancel (cancellable);

  g_assert_null (hvsock_registry_resolve (registry, "good://x", NULL, cancellable, &resolve_error));
  g_assert_error (resolve_error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (hvsock_registry_lookup (registry, "good", cancellable, &lookup_error));
  g_assert_error (lookup_error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (hvsock_registry_probe (registry, info, cancellable, &probe_error));
  g_assert_error (probe_error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  hvsock_registry_resolve_async (registry, "good://x", cancellable, store_result_cb, &result);
  wait_for_result (&result);
  g_assert_null (hvsock_registry_resolve_finish (registry, result, NULL, &async_error));
  g_assert_error (async_error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  g_assert_cmpint (hvsock_plugin_info_get_state (info), ==, HVSOCK_PLUGIN_STATE_FOUND);
}

static void
test_cancelled_during (void)
{
  Hanging hanging = find_hanging ();
  g_autoptr (PluginFolder) folder = plugin_folder_new ();
  g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) resolve_result = NULL;
  g_autoptr (GAsyncResult) probe_result = NULL;
  g_autoptr (GError) resolve_error = NULL;
  g_autoptr (GError) probe_error = NULL;
  int before = hanging.count_probes ();

  plugin_folder_add (folder, "hanging", "hanging", 0);
  hanging.set_hanging (TRUE);
  g_object_set (registry, "probe-timeout", 0, NULL);

  hvsock_registry_probe_async (registry, find_plugin (registry, "hanging"), cancellable,
                               store_result_cb, &probe_result);
  hvsock_registry_resolve_async (registry, "hanging://x", cancellable, store_result_cb,
                                 &resolve_result);
  hanging.wait_for_probes (before + 1);
  g_cancellable_cancel (cancellable);

  wait_for_result (&probe_result);
  g_assert_null (hvsock_registry_probe_finish (registry, probe_result, &probe_error));
  g_assert_error (probe_error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  wait_for_result (&resolve_result);
  g_assert_null (hvsock_registry_resolve_finish (registry, resolve_result, NULL, &resolve_error));
  g_assert_error (resolve_error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  g_assert_cmpint (hanging.count_probes (), ==, before + 1);
  release (hanging, registry);
}

static void
test_probe_async (void)
{
  g_autoptr (PluginFolder) folder = plugin_folder_new ();
  g_autoptr (HvsockRegistry) registry = plugin_folder_open (folder);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) failure = NULL;
  g_autoptr (HvsockProbe) probe = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) expected = NULL;

  plugin_folder_add (folder, "good", "good", 0);
  plugin_folder_add_key_file (folder, "missing", "missing", 0, "1.0");

  hvsock_registry_probe_async (registry, find_plugin (registry, "good"), NULL, store_result_cb,
                               &result);
  g_assert_null (result);
  probe = hvsock_registry_probe_finish (registry, wait_for_result (&result), &error);
  g_assert_no_error (error);
  g_assert_true (hvsock_probe_is_available (probe));

  hvsock_registry_probe_async (registry, find_plugin (registry, "missing"), NULL, store_result_cb,
                               &failure);
  g_assert_null (hvsock_registry_probe_finish (registry, wait_for_result (&failure), &expected));
  g_assert_error (expected, HVSOCK_ERROR, HVSOCK_ERROR_PLUGIN_INVALID);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/registry/probe/unavailable", test_unavailable);
  g_test_add_func ("/registry/probe/available", test_available);
  g_test_add_func ("/registry/probe/remembered", test_remembered);
  g_test_add_func ("/registry/probe/hanging", test_hanging);
  g_test_add_func ("/registry/probe/hanging-first", test_hanging_first);
  g_test_add_func ("/registry/probe/client-deadline", test_client_deadline);
  g_test_add_func ("/registry/probe/default-timeout", test_default_timeout);
  g_test_add_func ("/registry/probe/async", test_probe_async);
  g_test_add_func ("/registry/resolve/async", test_resolve_async);
  g_test_add_func ("/registry/resolve/async-errors", test_resolve_async_errors);
  g_test_add_func ("/registry/cancelled/before", test_cancelled_before);
  g_test_add_func ("/registry/cancelled/during", test_cancelled_during);

  return g_test_run ();
}
