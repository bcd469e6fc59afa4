/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The scheme of a URI, which is all that the registry reads of it: what follows the colon is the
 * plugin's own, and may be written in another grammar than the URIs of libhvsock. */

#include "plugin/hvsock-scheme-private.h"

#include <hvsock/hvsock-uri.h>

#include <string.h>

/* The length of the scheme that @text starts with (RFC 3986 section 3.1), 0 for none. */
static gsize
measure (const char *text)
{
  gsize length = 0;

  if (!g_ascii_isalpha (text[0]))
    return 0;

  while (g_ascii_isalnum (text[length]) || (text[length] != '\0' && strchr ("+-.", text[length])))
    length++;

  return length;
}

/* Whether @scheme is one, in lower case. */
gboolean
hvsock_scheme_is_valid (const char *scheme)
{
  gsize length = measure (scheme);

  if (length == 0 || scheme[length] != '\0')
    return FALSE;

  for (gsize i = 0; i < length; i++)
    if (g_ascii_isupper (scheme[i]))
      return FALSE;

  return TRUE;
}

/* The scheme of @uri in lower case. Where there is none the splitter does not find one either, and
 * says what it expected. */
char *
hvsock_scheme_from_uri (const char *uri, GError **error)
{
  g_autoptr (HvsockUri) parts = NULL;
  gsize length = measure (uri);

  if (length > 0 && uri[length] == ':')
    return g_ascii_strdown (uri, length);

  parts = hvsock_uri_split (uri, error);
  g_assert (parts == NULL);
  return NULL;
}
