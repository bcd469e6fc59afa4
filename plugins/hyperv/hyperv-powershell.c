/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The management of Hyper-V knows every machine, whether it runs or not, and tells it to WMI and
 * PowerShell. PowerShell takes a second or two, but is a process that can be ended at any time,
 * which WMI's calls cannot.
 *
 * The command line is the same for every name. The name itself is data, which the script finds in
 * its environment: no character of it is ever read as PowerShell. */

#include "hyperv-powershell.h"

#include "hyperv-process.h"
#include "hyperv-system-path.h"

#include <hvsock/hvsock.h>

#include <string.h>

#define PROGRAM "WindowsPowerShell\\v1.0\\powershell.exe"

/* In characters, which are one or two units of UTF-16: a variable holds up to 32767. The names of
 * machines are a good deal shorter. */
#define LONGEST_NAME 16383

/* Answers in lines: "vm GUID" for each machine and then "end", or one of "missing", "denied" and
 * "failed MESSAGE".
 *
 * Only the modules of Windows are searched: the user's come first otherwise, those of a newer
 * PowerShell that has started this one do not fit, and other products have a Get-VM as well.
 * Get-VM -Name would take the name as a pattern, and -ceq ignores characters without a width, so
 * names are compared by their code units. Some versions of Windows show an empty list to those who
 * may not see it: S-1-5-32-544 are the administrators, S-1-5-32-578 those of Hyper-V. */
static const char script[] =
    "$ErrorActionPreference = 'Stop'\n"
    "$ProgressPreference = 'SilentlyContinue'\n"
    "$env:PSModulePath = \"$PSHOME\\Modules\"\n"
    "try { [Console]::OutputEncoding = New-Object Text.UTF8Encoding $false } catch { }\n"
    "try {\n"
    "  Import-Module Hyper-V\n"
    "  $vms = @(Hyper-V\\Get-VM -ErrorAction SilentlyContinue -ErrorVariable problems)\n"
    "  $found = @($vms | Where-Object {\n"
    "    [string]::CompareOrdinal($_.Name, $env:HVSOCK_VM_NAME) -eq 0 })\n"
    "  if ($found.Count -eq 0 -and $problems.Count -gt 0) { throw $problems[0] }\n"
    "  if ($vms.Count -eq 0) {\n"
    "    $user = New-Object Security.Principal.WindowsPrincipal (\n"
    "      [Security.Principal.WindowsIdentity]::GetCurrent())\n"
    "    if (-not (@('S-1-5-32-544', 'S-1-5-32-578') | Where-Object {\n"
    "      $user.IsInRole([Security.Principal.SecurityIdentifier]$_) })) { 'denied'; exit }\n"
    "  }\n"
    "  $found | ForEach-Object { \"vm $($_.Id)\" }\n"
    "  'end'\n"
    "} catch {\n"
    "  if ($_.FullyQualifiedErrorId -like 'Modules_ModuleNotFound*') { 'missing' }\n"
    "  elseif ($_.CategoryInfo.Category -eq 'PermissionDenied') { 'denied' }\n"
    "  else { \"failed $($_.Exception.Message -replace '\\s+', ' ')\" }\n"
    "}\n";

static GArray *
new_found (void)
{
  return g_array_new (FALSE, FALSE, sizeof (HvsockGuid));
}

/* What -EncodedCommand takes. */
static char *
encode_script (void)
{
  glong length;
  g_autofree gunichar2 *wide = g_utf8_to_utf16 (script, -1, NULL, &length, NULL);

  return g_base64_encode ((const guchar *) wide, (gsize) length * sizeof *wide);
}

static void
return_found (GTask *task, GArray *found)
{
  g_task_return_pointer (task, found, (GDestroyNotify) g_array_unref);
}

/* @line is the one after those that are machines. Returns @found, or NULL with the error. */
static GArray *
end_answer (const char *line, GArray *found, GError **error)
{
  if (strcmp (line, "end") == 0)
    return g_array_ref (found);

  if (strcmp (line, "missing") == 0)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                         "PowerShell has no module for Hyper-V");
  else if (strcmp (line, "denied") == 0)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                         "this user may not list virtual machines");
  else if (g_str_has_prefix (line, "failed "))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "PowerShell: %s", line + strlen ("failed "));
  else
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                         "PowerShell did not answer as its script would");
  return NULL;
}

static GArray *
read_answer (GBytes *output, GError **error)
{
  gsize size;
  const char *data = g_bytes_get_data (output, &size);
  g_autofree char *text = g_utf8_make_valid (data != NULL ? data : "", size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GArray) found = new_found ();
  char **line = lines;
  HvsockGuid guid;

  while (*line != NULL && g_str_has_prefix (g_strchomp (*line), "vm ") &&
         hvsock_guid_parse (&guid, *line + strlen ("vm ")))
    {
      g_array_append_val (found, guid);
      line++;
    }
  return end_answer (*line != NULL ? *line : "", found, error);
}

static GBytes *
run (const char *name, GCancellable *cancellable, GError **error)
{
  g_autofree char *program = hyperv_system_path (PROGRAM);
  g_autofree char *encoded = encode_script ();
  g_autofree char *command_line = NULL;

  if (!g_file_test (program, G_FILE_TEST_IS_REGULAR))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "there is no %s", program);
      return NULL;
    }

  command_line = g_strdup_printf (
      "\"%s\" -NoProfile -NonInteractive -OutputFormat Text -EncodedCommand %s", program, encoded);
  return hyperv_process_run (program, command_line, "HVSOCK_VM_NAME", name, cancellable, error);
}

static void
find_in_thread (GTask *task, gpointer source, gpointer name, GCancellable *cancellable)
{
  GError *error = NULL;
  g_autoptr (GBytes) output = run (name, cancellable, &error);
  GArray *found = output != NULL ? read_answer (output, &error) : NULL;

  if (found != NULL)
    return_found (task, found);
  else
    g_task_return_error (task, error);
}

void
hyperv_powershell_find_async (const char *name,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, hyperv_powershell_find_async);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (g_utf8_strlen (name, -1) > LONGEST_NAME)
    {
      return_found (task, new_found ());
      return;
    }

  g_task_set_task_data (task, g_strdup (name), g_free);
  /* Somebody else may have inherited the pipe, and hold it for longer than PowerShell lives. */
  g_task_set_return_on_cancel (task, TRUE);
  g_task_run_in_thread (task, find_in_thread);
}

GArray *
hyperv_powershell_find_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
