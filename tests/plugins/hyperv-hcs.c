/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Names that the Host Compute Service knows, does not know, or may not tell: its library and
 * PowerShell are stand-ins. */

#include "hyperv-lookups.h"

#include "computecore-stand-in.h"

#define FIRST  "2b47c4f1-a6e8-4d1c-8ad3-1a2b3c4d5e6f"
#define SECOND "73c39589-192e-4c64-9acf-6c5d0aa18528"
#define THIRD  "0a1b2c3d-0000-1111-2222-333344445555"

/* What the headers of mingw-w64 have no names for. */
#define ACCESS_DENIED_BY_HCS ((HRESULT) 0x8037011bu)
#define OPERATION_TIMEOUT    ((HRESULT) 0x80370118u)

#define VM(name, id)                                                                               \
  "{\"Id\":\"X\",\"SystemType\":\"VirtualMachine\",\"Owner\":\"VMMS\",\"Name\":\"" name            \
  "\",\"RuntimeId\":\"" id "\"}"

static ComputecoreStandIn *service;

static void
set_up (void)
{
  g_autofree char *path = lookups_build_path ("computecore-stand-in.dll");
  g_autofree gunichar2 *wide = g_utf8_to_utf16 (path, -1, NULL, NULL, NULL);
  HMODULE module = LoadLibraryW ((wchar_t *) wide);
  ComputecoreStandInGet *get;

  g_assert_nonnull (module);
  get = (gpointer) GetProcAddress (module, "computecore_stand_in_get");
  g_assert_nonnull (get);
  service = get ();
  *service = (ComputecoreStandIn){ .document = L"[]" };

  lookups_set_up ();
  lookups_system.has_computecore = TRUE;
}

static void
tear_down (void)
{
  g_assert_cmpint (service->n_open, ==, 0);
  lookups_tear_down ();
}

static gboolean
powershell_was_asked (void)
{
  g_autoptr (LookupsRecord) record = lookups_read_record ();

  return record != NULL;
}

static void
test_found (void)
{
  service->document = L"[" VM ("other", SECOND) "," VM ("build 1", FIRST) "]";
  lookups_expect ("build 1", FIRST);
  g_assert_false (powershell_was_asked ());
}

static void
test_found_by_any_name (void)
{
  static const struct
  {
    const char *name;
    const wchar_t *document;
  } cases[] = {
    { "a'b\"c\\", L"[" VM ("a'b\\\"c\\\\", FIRST) "]" },
    { "a\nb", L"[" VM ("a\\nb", FIRST) "]" },
    { "*", L"[" VM ("a", SECOND) "," VM ("*", FIRST) "]" },
    { "Gr\303\266\303\237e", L"[" VM ("Gr\\u00f6\\u00DFe", FIRST) "]" },
    { "Gr\303\266\303\237e", L"[" VM ("Gr\u00f6\u00dfe", FIRST) "]" },
    { "\360\237\230\200", L"[" VM ("\\ud83d\\ude00", FIRST) "]" },
    { "\360\237\230\200", L"[" VM ("\U0001f600", FIRST) "]" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      service->document = cases[i].document;
      lookups_expect (cases[i].name, FIRST);
    }
  g_assert_false (powershell_was_asked ());
}

static void
test_ambiguous (void)
{
  service->document = L"[" VM ("a", FIRST) "," VM ("b", THIRD) "," VM (
      "a", "73C39589-192E-4C64-9ACF-6C5D0AA18528") "]";
  lookups_expect_error ("a", G_IO_ERROR_INVALID_ARGUMENT,
                        "ambiguous: 2 virtual machines have this name: " FIRST ", " SECOND
                        ": use a GUID");
  g_assert_false (powershell_was_asked ());
}

/* Systems that the name does not mean, whatever they are called. */
static void
test_not_found (void)
{
  static const wchar_t *const documents[] = {
    NULL,
    L"[]",
    L"[" VM ("A", FIRST) "," VM ("a ", FIRST) "," VM ("aa", FIRST) "," VM ("", FIRST) "]",
    L"[" VM ("a\\u00ad", FIRST) "]",
    L"[{\"Name\":\"a\",\"SystemType\":\"Container\",\"RuntimeId\":\"" FIRST "\"}]",
    L"[{\"Name\":\"a\",\"RuntimeId\":\"" FIRST "\"}]",
    L"[{\"Name\":\"a\",\"SystemType\":\"VirtualMachine\",\"Id\":\"" FIRST "\"}]",
    L"[{\"Id\":\"a\",\"SystemType\":\"VirtualMachine\",\"RuntimeId\":\"" FIRST "\"}]",
    L"[" VM ("a", "") "]",
    L"[" VM ("a", "x") "]",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (documents); i++)
    {
      service->document = documents[i];
      lookups_expect_error ("a", G_IO_ERROR_NOT_FOUND, "no virtual machine has this name");
    }
  g_assert_true (powershell_was_asked ());
}

/* A machine that does not run is known to PowerShell only. */
static void
test_asks_powershell (void)
{
  lookups_answer ("vm " SECOND "\r\nend\r\n", -1);
  lookups_expect ("a", SECOND);
  g_assert_true (powershell_was_asked ());
}

static void
test_without_powershell (void)
{
  lookups_answer ("missing\r\n", -1);
  lookups_expect_error ("a", G_IO_ERROR_NOT_FOUND, "no virtual machine has this name");
  lookups_system.has_powershell = FALSE;
  lookups_expect_error ("a", G_IO_ERROR_NOT_FOUND, "no virtual machine has this name");
}

/* The answer counts that PowerShell gives, if it gives one. */
static void
expect_powershell_instead (void)
{
  lookups_answer ("vm " SECOND "\r\nend\r\n", -1);
  lookups_expect ("a", SECOND);
  lookups_answer ("end\r\n", -1);
  lookups_expect_error ("a", G_IO_ERROR_NOT_FOUND, "no virtual machine has this name");
}

static void
expect_denied (void)
{
  lookups_expect_error ("a", G_IO_ERROR_PERMISSION_DENIED,
                        "run as Administrator, or a member of Hyper-V Administrators, or use the "
                        "GUID");
}

static void
test_denied (void)
{
  static const char *const answers[] = { "denied\r\n", "failed at something\r\n", "" };

  service->enumerate = E_ACCESSDENIED;
  expect_powershell_instead ();
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      lookups_answer (answers[i], -1);
      expect_denied ();
    }

  lookups_system.has_powershell = FALSE;
  expect_denied ();
  service->enumerate = ACCESS_DENIED_BY_HCS;
  expect_denied ();
  service->enumerate = S_OK;
  service->result = ACCESS_DENIED_BY_HCS;
  service->document = L"{\"Error\":-2143878885}";
  expect_denied ();
}

static void
test_failed (void)
{
  service->enumerate = E_FAIL;
  expect_powershell_instead ();
  lookups_answer ("failed at something\r\n", -1);
  lookups_expect_error ("a", G_IO_ERROR_FAILED, "PowerShell: at something");
  lookups_answer ("missing\r\n", -1);
  lookups_expect_error ("a", G_IO_ERROR_NOT_SUPPORTED,
                        "not known here: the Host Compute Service: 0x80004005: ");
  service->enumerate = S_OK;
  service->result = OPERATION_TIMEOUT;
  lookups_expect_error ("a", G_IO_ERROR_NOT_SUPPORTED,
                        "not known here: the Host Compute Service: 0x80370118: ");
}

static void
test_garbage (void)
{
  static const wchar_t half[] = { '[', '{', '"', 0xd800, '"', ':', '1', '}', ']', 0 };
  static const wchar_t *const documents[] = {
    L"",
    L"null",
    L"[" VM ("a", FIRST),
    L"[" VM ("a", FIRST) "]]",
    L"[" VM ("a", FIRST) ",{\"Name\":\"\\ud800\"}]",
    half,
  };

  lookups_answer ("vm " SECOND "\r\nend\r\n", -1);
  for (gsize i = 0; i < G_N_ELEMENTS (documents); i++)
    {
      service->document = documents[i];
      lookups_expect ("a", SECOND);
    }
}

/* What is left of a look-up that was given up ends when the service answers. */
static void
close_gate (void)
{
  service->waiting = CreateEventW (NULL, TRUE, FALSE, NULL);
  service->gate = CreateEventW (NULL, TRUE, FALSE, NULL);
  service->closed = CreateEventW (NULL, TRUE, FALSE, NULL);
}

static void
open_gate (void)
{
  SetEvent (service->gate);
  g_assert_cmpuint (WaitForSingleObject (service->closed, 60000), ==, WAIT_OBJECT_0);
  CloseHandle (service->waiting);
  CloseHandle (service->gate);
  CloseHandle (service->closed);
}

/* From within the main loop, as when time is up. */
static gboolean
cancel_if_waiting_cb (gpointer cancellable)
{
  if (WaitForSingleObject (service->waiting, 0) != WAIT_OBJECT_0)
    return G_SOURCE_CONTINUE;

  g_cancellable_cancel (cancellable);
  return G_SOURCE_REMOVE;
}

static void
test_cancel_in_loop (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  HvsockGuid found;

  close_gate ();
  g_timeout_add (1, cancel_if_waiting_cb, cancellable);
  g_assert_false (lookups_run ("a", cancellable, &found, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  open_gate ();
  g_assert_false (powershell_was_asked ());
}

static gpointer
cancel_when_waiting (gpointer cancellable)
{
  g_assert_cmpuint (WaitForSingleObject (service->waiting, 60000), ==, WAIT_OBJECT_0);
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
test_cancel (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread;
  HvsockGuid found;

  close_gate ();
  thread = g_thread_new ("canceller", cancel_when_waiting, cancellable);
  g_assert_false (lookups_run ("a", cancellable, &found, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  open_gate ();
  g_assert_false (powershell_was_asked ());
}

/* The service is not waited for as long as the caller would: PowerShell is to have some of that
 * time. */
static void
test_patience (void)
{
  service->document = L"[" VM ("a", FIRST) "]";
  lookups_expect ("a", FIRST);
  g_assert_cmpuint (service->timeout, ==, 5000);
}

static void
add (const char *path, void (*test) (void))
{
  g_autofree char *full = g_strconcat ("/plugins/hyperv/hcs/", path, NULL);

  g_test_add_vtable (full, 0, NULL, (GTestFixtureFunc) set_up, (GTestFixtureFunc) test,
                     (GTestFixtureFunc) tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add ("found", test_found);
  add ("found-by-any-name", test_found_by_any_name);
  add ("ambiguous", test_ambiguous);
  add ("not-found", test_not_found);
  add ("asks-powershell", test_asks_powershell);
  add ("without-powershell", test_without_powershell);
  add ("denied", test_denied);
  add ("failed", test_failed);
  add ("garbage", test_garbage);
  add ("cancel-in-loop", test_cancel_in_loop);
  add ("cancel", test_cancel);
  add ("patience", test_patience);

  return g_test_run ();
}
