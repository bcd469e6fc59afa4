/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the classes of addresses share in their making. */

#pragma once

#include <hvsock/hvsock-address.h>
#include <hvsock/hvsock-uri.h>

/* An address never changes, so each of its properties is set once, when it is made. */
#define HVSOCK_ADDRESS_PARAM_FLAGS                                                                 \
  (G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS)

/* An address that nobody else has yet. */
void hvsock_address_set_framed (HvsockAddress *address);

/* Gives @address, which nobody else has yet, the framing that its URI asks for, and returns it. */
HvsockAddress *hvsock_address_take_framing (HvsockAddress *address, const HvsockUri *parts);
