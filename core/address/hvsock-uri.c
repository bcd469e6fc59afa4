/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Splits a URI into its parts, with one grammar for all schemes. It is done by hand because GUri
 * refuses ports above 65535 and drops the dot segment that marks a relative path. What the parts
 * mean is for each scheme to say. */

#include <hvsock/hvsock-uri.h>

#include "address/hvsock-uri-private.h"
#include <hvsock/hvsock-error.h>

#include <string.h>

/**
 * HvsockUri: (skip)
 *
 * A URI in its parts: `scheme://host:port/path?key=value&…`.
 *
 * It is immutable, and may be used from any thread. It is for plugins in C: with it the schemes of
 * all plugins share one grammar, and their errors one form.
 *
 * Since: 1.0
 */
struct _HvsockUri
{
  char *text;
  char *scheme;
  char *host;
  char *port;
  char *path;
  GHashTable *options; /* NULL for none */
};

static gboolean
check_characters (const HvsockUri *self, GError **error)
{
  const char *text = self->text;

  if (!g_utf8_validate (text, -1, NULL))
    {
      hvsock_uri_set_error (self, error,
                            "expected UTF-8, with any other byte written as a percent escape");
      return FALSE;
    }

  for (const char *at = text; *at != '\0'; at++)
    {
      const char *expected = NULL;

      if (*at == ' ' || g_ascii_iscntrl (*at))
        expected = "no blank or control character";
      else if (*at == '#')
        expected = "no fragment";
      else if (*at == '%' && !(g_ascii_isxdigit (at[1]) && g_ascii_isxdigit (at[2])))
        expected = "two hexadecimal digits after '%'";

      if (expected != NULL)
        {
          hvsock_uri_set_error (self, error, "expected %s at byte %" G_GSIZE_FORMAT, expected,
                                (gsize) (at - text) + 1);
          return FALSE;
        }
    }

  return TRUE;
}

static gboolean
take_scheme (HvsockUri *self, const char *end, GError **error)
{
  gsize length = (gsize) (end - self->text);

  self->scheme = g_ascii_strdown (self->text, (gssize) length);
  if (g_ascii_isalpha (self->scheme[0]) &&
      strspn (self->scheme, "abcdefghijklmnopqrstuvwxyz0123456789+-.") == length)
    return TRUE;

  hvsock_uri_set_error (self, error,
                        "expected a scheme of letters, digits, '+', '-' and '.' before '://'");
  return FALSE;
}

static gboolean
take_authority (HvsockUri *self, const char *authority, const char *end, GError **error)
{
  gsize length = (gsize) (end - authority);
  const char *colon = memchr (authority, ':', length);

  if (memchr (authority, '@', length) != NULL)
    {
      hvsock_uri_set_error (self, error, "expected no user and no '@' after '://'");
      return FALSE;
    }

  if (colon != NULL)
    self->port = g_strndup (colon + 1, (gsize) (end - colon) - 1);
  self->host = g_strndup (authority, (gsize) ((colon != NULL ? colon : end) - authority));
  return TRUE;
}

static gboolean
take_option (HvsockUri *self, const char *pair, GError **error)
{
  const char *equals = strchr (pair, '=');
  g_autofree char *key = NULL;
  g_autofree char *value = NULL;

  if (equals == NULL || equals == pair)
    {
      hvsock_uri_set_error (self, error, "expected 'key=value' after '?', not '%s'", pair);
      return FALSE;
    }

  /* The escapes are good by now, so that only an escaped NUL stops these. */
  key = g_uri_unescape_segment (pair, equals, NULL);
  value = g_uri_unescape_string (equals + 1, NULL);
  if (key == NULL || value == NULL || !g_utf8_validate (key, -1, NULL) ||
      !g_utf8_validate (value, -1, NULL))
    {
      hvsock_uri_set_error (self, error, "expected UTF-8 without NUL after '?', not '%s'", pair);
      return FALSE;
    }

  if (!g_hash_table_insert (self->options, g_steal_pointer (&key), g_steal_pointer (&value)))
    {
      hvsock_uri_set_error (self, error, "expected each option once after '?', not '%s' again",
                            pair);
      return FALSE;
    }

  return TRUE;
}

/* The one option that every scheme has. */
static gboolean
check_framing (const HvsockUri *self, GError **error)
{
  const char *framing = hvsock_uri_get_option (self, HVSOCK_URI_FRAMING);

  if (framing == NULL || g_str_equal (framing, "shutdown"))
    return TRUE;

  hvsock_uri_set_error (self, error,
                        "expected 'shutdown' after '" HVSOCK_URI_FRAMING "=', not '%s'", framing);
  return FALSE;
}

static gboolean
take_options (HvsockUri *self, const char *query, GError **error)
{
  g_auto (GStrv) pairs = g_strsplit (query, "&", -1);

  self->options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  /* Nothing to split gives no piece instead of an empty one. */
  if (pairs[0] == NULL)
    return take_option (self, "", error);

  for (gsize i = 0; pairs[i] != NULL; i++)
    if (!take_option (self, pairs[i], error))
      return FALSE;

  return check_framing (self, error);
}

/**
 * hvsock_uri_split: (skip)
 * @text: a URI
 * @error: return location of an error
 *
 * Splits a URI into its parts.
 *
 * Refused for every scheme: text without a scheme and `://`, user information, fragments, blanks,
 * control characters, text that is not UTF-8, malformed percent escapes, a query that is not made
 * of `key=value` pairs joined by `&`, an option that is given twice, and a `framing` other than
 * `shutdown`. Everything else is for the scheme to judge.
 *
 * Returns: (transfer full) (nullable): the parts, to be freed with hvsock_uri_free(); %NULL with
 *   %HVSOCK_ERROR_INVALID_URI if @text is not a URI
 *
 * Since: 1.0
 */
HvsockUri *
hvsock_uri_split (const char *text, GError **error)
{
  g_autoptr (HvsockUri) self = NULL;
  const char *separator;
  const char *authority;
  const char *path;
  const char *query;

  g_return_val_if_fail (text != NULL, NULL);

  self = g_new0 (HvsockUri, 1);
  self->text = g_strdup (text);

  if (!check_characters (self, error))
    return NULL;

  separator = strstr (self->text, "://");
  if (separator == NULL)
    {
      hvsock_uri_set_error (self, error, "expected a scheme and '://' at its start");
      return NULL;
    }

  authority = separator + strlen ("://");
  path = authority + strcspn (authority, "/?");
  query = path + strcspn (path, "?");
  self->path = g_strndup (path, (gsize) (query - path));

  if (!take_scheme (self, separator, error) || !take_authority (self, authority, path, error) ||
      (*query == '?' && !take_options (self, query + 1, error)))
    return NULL;

  return g_steal_pointer (&self);
}

/**
 * hvsock_uri_free: (skip)
 * @self: (nullable): the parts of a URI
 *
 * Frees what hvsock_uri_split() made.
 *
 * Since: 1.0
 */
void
hvsock_uri_free (HvsockUri *self)
{
  if (self == NULL)
    return;

  g_free (self->text);
  g_free (self->scheme);
  g_free (self->host);
  g_free (self->port);
  g_free (self->path);
  g_clear_pointer (&self->options, g_hash_table_unref);
  g_free (self);
}

/**
 * hvsock_uri_get_scheme: (skip)
 * @self: the parts of a URI
 *
 * Gets the scheme, in lower case.
 *
 * Returns: (transfer none): the scheme
 *
 * Since: 1.0
 */
const char *
hvsock_uri_get_scheme (const HvsockUri *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->scheme;
}

/**
 * hvsock_uri_get_host: (skip)
 * @self: the parts of a URI
 *
 * Gets what stands between `://` and the first `:`, as it is written: percent escapes are kept.
 *
 * Returns: (transfer none): the host, empty if there is none
 *
 * Since: 1.0
 */
const char *
hvsock_uri_get_host (const HvsockUri *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->host;
}

/**
 * hvsock_uri_get_port: (skip)
 * @self: the parts of a URI
 *
 * Gets what stands between the first `:` after the host and the path, as it is written.
 *
 * It need not be a number, and may be empty or hold further colons.
 *
 * Returns: (transfer none) (nullable): the port, %NULL if there is no `:`
 *
 * Since: 1.0
 */
const char *
hvsock_uri_get_port (const HvsockUri *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->port;
}

/**
 * hvsock_uri_get_path: (skip)
 * @self: the parts of a URI
 *
 * Gets the path as it is written, from its first `/`: percent escapes and dot segments are kept.
 *
 * hvsock_uri_decode_path() gives the name of a file instead.
 *
 * Returns: (transfer none): the path, empty if there is none
 *
 * Since: 1.0
 */
const char *
hvsock_uri_get_path (const HvsockUri *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->path;
}

/**
 * hvsock_uri_get_option: (skip)
 * @self: the parts of a URI
 * @key: the name of an option
 *
 * Gets the value of an option, with percent escapes decoded.
 *
 * Returns: (transfer none) (nullable): the value, %NULL if the option is not given
 *
 * Since: 1.0
 */
const char *
hvsock_uri_get_option (const HvsockUri *self, const char *key)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (key != NULL, NULL);

  return self->options == NULL ? NULL : g_hash_table_lookup (self->options, key);
}

/**
 * hvsock_uri_check_options: (skip)
 * @self: the parts of a URI
 * @known: (nullable) (array zero-terminated=1): the options that the scheme knows; %NULL for none
 * @error: return location of an error
 *
 * Refuses options that the scheme does not know, with an error that lists the known ones. The
 * option `framing` is known to every scheme: the library sees to it, and no plugin need.
 *
 * Returns: %TRUE if each option is known, else %FALSE with %HVSOCK_ERROR_INVALID_URI
 *
 * Since: 1.0
 */
gboolean
hvsock_uri_check_options (const HvsockUri *self, const char *const *known, GError **error)
{
  GHashTableIter iter;
  gpointer key;

  g_return_val_if_fail (self != NULL, FALSE);

  if (self->options == NULL)
    return TRUE;

  g_hash_table_iter_init (&iter, self->options);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      g_autofree char *list = NULL;

      if (g_str_equal (key, HVSOCK_URI_FRAMING) || (known != NULL && g_strv_contains (known, key)))
        continue;

      list = known != NULL ? g_strjoinv (", ", (char **) known) : g_strdup ("");
      hvsock_uri_set_error (self, error, "expected no option but %s%s%s after '?', not '%s'", list,
                            *list != '\0' ? ", " : "", HVSOCK_URI_FRAMING, (const char *) key);
      return FALSE;
    }

  return TRUE;
}

/* What a message quotes may hold anything, for instance what steers the terminal that shows it. */
static char *
make_printable (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *printable = g_string_new (NULL);

  for (const char *at = valid; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at))
      g_string_append_printf (printable, "\\x%02x", (guint) *at);
    else
      g_string_append_c (printable, *at);

  return g_string_free (printable, FALSE);
}

/**
 * hvsock_uri_set_error: (skip)
 * @self: the parts of a URI
 * @error: return location of an error
 * @format: what was expected, and where: the message after `invalid URI '…': `
 * @...: the arguments of @format
 *
 * Reports that a URI is malformed, with %HVSOCK_ERROR_INVALID_URI and a message that quotes it:
 * `invalid URI 'vsock://2:': expected a port after ':'`.
 *
 * Since: 1.0
 */
void
hvsock_uri_set_error (const HvsockUri *self, GError **error, const char *format, ...)
{
  g_autofree char *problem = NULL;
  g_autofree char *message = NULL;
  g_autofree char *printable = NULL;
  va_list arguments;

  g_return_if_fail (self != NULL);
  g_return_if_fail (format != NULL);

  va_start (arguments, format);
  problem = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  message = g_strdup_printf ("invalid URI '%s': %s", self->text, problem);
  printable = make_printable (message);
  g_set_error_literal (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI, printable);
}
