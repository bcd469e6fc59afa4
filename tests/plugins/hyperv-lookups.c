/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#include "hyperv-lookups.h"

#include "folder.h"
#include "hyperv-system-path.h"

#include <string.h>

#include <windows.h>

#define ANSWER     "HVSOCK_STAND_IN_ANSWER"
#define RECORD     "HVSOCK_STAND_IN_RECORD"

#define NAME_ENTRY "HVSOCK_VM_NAME="

LookupsSystem lookups_system;

static Folder folder;

char *
lookups_build_path (const char *name)
{
  wchar_t program[MAX_PATH];
  g_autofree char *path = NULL;
  g_autofree char *directory = NULL;

  g_assert_cmpuint (GetModuleFileNameW (NULL, program, MAX_PATH), <, MAX_PATH);
  path = g_utf16_to_utf8 ((gunichar2 *) program, -1, NULL, NULL, NULL);
  directory = g_path_get_dirname (path);
  return g_build_filename (directory, name, NULL);
}

/* Instead of the plugin's. */
char *
hyperv_system_path (const char *name)
{
  const char *stand_in = "missing";

  if (strcmp (name, "computecore.dll") == 0)
    {
      if (lookups_system.has_computecore)
        stand_in = "computecore-stand-in.dll";
    }
  else
    {
      g_assert_cmpstr (name, ==, "WindowsPowerShell\\v1.0\\powershell.exe");
      if (lookups_system.has_powershell)
        stand_in = "powershell-stand-in.exe";
    }
  return lookups_build_path (stand_in);
}

void
lookups_set_up (void)
{
  g_autofree char *answer = NULL;
  g_autofree char *record = NULL;

  folder_init (&folder);
  answer = g_build_filename (folder.path, "answer", NULL);
  record = g_build_filename (folder.path, "record", NULL);
  g_assert_true (g_setenv (ANSWER, answer, TRUE));
  g_assert_true (g_setenv (RECORD, record, TRUE));
  lookups_system.has_powershell = TRUE;
  lookups_answer ("end\r\n", -1);
}

void
lookups_tear_down (void)
{
  folder_clear (&folder);
}

void
lookups_answer (const char *answer, gssize size)
{
  g_assert_true (g_file_set_contents (g_getenv (ANSWER), answer, size, NULL));
}

static void
add_entry (LookupsRecord *self, const char *entry)
{
  switch (*entry++)
    {
    case 'P':
      self->process_id = (guint32) g_ascii_strtoull (entry, NULL, 10);
      break;
    case 'A':
      g_ptr_array_add (self->arguments, g_strdup (entry));
      break;
    case 'E':
      if (!g_str_has_prefix (entry, NAME_ENTRY))
        g_ptr_array_add (self->environment, g_strdup (entry));
      else
        {
          g_assert_null (self->vm_name);
          self->vm_name = g_strdup (entry + strlen (NAME_ENTRY));
        }
      break;
    default:
      g_assert_not_reached ();
    }
}

LookupsRecord *
lookups_read_record (void)
{
  g_autofree char *contents = NULL;
  LookupsRecord *self;
  gsize size;

  if (!g_file_get_contents (g_getenv (RECORD), &contents, &size, NULL))
    return NULL;

  self = g_new0 (LookupsRecord, 1);
  self->arguments = g_ptr_array_new_with_free_func (g_free);
  self->environment = g_ptr_array_new_with_free_func (g_free);
  for (const char *entry = contents; entry < contents + size; entry += strlen (entry) + 1)
    add_entry (self, entry);
  return self;
}

void
lookups_record_free (LookupsRecord *self)
{
  g_ptr_array_unref (self->arguments);
  g_ptr_array_unref (self->environment);
  g_free (self->vm_name);
  g_free (self);
}

static void
ready_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  GAsyncResult **place = data;

  g_assert_null (source);
  *place = g_object_ref (result);
}

gboolean
lookups_run (const char *name, GCancellable *cancellable, HvsockGuid *vm_id, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  hyperv_names_look_up_async (name, cancellable, ready_cb, &result);
  g_assert_null (result);
  while (result == NULL)
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
  return hyperv_names_look_up_finish (result, vm_id, error);
}

void
lookups_expect (const char *name, const char *vm_id)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  HvsockGuid found;

  lookups_run (name, cancellable, &found, &error);
  g_assert_no_error (error);
  text = hvsock_guid_to_string (&found);
  g_assert_cmpstr (text, ==, vm_id);
}

void
lookups_expect_error (const char *name, GIOErrorEnum code, const char *text)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  HvsockGuid found;

  g_assert_false (lookups_run (name, cancellable, &found, &error));
  g_assert_error (error, G_IO_ERROR, (int) code);
  if (strstr (error->message, text) == NULL)
    g_error ("'%s' is not in '%s'", text, error->message);
}
