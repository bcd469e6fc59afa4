/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What a transport says of itself. */

#include <hvsock/hvsock-plugin.h>

static void
test_available (void)
{
  g_autoptr (HvsockProbe) probe =
      hvsock_probe_new_available (HVSOCK_FEATURE_STREAM | HVSOCK_FEATURE_LISTEN);
  g_auto (GStrv) details = hvsock_probe_list_details (probe);

  g_assert_true (hvsock_probe_is_available (probe));
  g_assert_cmpuint (hvsock_probe_get_features (probe), ==,
                    HVSOCK_FEATURE_STREAM | HVSOCK_FEATURE_LISTEN);
  g_assert_null (hvsock_probe_get_reason (probe));
  g_assert_null (hvsock_probe_get_remedy (probe));
  g_assert_nonnull (details);
  g_assert_null (details[0]);
}

static void
test_unavailable (void)
{
  g_autoptr (HvsockProbe) with = hvsock_probe_new_unavailable ("no module", "load it");
  g_autoptr (HvsockProbe) without = hvsock_probe_new_unavailable ("no hope", NULL);

  g_assert_false (hvsock_probe_is_available (with));
  g_assert_cmpuint (hvsock_probe_get_features (with), ==, HVSOCK_FEATURE_NONE);
  g_assert_cmpstr (hvsock_probe_get_reason (with), ==, "no module");
  g_assert_cmpstr (hvsock_probe_get_remedy (with), ==, "load it");
  g_assert_null (hvsock_probe_get_remedy (without));
}

static void
test_details (void)
{
  const char *const expected[] = { "local CID", "weather", NULL };
  g_autoptr (HvsockProbe) probe = hvsock_probe_new_available (HVSOCK_FEATURE_STREAM);
  g_auto (GStrv) details = NULL;

  hvsock_probe_add_detail (probe, "local CID", "3");
  hvsock_probe_add_detail (probe, "weather", "");
  details = hvsock_probe_list_details (probe);
  g_assert_cmpstrv (details, expected);
  g_assert_cmpstr (hvsock_probe_get_detail (probe, "local CID"), ==, "3");
  g_assert_cmpstr (hvsock_probe_get_detail (probe, "weather"), ==, "");
  g_assert_null (hvsock_probe_get_detail (probe, "local cid"));
}

static void
test_notes (void)
{
  const char *const expected[] = { "no loopback: load it", "no guests", NULL };
  g_autoptr (HvsockProbe) probe = hvsock_probe_new_available (HVSOCK_FEATURE_STREAM);
  g_auto (GStrv) none = hvsock_probe_list_notes (probe);
  g_auto (GStrv) notes = NULL;

  g_assert_nonnull (none);
  g_assert_null (none[0]);
  hvsock_probe_add_note (probe, "no loopback: load it");
  hvsock_probe_add_note (probe, "no guests");
  notes = hvsock_probe_list_notes (probe);
  g_assert_cmpstrv (notes, expected);
}

static void
test_properties (void)
{
  g_autoptr (HvsockProbe) probe = hvsock_probe_new_available (HVSOCK_FEATURE_CONNECT);
  g_autoptr (HvsockProbe) other = hvsock_probe_new_unavailable ("reason", "remedy");
  g_autofree char *reason = NULL;
  g_autofree char *remedy = NULL;
  gboolean is_available;
  HvsockFeatures features;

  g_object_get (probe, "available", &is_available, "features", &features, NULL);
  g_assert_true (is_available);
  g_assert_cmpuint (features, ==, HVSOCK_FEATURE_CONNECT);
  g_object_get (other, "available", &is_available, "reason", &reason, "remedy", &remedy, NULL);
  g_assert_false (is_available);
  g_assert_cmpstr (reason, ==, "reason");
  g_assert_cmpstr (remedy, ==, "remedy");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/probe/available", test_available);
  g_test_add_func ("/probe/unavailable", test_unavailable);
  g_test_add_func ("/probe/details", test_details);
  g_test_add_func ("/probe/notes", test_notes);
  g_test_add_func ("/probe/properties", test_properties);

  return g_test_run ();
}
