/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The signals that ask hvcat to end. Separate because each platform has its own. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef void (*HvcatSignalFunc) (gpointer user_data);

void hvcat_signals_watch (HvcatSignalFunc clean_up, gpointer user_data);

G_END_DECLS
