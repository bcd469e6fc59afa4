/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

void conformance_deadline_set (const char *path);
void conformance_deadline_renew (void);
void conformance_deadline_clear (void);

G_END_DECLS
