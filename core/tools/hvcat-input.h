/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Standard input on Windows. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

GInputStream *hvcat_input_new (void);

G_END_DECLS
