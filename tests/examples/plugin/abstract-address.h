/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <hvsock/hvsock-plugin.h>

G_BEGIN_DECLS

/* Type names are one space for the whole process: choose a prefix of your own. */
#define ABSTRACT_TYPE_ADDRESS (abstract_address_get_type ())
G_DECLARE_FINAL_TYPE (AbstractAddress, abstract_address, ABSTRACT, ADDRESS, HvsockAddress)

HvsockAddress *abstract_address_new_from_uri (const char *uri, GError **error);
const char *abstract_address_get_name (AbstractAddress *self);

G_END_DECLS
