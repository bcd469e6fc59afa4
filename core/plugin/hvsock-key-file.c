/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The key file that stands beside each module: what a plugin says of itself, read without running
 * any of its code. A file that is not valid is read as far as it goes, so that the plugin can still
 * be listed, and be named as the reason why a URI cannot be served. */

#include "plugin/hvsock-key-file-private.h"

#include "plugin/hvsock-plugin-config.h"
#include "plugin/hvsock-scheme-private.h"

#include <hvsock/hvsock-error.h>
#include <hvsock/hvsock-uri.h>

#include <string.h>

#define GROUP "Plugin"

/* Keeps the first failure: what follows it is often only its consequence. */
static void G_GNUC_PRINTF (2, 3) fail (HvsockKeyFile *self, const char *format, ...)
{
  g_autofree char *reason = NULL;
  va_list arguments;

  if (self->error != NULL)
    return;

  va_start (arguments, format);
  reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (&self->error, HVSOCK_ERROR, HVSOCK_ERROR_PLUGIN_INVALID,
               "cannot read plugin key file '%s': %s", self->path, reason);
}

/* NULL when the key is missing, which is no failure yet. */
static char *
read_string (HvsockKeyFile *self, GKeyFile *file, const char *key)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *value = g_key_file_get_string (file, GROUP, key, &error);

  if (error != NULL && !g_error_matches (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_KEY_NOT_FOUND))
    fail (self, "%s", error->message);

  return g_steal_pointer (&value);
}

static char *
read_required_string (HvsockKeyFile *self, GKeyFile *file, const char *key, const char *expected)
{
  g_autofree char *value = read_string (self, file, key);

  if (value == NULL || value[0] == '\0')
    fail (self, "key '%s' is missing or empty, expected %s", key, expected);

  return g_steal_pointer (&value);
}

static gboolean
is_name (const char *text)
{
  return g_ascii_islower (text[0]) &&
         strspn (text, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen (text);
}

static void
check_name (HvsockKeyFile *self, GKeyFile *file)
{
  g_autofree char *name =
      read_required_string (self, file, "Name", "the file's name without '.plugin'");

  if (name == NULL)
    return;

  if (!is_name (name))
    fail (self, "name '%s' is not valid, expected a lower-case letter, then letters, digits or '_'",
          name);
  else if (!g_str_equal (name, self->name))
    fail (self, "name '%s' differs from the file's, expected '%s'", name, self->name);
}

static void
read_schemes (HvsockKeyFile *self, GKeyFile *file)
{
  g_autoptr (GPtrArray) schemes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) values = g_key_file_get_string_list (file, GROUP, "Schemes", NULL, &error);

  if (error != NULL && !g_error_matches (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_KEY_NOT_FOUND))
    fail (self, "%s", error->message);

  for (guint i = 0; values != NULL && values[i] != NULL; i++)
    if (!hvsock_scheme_is_valid (values[i]))
      fail (self, "scheme '%s' is not valid, expected a lower-case URI scheme", values[i]);
    else if (!g_ptr_array_find_with_equal_func (schemes, values[i], g_str_equal, NULL))
      g_ptr_array_add (schemes, g_strdup (values[i]));

  if (schemes->len == 0)
    fail (self, "key 'Schemes' is missing or empty, expected URI schemes, each followed by ';'");

  g_ptr_array_add (schemes, NULL);
  self->schemes = (char **) g_ptr_array_steal (schemes, NULL);
}

static void
read_priority (HvsockKeyFile *self, GKeyFile *file)
{
  g_autofree char *text = read_string (self, file, "Priority");
  gint64 priority = 0;

  if (text != NULL && !g_ascii_string_to_signed (text, 10, G_MININT, G_MAXINT, &priority, NULL))
    fail (self, "key 'Priority' is '%s', expected a whole number", text);
  self->priority = (int) priority;
}

static gboolean
parse_abi (HvsockKeyFile *self, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ".", 3);
  guint64 major;
  guint64 minor;

  if (g_strv_length (parts) != 2 || !hvsock_uri_parse_number (parts[0], G_MAXUINT16, &major) ||
      !hvsock_uri_parse_number (parts[1], G_MAXUINT16, &minor))
    return FALSE;

  self->abi_major = major;
  self->abi_minor = minor;
  return TRUE;
}

static void
read_abi (HvsockKeyFile *self, GKeyFile *file)
{
  g_autofree char *text = read_required_string (self, file, "Abi", "MAJOR.MINOR");

  if (text != NULL && !parse_abi (self, text))
    fail (self, "key 'Abi' is '%s', expected MAJOR.MINOR in decimal", text);
}

/* Reads the key file @path, whose name ends in ".plugin". Never %NULL: see the member `error`. */
HvsockKeyFile *
hvsock_key_file_read (const char *path)
{
  g_autoptr (HvsockKeyFile) self = g_new0 (HvsockKeyFile, 1);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *stem = g_strndup (path, strlen (path) - strlen (".plugin"));

  self->path = g_strdup (path);
  self->name = g_path_get_basename (stem);
  self->module = g_strconcat (stem, "." HVSOCK_MODULE_SUFFIX, NULL);

  /* To open a FIFO would wait for somebody to write into it. */
  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR) && g_file_test (path, G_FILE_TEST_EXISTS))
    fail (self, "expected a regular file");
  else if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, &error))
    fail (self, "%s, expected a group [" GROUP "]", error->message);
  else if (!g_key_file_has_group (file, GROUP))
    fail (self, "expected a group [" GROUP "]");

  check_name (self, file);
  self->version = read_required_string (self, file, "Version", "the plugin's version");
  self->description = read_string (self, file, "Description");
  read_schemes (self, file);
  read_priority (self, file);
  read_abi (self, file);

  return g_steal_pointer (&self);
}

void
hvsock_key_file_free (HvsockKeyFile *self)
{
  g_free (self->path);
  g_free (self->module);
  g_free (self->name);
  g_free (self->version);
  g_free (self->description);
  g_strfreev (self->schemes);
  g_clear_error (&self->error);
  g_free (self);
}
