/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <hvsock/hvsock-plugin.h>

G_BEGIN_DECLS

GType no_connection_get_type (void);

G_END_DECLS
