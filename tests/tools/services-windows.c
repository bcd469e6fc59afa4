/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The registration of services with Hyper-V by the tools, and what hvsock-probe shows of it. */

#include "hyperv-service.h"
#include "tool-process.h"

#define NAME         "Gr\303\274\303\237e \342\202\254"
#define NAME_IN_JSON "Gr\\u00fc\\u00dfe \\u20ac"

static void
assert_registered (HypervService *service, ToolProcess *process, const char *name)
{
  g_autofree char *message = g_strdup_printf ("registered '%s' as '%s'", service->guid, name);
  g_autofree char *actual = NULL;

  tool_process_assert_ends (process, 0, NULL);
  g_assert_true (g_str_has_prefix (process->output->str, message));
  g_assert_cmpstr (process->messages->str, ==, "");
  actual = hvsock_hyperv_dup_service_name (&service->id);
  g_assert_cmpstr (actual, ==, name);
}

static void
test_register (HypervService *service, gconstpointer data)
{
  g_autoptr (ToolProcess) process =
      tool_process_new ("hvcat", "--register-guid", service->guid, NULL);
  g_autoptr (ToolProcess) again = NULL;

  assert_registered (service, process, "hvcat");
  again = tool_process_new ("hvcat", "--register", service->guid, NAME, NULL);
  assert_registered (service, again, NAME);
}

static void
test_register_uri (HypervService *service, gconstpointer data)
{
  g_autofree char *uri = g_strdup_printf ("hvsock:///%s", service->guid);
  g_autoptr (ToolProcess) process = tool_process_new ("hvcat", "--register-guid", uri, NAME, NULL);

  assert_registered (service, process, NAME);
}

/* A port stands for its template. */
static void
test_register_port (HypervService *service, gconstpointer data)
{
  const guint32 port = g_random_int ();
  g_autofree char *uri = g_strdup_printf ("vsock://:%u", port);
  g_autoptr (ToolProcess) process = tool_process_new ("hvcat", "--register-guid", uri, NULL);

  g_free (service->guid);
  hvsock_guid_init_from_port (&service->id, port);
  service->guid = hvsock_guid_to_string (&service->id);
  assert_registered (service, process, "hvcat");
}

/* Whether there is a transport does not matter for it. */
static void
test_report (HypervService *service, gconstpointer data)
{
  g_autofree char *line = g_strdup_printf ("\n  %s: " NAME, service->guid);
  g_autofree char *object =
      g_strdup_printf ("{ \"guid\": \"%s\", \"name\": \"" NAME_IN_JSON "\" }", service->guid);
  g_autoptr (GError) error = NULL;
  g_autoptr (ToolProcess) table = NULL;
  g_autoptr (ToolProcess) json = NULL;

  hvsock_hyperv_register_service (&service->id, NAME, &error);
  g_assert_no_error (error);
  table = tool_process_new ("hvsock-probe", NULL);
  json = tool_process_new ("hvsock-probe", "--json", NULL);
  tool_process_wait (table);
  tool_process_wait (json);
  g_assert_nonnull (strstr (table->output->str, "services registered with Hyper-V:"));
  g_assert_nonnull (strstr (table->output->str, line));
  g_assert_nonnull (strstr (json->output->str, object));
}

static ToolProcess *
probe (HypervService *service, const char *vm)
{
  g_autofree char *uri = g_strdup_printf ("hvsock://%s/%s", vm, service->guid);

  return tool_process_new ("hvsock-probe", "-w", "100", "--json", uri, NULL);
}

/* Nobody listens there. */
static void
test_remedy (HypervService *service, gconstpointer data)
{
  static const char *const vm = "00000000-1111-2222-3333-444444444444";
  g_autofree char *command = g_strdup_printf ("'hvcat --register-guid %s NAME'", service->guid);
  g_autoptr (ToolProcess) to_guest = probe (service, vm);
  g_autoptr (ToolProcess) to_host = probe (service, "parent");
  g_autoptr (ToolProcess) registered = NULL;
  g_autoptr (GError) error = NULL;

  tool_process_assert_ends (to_guest, 1, command);
  g_assert_nonnull (strstr (to_guest->output->str, command));
  tool_process_assert_ends (to_host, 1, NULL);
  g_assert_null (strstr (to_host->messages->str, "--register-guid"));
  g_assert_nonnull (strstr (to_host->output->str, "\"remedy\": null"));

  hvsock_hyperv_register_service (&service->id, NAME, &error);
  g_assert_no_error (error);
  registered = probe (service, vm);
  tool_process_assert_ends (registered, 1, NULL);
  g_assert_null (strstr (registered->messages->str, "--register-guid"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  hyperv_service_add_test ("/services/register", test_register);
  hyperv_service_add_test ("/services/register/uri", test_register_uri);
  hyperv_service_add_test ("/services/register/port", test_register_port);
  hyperv_service_add_test ("/services/report", test_report);
  hyperv_service_add_test ("/services/remedy", test_remedy);
  return g_test_run ();
}
