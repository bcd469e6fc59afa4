/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The framing that an address asks for, put around what its transport gives: so no transport need
 * know of it. */

#include "client/hvsock-client-private.h"

#include <hvsock/hvsock-framed-connection.h>

#include "stream/hvsock-framed-listener-private.h"
#include "stream/hvsock-transport-private.h"

/* Takes @connection, which may be %NULL, and was made for @address. */
HvsockConnection *
hvsock_framing_wrap_connection (HvsockTransport *transport,
                                HvsockAddress *address,
                                HvsockConnection *connection)
{
  g_autoptr (HvsockConnection) base = connection;
  g_autoptr (HvsockAddress) remote_address = NULL;

  if (base == NULL || !hvsock_address_is_framed (address))
    return g_steal_pointer (&base);

  remote_address =
      hvsock_framed_address_new (transport, hvsock_connection_get_remote_address (base));
  return g_object_new (HVSOCK_TYPE_FRAMED_CONNECTION, "base", base, "remote-address",
                       remote_address, NULL);
}

/* Likewise. */
HvsockListener *
hvsock_framing_wrap_listener (HvsockTransport *transport,
                              HvsockAddress *address,
                              HvsockListener *listener)
{
  g_autoptr (HvsockAddress) local_address = NULL;

  if (listener == NULL || !hvsock_address_is_framed (address))
    return listener;

  local_address =
      hvsock_framed_address_new (transport, hvsock_listener_get_local_address (listener));
  return hvsock_framed_listener_new (listener, local_address);
}
