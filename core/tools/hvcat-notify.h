/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Tells the service manager that hvcat listens. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean hvcat_notify_ready (GError **error);

G_END_DECLS
