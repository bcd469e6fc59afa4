/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Standard input and output as a stream. Separate because each platform has its own. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

void hvcat_stdio_init (void);
gboolean hvcat_stdio_is_terminal (void);
GIOStream *hvcat_stdio_open (gboolean close_output);

G_END_DECLS
