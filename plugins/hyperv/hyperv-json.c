/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A reader for the JSON of RFC 8259 that takes nothing else, so that what the Host Compute Service
 * has said is never guessed at. It keeps no tree: all that is wanted of an answer are the texts in
 * its objects. Two things that the grammar lets pass are refused, for no C string can hold them:
 * the character NUL, and half of a surrogate pair. */

#include "hyperv-json.h"

#include <string.h>

#define DEEPEST 64

/* What is left of the text. The functions below take what they are named after from its start and
 * return whether it was there; no more is asked of a text that has failed. */
typedef struct
{
  const char *at;
  int depth;
} Reader;

static gboolean read_value (Reader *self);

static void
skip_blanks (Reader *self)
{
  while (*self->at == ' ' || *self->at == '\t' || *self->at == '\n' || *self->at == '\r')
    self->at++;
}

/* One of the six signs, and the blanks around it. */
static gboolean
read_sign (Reader *self, char sign)
{
  skip_blanks (self);
  if (*self->at != sign)
    return FALSE;

  self->at++;
  skip_blanks (self);
  return TRUE;
}

static gboolean
read_word (Reader *self, const char *word)
{
  if (!g_str_has_prefix (self->at, word))
    return FALSE;

  self->at += strlen (word);
  return TRUE;
}

static gboolean
read_digits (Reader *self)
{
  const char *start = self->at;

  while (g_ascii_isdigit (*self->at))
    self->at++;
  return self->at > start;
}

static gboolean
read_number (Reader *self)
{
  read_word (self, "-");
  if (!read_word (self, "0") && !read_digits (self))
    return FALSE;
  if (read_word (self, ".") && !read_digits (self))
    return FALSE;
  if (!read_word (self, "e") && !read_word (self, "E"))
    return TRUE;

  if (!read_word (self, "+"))
    read_word (self, "-");
  return read_digits (self);
}

static gboolean
read_unit (Reader *self, gunichar *unit)
{
  *unit = 0;
  for (int i = 0; i < 4; i++, self->at++)
    {
      if (!g_ascii_isxdigit (*self->at))
        return FALSE;
      *unit = *unit << 4 | (gunichar) g_ascii_xdigit_value (*self->at);
    }
  return TRUE;
}

/* After "\u". Characters beyond the first plane are two units of UTF-16. */
static gboolean
read_unicode (Reader *self, GString *text)
{
  gunichar character, low;

  if (!read_unit (self, &character))
    return FALSE;
  if (character >= 0xd800 && character < 0xdc00)
    {
      if (!read_word (self, "\\u") || !read_unit (self, &low) || low < 0xdc00 || low > 0xdfff)
        return FALSE;
      character = 0x10000 + ((character - 0xd800) << 10) + (low - 0xdc00);
    }
  if (character == 0 || !g_unichar_validate (character))
    return FALSE;

  g_string_append_unichar (text, character);
  return TRUE;
}

/* After the backslash. */
static gboolean
read_escape (Reader *self, GString *text)
{
  static const char names[] = "\"\\/bfnrt";
  static const char values[] = "\"\\/\b\f\n\r\t";
  const char name = *self->at;
  const char *found;

  if (name == '\0')
    return FALSE;

  self->at++;
  if (name == 'u')
    return read_unicode (self, text);

  found = strchr (names, name);
  if (found == NULL)
    return FALSE;

  g_string_append_c (text, values[found - names]);
  return TRUE;
}

/* Returns NULL if it is none. */
static char *
read_text (Reader *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (!read_word (self, "\""))
    return NULL;

  while (!read_word (self, "\""))
    {
      if ((guchar) *self->at < ' ')
        return NULL;
      if (!read_word (self, "\\"))
        g_string_append_c (text, *self->at++);
      else if (!read_escape (self, text))
        return NULL;
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Adds the member to @texts, which may be NULL, if its value is one. */
static gboolean
read_member (Reader *self, GHashTable *texts)
{
  g_autofree char *name = read_text (self);
  g_autofree char *value = NULL;

  if (name == NULL || !read_sign (self, ':'))
    return FALSE;
  if (*self->at != '"')
    return read_value (self);

  value = read_text (self);
  if (value == NULL)
    return FALSE;

  if (texts != NULL)
    g_hash_table_replace (texts, g_steal_pointer (&name), g_steal_pointer (&value));
  return TRUE;
}

static gboolean
read_object (Reader *self, GHashTable *texts)
{
  if (!read_sign (self, '{'))
    return FALSE;
  if (read_sign (self, '}'))
    return TRUE;

  do
    if (!read_member (self, texts))
      return FALSE;
  while (read_sign (self, ','));
  return read_sign (self, '}');
}

/* Adds its objects to @objects, and then takes nothing else; or takes everything if that is NULL.
 */
static gboolean
read_array (Reader *self, GPtrArray *objects)
{
  if (!read_sign (self, '['))
    return FALSE;
  if (read_sign (self, ']'))
    return TRUE;

  do
    {
      GHashTable *texts = NULL;

      if (objects != NULL)
        {
          texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
          g_ptr_array_add (objects, texts);
        }
      if (texts != NULL ? !read_object (self, texts) : !read_value (self))
        return FALSE;
    }
  while (read_sign (self, ','));
  return read_sign (self, ']');
}

static gboolean
read_nested (Reader *self)
{
  gboolean is_good;

  if (self->depth == DEEPEST)
    return FALSE;

  self->depth++;
  is_good = *self->at == '{' ? read_object (self, NULL) : read_array (self, NULL);
  self->depth--;
  return is_good;
}

static gboolean
read_value (Reader *self)
{
  g_autofree char *text = NULL;

  switch (*self->at)
    {
    case '{':
    case '[':
      return read_nested (self);
    case '"':
      text = read_text (self);
      return text != NULL;
    case 't':
      return read_word (self, "true");
    case 'f':
      return read_word (self, "false");
    case 'n':
      return read_word (self, "null");
    default:
      return read_number (self);
    }
}

GPtrArray *
hyperv_json_read_objects (const char *json, GError **error)
{
  g_autoptr (GPtrArray) objects =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_hash_table_unref);
  Reader reader = { .at = json };
  const char *invalid;

  if (!g_utf8_validate (json, -1, &invalid))
    reader.at = invalid;
  else if (read_array (&reader, objects) && *reader.at == '\0')
    return g_steal_pointer (&objects);

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
               "not an array of objects in JSON, from byte %" G_GSIZE_FORMAT " on",
               (gsize) (reader.at - json));
  return NULL;
}
