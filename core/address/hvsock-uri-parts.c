/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Reads the parts of a URI that several schemes have in common: numbers, ports and the names of
 * files. It stands above the splitter, which knows no meanings. */

#include "address/hvsock-uri-private.h"

#include <string.h>

/**
 * hvsock_uri_parse_number: (skip)
 * @text: the text to read
 * @maximum: the largest number allowed
 * @number: (out) (optional): takes the number
 *
 * Reads a decimal number: digits only, without a sign, blanks or leading zeros (except `0` itself).
 *
 * Returns: %TRUE if @text is such a number and not above @maximum; otherwise @number is left alone
 *
 * Since: 1.0
 */
gboolean
hvsock_uri_parse_number (const char *text, guint64 maximum, guint64 *number)
{
  g_return_val_if_fail (text != NULL, FALSE);

  if (text[0] == '0' && text[1] != '\0')
    return FALSE;

  return g_ascii_string_to_unsigned (text, 10, 0, maximum, number, NULL);
}

gboolean
hvsock_uri_read_port (const HvsockUri *self, guint32 *port, GError **error)
{
  const char *text = hvsock_uri_get_port (self);
  guint64 number;

  if (text == NULL)
    hvsock_uri_set_error (self, error, "expected ':' and a port after '%s://%s'",
                          hvsock_uri_get_scheme (self), hvsock_uri_get_host (self));
  else if (*text == '\0')
    hvsock_uri_set_error (self, error, "expected a port after ':'");
  else if (!hvsock_uri_parse_number (text, G_MAXUINT32, &number))
    hvsock_uri_set_error (self, error, "expected a port from 0 to %u after ':', not '%s'",
                          G_MAXUINT32, text);
  else
    {
      *port = (guint32) number;
      return TRUE;
    }

  return FALSE;
}

/**
 * hvsock_uri_decode_path: (skip)
 * @self: the parts of a URI
 * @error: return location of an error
 *
 * Gets the path as the name of a file: percent escapes are decoded once.
 *
 * A path that is written with `/./` at its start is the relative path after the first `/`:
 * `unix:///./app.sock` is `./app.sock`. With `/%2E/` at its start it is absolute.
 *
 * Returns: (transfer full) (type filename) (nullable): the name, which is not empty and need not be
 *   UTF-8; %NULL with %HVSOCK_ERROR_INVALID_URI if there is no path or it holds a NUL
 *
 * Since: 1.0
 */
char *
hvsock_uri_decode_path (const HvsockUri *self, GError **error)
{
  g_autofree char *decoded = NULL;
  const char *path;

  g_return_val_if_fail (self != NULL, NULL);

  path = hvsock_uri_get_path (self);
  if (*path == '\0')
    {
      const char *port = hvsock_uri_get_port (self);

      hvsock_uri_set_error (self, error, "expected '/' and a path after '%s'",
                            port != NULL ? port : "://");
      return NULL;
    }

  if (g_str_has_prefix (path, "/./"))
    path++;

  decoded = g_uri_unescape_string (path, NULL);
  if (decoded == NULL)
    hvsock_uri_set_error (self, error, "expected no NUL, '%%00', in the path");

  return g_steal_pointer (&decoded);
}

/**
 * hvsock_uri_encode_path: (skip)
 * @path: (type filename): the name of a file, not empty
 *
 * Writes the name of a file as the path of a URI, the inverse of hvsock_uri_decode_path().
 *
 * A relative path gets `/./` at its start, where `./` is not given twice: both `x` and `./x` become
 * `/./x`. All characters but those that a path may hold are percent-encoded.
 *
 * Returns: (transfer full): the path, which begins with `/`
 *
 * Since: 1.0
 */
char *
hvsock_uri_encode_path (const char *path)
{
  g_autofree char *encoded = NULL;

  g_return_val_if_fail (path != NULL && *path != '\0', NULL);

  encoded = g_uri_escape_string (path, G_URI_RESERVED_CHARS_ALLOWED_IN_PATH, FALSE);

  /* An absolute path that would read as a relative one. */
  if (g_str_has_prefix (encoded, "/./"))
    return g_strconcat ("/%2E", encoded + strlen ("/."), NULL);
  if (*encoded == '/')
    return g_steal_pointer (&encoded);
  if (g_str_has_prefix (encoded, "./"))
    return g_strconcat ("/", encoded, NULL);
  return g_strconcat ("/./", encoded, NULL);
}

HvsockUri *
hvsock_uri_split_for_scheme (const char *text,
                             const char *scheme,
                             const char *const *known_options,
                             GError **error)
{
  g_autoptr (HvsockUri) self = hvsock_uri_split (text, error);

  if (self == NULL)
    return NULL;

  if (!g_str_equal (hvsock_uri_get_scheme (self), scheme))
    {
      hvsock_uri_set_error (self, error, "expected the scheme '%s' before '://'", scheme);
      return NULL;
    }

  if (!hvsock_uri_check_options (self, known_options, error))
    return NULL;

  return g_steal_pointer (&self);
}
