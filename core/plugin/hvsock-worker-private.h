/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean hvsock_worker_start (const char *name,
                              GThreadFunc function,
                              gpointer data,
                              GError **error);

G_END_DECLS
