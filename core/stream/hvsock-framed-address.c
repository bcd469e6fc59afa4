/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the library reads of a URI for every transport, so that those that parse URIs of their own
 * have it as well. */

#include "stream/hvsock-transport-private.h"

#include "address/hvsock-address-private.h"

#include <string.h>

/* The rest of @uri is the transport's, and need not have our form. */
static gboolean
asks_for_framing (const char *uri)
{
  const char *options = strchr (uri, '?');

  return options != NULL &&
         (g_str_has_prefix (options, "?framing=") || strstr (options, "&framing=") != NULL);
}

/* Gives @address, which a transport has read from @uri, the framing that @uri asks for. */
HvsockAddress *
hvsock_transport_take_framing (HvsockAddress *address, const char *uri, GError **error)
{
  g_autoptr (HvsockAddress) plain = address;
  g_autoptr (HvsockUri) parts = NULL;

  if (address == NULL || hvsock_address_is_framed (address) || !asks_for_framing (uri))
    return g_steal_pointer (&plain);

  parts = hvsock_uri_split (uri, error);
  return parts != NULL ? hvsock_address_take_framing (g_steal_pointer (&plain), parts) : NULL;
}

/* The same address as @address, which a transport has made anew of a framed one: with the port that
 * the system has found, or with a name looked up. %NULL stays %NULL. */
HvsockAddress *
hvsock_framed_address_new (HvsockTransport *transport, HvsockAddress *address)
{
  g_autofree char *uri = NULL;
  HvsockAddress *framed;

  if (address == NULL)
    return NULL;
  if (hvsock_address_is_framed (address))
    return g_object_ref (address);

  uri = hvsock_address_to_uri (address);
  framed = hvsock_transport_parse_address (transport, uri, NULL);
  if (framed == NULL)
    return g_object_ref (address);

  hvsock_address_set_framed (framed);
  return framed;
}
