/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean crowd_run (const char *uri, guint n, GError **error);

G_END_DECLS
