/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the built-in schemes share in reading their URIs, above the splitter. */

#pragma once

#include <hvsock/hvsock-uri.h>

/* The option of every scheme. It has one value, which is checked where URIs are split. */
#define HVSOCK_URI_FRAMING "framing"

/* Splits a URI that must have this scheme and no options but the known ones (NULL for none). */
HvsockUri *hvsock_uri_split_for_scheme (const char *text,
                                        const char *scheme,
                                        const char *const *known_options,
                                        GError **error);

/* Reads the port, which all schemes that have one take as a 32-bit number. */
gboolean hvsock_uri_read_port (const HvsockUri *self, guint32 *port, GError **error);
