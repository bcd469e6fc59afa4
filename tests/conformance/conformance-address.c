/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Scenarios of what connections and listeners tell about themselves: addresses and features. */

#include "peers.h"

static void
expect_uri (HvsockAddress *address, const char *expected)
{
  g_autofree char *uri = NULL;

  g_assert_nonnull (address);
  uri = hvsock_address_to_uri (address);
  g_assert_cmpstr (uri, ==, expected);
}

static void
test_addresses (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);

  expect_uri (hvsock_listener_get_local_address (self->listener), self->uri);
  expect_uri (hvsock_connection_get_remote_address (pair.client), self->uri);
  expect_uri (hvsock_connection_get_local_address (pair.server), self->uri);
  if (conformance_backend.check_addresses != NULL)
    conformance_backend.check_addresses (self, pair.client, pair.server);
}

static void
test_features (Conformance *self)
{
  const HvsockFeatures all = HVSOCK_FEATURE_CONNECT | HVSOCK_FEATURE_LISTEN | HVSOCK_FEATURE_STREAM;

  g_assert_cmpuint (conformance_get_features () & all, ==, all);
}

void
conformance_add_address_tests (void)
{
  conformance_add ("/addresses", test_addresses);
  conformance_add ("/features", test_features);
}
