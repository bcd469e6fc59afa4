/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The plugin for AF_VSOCK, as far as it comes without a connection: these tests run anywhere, and
 * nothing of them leaves the machine. */

#include "plugins.h"

#include "waits.h"

#include <sys/socket.h>
#include <unistd.h>

static void
test_info (void)
{
  const char *const schemes[] = { "vsock", "hvsock", NULL };

  plugin_check_info ("vsock", schemes);
}

/* Compared with what the system says by itself. */
static gboolean
can_open_socket (int type)
{
  int fd = socket (AF_VSOCK, type, 0);

  if (fd >= 0)
    close (fd);
  return fd >= 0;
}

static void
test_probe (void)
{
  g_autoptr (HvsockProbe) probe = plugin_probe ("vsock");
  HvsockFeatures expected = HVSOCK_FEATURE_CONNECT | HVSOCK_FEATURE_LISTEN | HVSOCK_FEATURE_STREAM |
                            HVSOCK_FEATURE_HALF_CLOSE | HVSOCK_FEATURE_PEER_ADDRESS;

  g_assert_cmpint (hvsock_probe_is_available (probe), ==, can_open_socket (SOCK_STREAM));
  if (!hvsock_probe_is_available (probe))
    {
      g_assert_true (g_str_has_prefix (hvsock_probe_get_reason (probe), "socket(AF_VSOCK): "));
      g_assert_nonnull (hvsock_probe_get_remedy (probe));
      return;
    }

  if (can_open_socket (SOCK_SEQPACKET))
    expected |= HVSOCK_FEATURE_SEQPACKET;
  g_assert_cmpuint (hvsock_probe_get_features (probe), ==, expected);
  g_assert_nonnull (hvsock_probe_get_detail (probe, "local CID"));
}

static void
test_parse (void)
{
  static const struct
  {
    const char *uri;
    const char *canonical;
  } cases[] = {
    { "vsock://host:80", "vsock://2:80" },
    { "VSOCK://:any", "vsock://:4294967295" },
    { "vsock://1:80?type=seqpacket&buffer-size=65536", NULL },
    { "hvsock://loopback/80", "hvsock://loopback/00000050-facb-11e6-bd58-64006a7986d3" },
    { "hvsock:///0000ABCD-FACB-11E6-BD58-64006A7986D3",
      "hvsock:///0000abcd-facb-11e6-bd58-64006a7986d3" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (HvsockTransport) transport = plugin_get_transport ("vsock");
      g_autoptr (HvsockAddress) address = NULL;
      g_autoptr (HvsockAddress) resolved = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *uri = NULL;

      if (transport == NULL)
        return;

      address = hvsock_transport_parse_address (transport, cases[i].uri, &error);
      g_assert_no_error (error);
      uri = hvsock_address_to_uri (address);
      if (cases[i].canonical != NULL)
        g_assert_cmpstr (uri, ==, cases[i].canonical);
      resolved = hvsock_transport_resolve (transport, address, 0, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (resolved == address);
    }
}

static void
test_same_transport (void)
{
  g_autoptr (HvsockTransport) vsock = plugin_get_transport ("vsock");
  g_autoptr (HvsockTransport) hvsock = plugin_get_transport ("hvsock");

  g_assert_true (vsock == hvsock);
}

/* Linux has no word for these: the plugin says so before it makes a socket. */
static void
test_beyond_linux (void)
{
  static const struct
  {
    const char *uri;
    gboolean is_listen_only;
    const char *text;
  } cases[] = {
    { "hvsock://73c39589-192e-4c64-9acf-6c5d0aa18528/80", FALSE, "'parent', 'loopback' or empty" },
    { "hvsock://silohost/80", FALSE, "'parent', 'loopback' or empty" },
    { "hvsock://children/80", TRUE, "'parent', 'loopback' or empty" },
    { "hvsock://some%20name/80", FALSE, "'parent', 'loopback' or empty" },
    { "hvsock://loopback/3049197c-9a4e-4fbf-9367-97f792f16994", FALSE,
      "-facb-11e6-bd58-64006a7986d3" },
    { "hvsock:///3049197c-9a4e-4fbf-9367-97f792f16994", TRUE, "-facb-11e6-bd58-64006a7986d3" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (HvsockTransport) transport = plugin_get_transport ("hvsock");
      g_autoptr (GError) error = NULL;

      if (transport == NULL)
        return;

      error = cases[i].is_listen_only ? plugin_fail_to_listen (cases[i].uri)
                                      : plugin_fail_to_connect (cases[i].uri);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
      plugin_expect_text (error, cases[i].text);
      plugin_expect_text (error, "hvsock://");
      g_assert_true (g_str_has_prefix (error->message, "cannot "));
    }
}

/* They are not looked up first: whatever machine has the name, nobody can listen for it. */
static void
test_connect_only (void)
{
  static const char *const uris[] = { "vsock://vm:80", "vsock://5:80?sibling=true" };

  for (guint i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      g_autoptr (HvsockTransport) transport = plugin_get_transport ("vsock");
      g_autoptr (HvsockAddress) address = hvsock_address_new_from_uri (uris[i], NULL);
      g_autoptr (GError) error = NULL;

      if (transport == NULL)
        return;

      /* If this were not so, the attempt might leave the machine. */
      g_assert_true (hvsock_address_is_connect_only (address));
      error = plugin_fail_to_listen (uris[i]);
      g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI);
      plugin_expect_text (error, "for connecting only");
    }
}

/* Names cost those nothing that have none: one turn of the main loop is that of the attempt, which
 * fails here before it makes a socket. */
static void
test_no_name (void)
{
  g_autoptr (HvsockTransport) transport = plugin_get_transport ("hvsock");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  guint n_turns = 0;

  if (transport == NULL)
    return;

  hvsock_connect_async ("hvsock://silohost/80", NULL, conformance_result_cb, &result);
  while (result == NULL)
    if (g_main_context_iteration (NULL, FALSE))
      n_turns++;
  g_assert_null (hvsock_connect_finish (result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_assert_cmpuint (n_turns, ==, 1);
}

static void
test_listen_only (void)
{
  static const char *const uris[] = {
    "vsock://:80",  "vsock://any:80", "vsock://2:any",
    "vsock://:any", "hvsock:///80",   "hvsock://children/80",
  };

  for (guint i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      g_autoptr (HvsockTransport) transport = plugin_get_transport ("vsock");
      g_autoptr (HvsockAddress) address = hvsock_address_new_from_uri (uris[i], NULL);
      g_autoptr (GError) error = NULL;

      if (transport == NULL)
        return;

      /* If this were not so, the attempt might leave the machine. */
      g_assert_true (hvsock_address_is_listen_only (address));
      error = plugin_fail_to_connect (uris[i]);
      g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/plugin/vsock/info", test_info);
  g_test_add_func ("/plugin/vsock/probe", test_probe);
  g_test_add_func ("/plugin/vsock/parse", test_parse);
  g_test_add_func ("/plugin/vsock/same-transport", test_same_transport);
  g_test_add_func ("/plugin/vsock/beyond-linux", test_beyond_linux);
  g_test_add_func ("/plugin/vsock/listen-only", test_listen_only);
  g_test_add_func ("/plugin/vsock/connect-only", test_connect_only);
  g_test_add_func ("/plugin/vsock/no-name", test_no_name);

  return g_test_run ();
}
