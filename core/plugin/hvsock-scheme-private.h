/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean hvsock_scheme_is_valid (const char *scheme);
char *hvsock_scheme_from_uri (const char *uri, GError **error);

G_END_DECLS
