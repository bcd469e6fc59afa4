/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The registration of Hyper-V's services where there is no such thing. */

#include <hvsock/hvsock.h>

#define SERVICE "3049197c-facb-11e6-bd58-64006a7986d3"

static HvsockGuid
get_service (void)
{
  HvsockGuid guid;

  g_assert_true (hvsock_guid_parse (&guid, SERVICE));
  return guid;
}

static void
assert_refused (const GError *error)
{
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_assert_nonnull (strstr (error->message, "Windows"));
}

static void
test_register (void)
{
  HvsockGuid service = get_service ();
  g_autoptr (GError) error = NULL;

  g_assert_false (hvsock_hyperv_register_service (&service, "name", &error));
  assert_refused (error);
  g_assert_nonnull (strstr (error->message, "cannot register '" SERVICE "': "));
}

static void
test_unregister (void)
{
  HvsockGuid service = get_service ();
  g_autoptr (GError) error = NULL;

  g_assert_false (hvsock_hyperv_unregister_service (&service, &error));
  assert_refused (error);
  g_assert_nonnull (strstr (error->message, "cannot unregister '" SERVICE "': "));
}

static void
test_is_registered (void)
{
  HvsockGuid service = get_service ();

  g_assert_false (hvsock_hyperv_is_registered (&service));
  g_assert_null (hvsock_hyperv_dup_service_name (&service));
}

static void
test_list (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (hvsock_hyperv_list_services (&error));
  assert_refused (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/hyperv-service/none/register", test_register);
  g_test_add_func ("/hyperv-service/none/unregister", test_unregister);
  g_test_add_func ("/hyperv-service/none/is-registered", test_is_registered);
  g_test_add_func ("/hyperv-service/none/list", test_list);
  return g_test_run ();
}
