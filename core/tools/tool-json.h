/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Text in the JSON that a tool prints. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

void tool_json_append_string (GString *json, const char *text);

G_END_DECLS
