/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Names that PowerShell looks up, on a system without the Host Compute Service: what its stand-in
 * is started with, what becomes of its answers, and that nothing stays behind. */

#include "hyperv-lookups.h"

#include <string.h>

#include <windows.h>

#define FIRST   "2b47c4f1-a6e8-4d1c-8ad3-1a2b3c4d5e6f"
#define SECOND  "73c39589-192e-4c64-9acf-6c5d0aa18528"

#define STARTED "HVSOCK_STAND_IN_STARTED"

/* What the stand-in, once it hangs, would do for ever. */
static HANDLE
hang (void)
{
  g_autofree char *name = g_strdup_printf ("hvsock-stand-in-%lu", GetCurrentProcessId ());
  HANDLE event = CreateEventA (NULL, TRUE, FALSE, name);

  g_assert_nonnull (event);
  g_assert_true (g_setenv (STARTED, name, TRUE));
  return event;
}

static void
hang_no_more (HANDLE event)
{
  g_unsetenv (STARTED);
  CloseHandle (event);
}

static void
expect_no_process (void)
{
  g_autoptr (LookupsRecord) record = lookups_read_record ();
  HANDLE process;

  g_assert_nonnull (record);
  process = OpenProcess (SYNCHRONIZE, FALSE, record->process_id);
  if (process == NULL)
    return;
  g_assert_cmpuint (WaitForSingleObject (process, 30000), ==, WAIT_OBJECT_0);
  CloseHandle (process);
}

static void
test_found (void)
{
  lookups_answer ("vm " FIRST "\r\nend\r\n", -1);
  lookups_expect ("build 1", FIRST);
  lookups_answer ("vm 73C39589-192E-4C64-9ACF-6C5D0AA18528\nend", -1);
  lookups_expect ("build 1", SECOND);
}

static void
test_answers (void)
{
  static const struct
  {
    const char *answer;
    GIOErrorEnum code;
    const char *text;
  } cases[] = {
    { "end\r\n", G_IO_ERROR_NOT_FOUND, "no virtual machine has this name" },
    { "vm " FIRST "\r\nvm " SECOND "\r\nend\r\n", G_IO_ERROR_INVALID_ARGUMENT,
      "ambiguous: 2 virtual machines have this name: " FIRST ", " SECOND ": use a GUID" },
    { "denied\r\n", G_IO_ERROR_PERMISSION_DENIED, "run as Administrator" },
    { "missing\r\n", G_IO_ERROR_NOT_SUPPORTED, "no module for Hyper-V: use the GUID" },
    { "failed Der Dienst l\303\244uft nicht.\r\n", G_IO_ERROR_FAILED,
      "PowerShell: Der Dienst l\303\244uft nicht." },
    /* What the script never says. */
    { "", G_IO_ERROR_FAILED, "did not answer" },
    { "\r\n", G_IO_ERROR_FAILED, "did not answer" },
    { "vm " FIRST "\r\n", G_IO_ERROR_FAILED, "did not answer" },
    { "vm " FIRST "\r\nen", G_IO_ERROR_FAILED, "did not answer" },
    { "vm " FIRST " end\r\n", G_IO_ERROR_FAILED, "did not answer" },
    { "vm {" FIRST "}\r\nend\r\n", G_IO_ERROR_FAILED, "did not answer" },
    { "vm \r\nend\r\n", G_IO_ERROR_FAILED, "did not answer" },
    { FIRST "\r\nend\r\n", G_IO_ERROR_FAILED, "did not answer" },
    { "\377\376e\r\n", G_IO_ERROR_FAILED, "did not answer" },
    { "#< CLIXML\r\n<Objs/>\r\n", G_IO_ERROR_FAILED, "did not answer" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      lookups_answer (cases[i].answer, -1);
      lookups_expect_error ("build 1", cases[i].code, cases[i].text);
    }
}

static void
test_garbage (void)
{
  static const char with_nul[] = "vm " FIRST "\r\n\0end\r\n";
  const gsize size = 1 << 20;
  g_autofree char *much = g_malloc (size);

  lookups_answer (with_nul, sizeof with_nul - 1);
  lookups_expect_error ("build 1", G_IO_ERROR_FAILED, "did not answer");

  for (gsize i = 0; i < size; i++)
    much[i] = (char) (i * 7919);
  lookups_answer (much, (gssize) size);
  lookups_expect_error ("build 1", G_IO_ERROR_FAILED, "did not answer");
}

static void
test_missing (void)
{
  lookups_system.has_powershell = FALSE;
  lookups_expect_error ("build 1", G_IO_ERROR_NOT_SUPPORTED,
                        "not known here: there is no Host Compute Service; there is no ");
}

static void
expect_same_texts (GPtrArray *a, GPtrArray *b)
{
  g_assert_cmpuint (a->len, ==, b->len);
  for (guint i = 0; i < a->len; i++)
    g_assert_cmpstr (a->pdata[i], ==, b->pdata[i]);
}

/* @name is in one variable, byte for byte, and changes nothing else that PowerShell sees. */
static void
check_name (const char *name, LookupsRecord *plain)
{
  g_autoptr (LookupsRecord) record = NULL;

  lookups_answer ("vm " FIRST "\r\nend\r\n", -1);
  lookups_expect (name, FIRST);
  record = lookups_read_record ();
  g_assert_nonnull (record);
  g_assert_cmpstr (record->vm_name, ==, name);
  expect_same_texts (record->arguments, plain->arguments);
  expect_same_texts (record->environment, plain->environment);
}

static void
test_name_is_data (void)
{
  static const char *const names[] = {
    "a",
    " a  b ",
    " ",
    "''; exit; ''",
    "\"",
    "a\"b\\\"",
    "a\\",
    "a;b|c&d>e<f^g",
    "$(exit)",
    "${env:PATH}",
    "%PATH%!PATH!",
    "`n`",
    "\n",
    "a\r\nend\r\n",
    "a\tb",
    "*",
    "a?",
    "[a]",
    "[a-z]*",
    "-Name",
    "/?",
    "@(1)#{0}",
    "=",
    "=C:=b",
    "HVSOCK_VM_NAME=x",
    FIRST,
    "Gr\303\266\303\237e",
    "\320\274\320\260\321\210\320\270\320\275\320\260 \346\251\237\346\242\260",
    "\360\237\230\200",
    "a\314\201\303\241",
    "a\302\255b",
    "\342\200\213",
    "\357\273\277a",
    "\001\177",
  };
  g_autoptr (LookupsRecord) plain = NULL;

  lookups_expect_error ("plain", G_IO_ERROR_NOT_FOUND, "");
  plain = lookups_read_record ();
  g_assert_nonnull (plain);
  g_assert_cmpstr (plain->vm_name, ==, "plain");
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    check_name (names[i], plain);
}

static char *
repeat (const char *text, guint n)
{
  GString *repeated = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append (repeated, text);
  return g_string_free (repeated, FALSE);
}

static void
test_long_name (void)
{
  static const guint sizes[] = { 100, 260, 4096, 16383 };
  g_autoptr (LookupsRecord) plain = NULL;

  lookups_expect_error ("plain", G_IO_ERROR_NOT_FOUND, "");
  plain = lookups_read_record ();
  g_assert_nonnull (plain);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *name = repeat ("\360\237\230\200", sizes[i]);

      check_name (name, plain);
    }
}

/* No variable holds it, and no machine has it. */
static void
test_too_long_name (void)
{
  g_autofree char *name = repeat ("x", 16384);
  g_autoptr (LookupsRecord) record = NULL;

  lookups_expect_error (name, G_IO_ERROR_NOT_FOUND, "no virtual machine has this name");
  record = lookups_read_record ();
  g_assert_null (record);
}

static char *
decode_script (const char *encoded)
{
  g_autofree guchar *bytes = NULL;
  g_autofree char *script = NULL;
  gsize size;

  bytes = g_base64_decode (encoded, &size);
  g_assert_cmpuint (size % 2, ==, 0);
  script = g_convert ((const char *) bytes, (gssize) size, "UTF-8", "UTF-16LE", NULL, NULL, NULL);
  g_assert_nonnull (script);
  return g_steal_pointer (&script);
}

/* No PowerShell is here to run it: this is what can be said of its text. */
static void
test_command_line (void)
{
  g_autoptr (LookupsRecord) record = NULL;
  g_autofree char *program = lookups_build_path ("powershell-stand-in.exe");
  g_autofree char *script = NULL;

  lookups_expect_error ("plain", G_IO_ERROR_NOT_FOUND, "");
  record = lookups_read_record ();
  g_assert_nonnull (record);
  g_assert_cmpuint (record->arguments->len, ==, 7);
  g_assert_cmpstr (record->arguments->pdata[0], ==, program);
  g_assert_cmpstr (record->arguments->pdata[1], ==, "-NoProfile");
  g_assert_cmpstr (record->arguments->pdata[2], ==, "-NonInteractive");
  g_assert_cmpstr (record->arguments->pdata[3], ==, "-OutputFormat");
  g_assert_cmpstr (record->arguments->pdata[4], ==, "Text");
  g_assert_cmpstr (record->arguments->pdata[5], ==, "-EncodedCommand");

  script = decode_script (record->arguments->pdata[6]);
  g_assert_true (g_str_is_ascii (script));
  g_assert_nonnull (strstr (script, "[string]::CompareOrdinal($_.Name, $env:HVSOCK_VM_NAME)"));
  g_assert_null (strstr (script, "-Name"));
  g_assert_null (strstr (script, "Invoke-Expression"));
}

typedef struct
{
  HANDLE started;
  GCancellable *cancellable;
} Canceller;

/* From within the main loop, as when time is up. */
static gboolean
cancel_if_started_cb (gpointer data)
{
  Canceller *self = data;

  if (WaitForSingleObject (self->started, 0) != WAIT_OBJECT_0)
    return G_SOURCE_CONTINUE;

  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

static void
test_cancel_in_loop (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Canceller canceller = { hang (), cancellable };
  HvsockGuid found;

  g_timeout_add (1, cancel_if_started_cb, &canceller);
  g_assert_false (lookups_run ("build 1", cancellable, &found, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  expect_no_process ();
  hang_no_more (canceller.started);
}

static gpointer
cancel_when_started (gpointer data)
{
  Canceller *self = data;

  g_assert_cmpuint (WaitForSingleObject (self->started, 60000), ==, WAIT_OBJECT_0);
  g_cancellable_cancel (self->cancellable);
  return NULL;
}

static void
test_cancel (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Canceller canceller = { hang (), cancellable };
  GThread *thread = g_thread_new ("canceller", cancel_when_started, &canceller);
  HvsockGuid found;

  g_assert_false (lookups_run ("build 1", cancellable, &found, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  expect_no_process ();
  hang_no_more (canceller.started);
}

static void
test_cancelled_before (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (LookupsRecord) record = NULL;
  HvsockGuid found;

  g_cancellable_cancel (cancellable);
  g_assert_false (lookups_run ("build 1", cancellable, &found, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  record = lookups_read_record ();
  g_assert_null (record);
}

/* The cancellable outlives the look-up and has nothing to do with it any more. */
static void
test_cancelled_after (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  HvsockGuid found;

  lookups_answer ("vm " FIRST "\r\nend\r\n", -1);
  g_assert_true (lookups_run ("build 1", cancellable, &found, &error));
  g_assert_no_error (error);
  g_cancellable_cancel (cancellable);
}

static gpointer
look_up_in_thread (gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  lookups_expect ("build 1", FIRST);
  g_main_context_pop_thread_default (context);
  return NULL;
}

/* The main thread's context is not run meanwhile. */
static void
test_context (void)
{
  lookups_answer ("vm " FIRST "\r\nend\r\n", -1);
  g_thread_join (g_thread_new ("looker", look_up_in_thread, NULL));
}

/* GetProcessHandleCount() is not everywhere. Handles are multiples of 4, the lowest free ones are
 * taken first. */
static guint
count_handles (void)
{
  guint n = 0;
  DWORD flags;

  for (guintptr handle = 4; handle < 0x4000; handle += 4)
    n += GetHandleInformation ((HANDLE) handle, &flags) ? 1 : 0;
  return n;
}

/* The threads of GLib's pools come and go, and have handles too: a leak shows in every round. */
static void
test_no_handles_left (void)
{
  const guint n_rounds = 20;
  guint before;

  lookups_answer ("vm " FIRST "\r\nend\r\n", -1);
  lookups_expect ("build 1", FIRST);
  before = count_handles ();
  g_assert_cmpuint (before, >, 10);
  for (guint i = 0; i < n_rounds; i++)
    lookups_expect ("build 1", FIRST);
  g_assert_cmpuint (count_handles (), <, before + n_rounds);
}

static void
add (const char *path, void (*test) (void))
{
  g_autofree char *full = g_strconcat ("/plugins/hyperv/powershell/", path, NULL);

  g_test_add_vtable (full, 0, NULL, (GTestFixtureFunc) lookups_set_up, (GTestFixtureFunc) test,
                     (GTestFixtureFunc) lookups_tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add ("found", test_found);
  add ("answers", test_answers);
  add ("garbage", test_garbage);
  add ("missing", test_missing);
  add ("name-is-data", test_name_is_data);
  add ("long-name", test_long_name);
  add ("too-long-name", test_too_long_name);
  add ("command-line", test_command_line);
  add ("cancel-in-loop", test_cancel_in_loop);
  add ("cancel", test_cancel);
  add ("cancelled-before", test_cancelled_before);
  add ("cancelled-after", test_cancelled_after);
  add ("context", test_context);
  add ("no-handles-left", test_no_handles_left);

  return g_test_run ();
}
