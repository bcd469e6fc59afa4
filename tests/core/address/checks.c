/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The checks that the tests of all schemes share. */

#include "checks.h"

#include <string.h>

void
check_round_trip (HvsockAddress *address)
{
  g_autofree char *uri = hvsock_address_to_uri (address);
  g_autofree char *uri_again = NULL;
  g_autoptr (HvsockAddress) again = NULL;
  g_autoptr (GError) error = NULL;

  again = hvsock_address_new_from_uri (uri, &error);
  g_assert_no_error (error);
  g_assert_nonnull (again);
  g_assert_true (hvsock_address_equal (address, again));
  g_assert_cmpuint (hvsock_address_hash (address), ==, hvsock_address_hash (again));
  g_assert_cmpint (hvsock_address_is_listen_only (address), ==,
                   hvsock_address_is_listen_only (again));
  g_assert_cmpint (hvsock_address_is_connect_only (address), ==,
                   hvsock_address_is_connect_only (again));

  uri_again = hvsock_address_to_uri (again);
  g_assert_cmpstr (uri, ==, uri_again);
}

HvsockAddress *
check_uri (const char *uri, const char *canonical)
{
  g_autoptr (HvsockAddress) address = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *printed = NULL;

  g_test_message ("'%s'", uri);
  address = hvsock_address_new_from_uri (uri, &error);
  g_assert_no_error (error);
  g_assert_nonnull (address);

  printed = hvsock_address_to_uri (address);
  g_assert_cmpstr (printed, ==, canonical);
  check_round_trip (address);

  return g_steal_pointer (&address);
}

void
check_rejected (const char *uri, const char *message)
{
  g_autoptr (HvsockAddress) address = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *quoted = g_strdup_printf ("invalid URI '%s': ", uri);

  g_test_message ("'%s'", uri);
  address = hvsock_address_new_from_uri (uri, &error);
  g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI);
  g_assert_null (address);

  g_test_message ("%s", error->message);
  g_assert_true (g_str_has_prefix (error->message, quoted));
  g_assert_nonnull (strstr (error->message + strlen (quoted), message));
}

void
check_no_native (HvsockAddress *address)
{
  GSocketAddress *socket_address = G_SOCKET_ADDRESS (address);
  g_autofree char *uri = hvsock_address_to_uri (address);
  g_autoptr (GError) error = NULL;
  guint8 native[256];

  g_assert_cmpint (g_socket_address_get_family (socket_address), ==, G_SOCKET_FAMILY_INVALID);
  g_assert_cmpint (g_socket_address_get_native_size (socket_address), ==, -1);
  g_assert_false (g_socket_address_to_native (socket_address, native, sizeof native, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_assert_nonnull (strstr (error->message, uri));
}
