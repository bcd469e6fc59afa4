/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* JSON, as much of it as the Host Compute Service answers with. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Reads an array of objects. Each becomes a GHashTable of those members whose values are texts;
 * other values are checked and left out. Fails with G_IO_ERROR_INVALID_DATA for anything else. */
GPtrArray *hyperv_json_read_objects (const char *json, GError **error);

G_END_DECLS
