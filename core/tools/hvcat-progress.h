/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat --progress: how far it is. */

#pragma once

#include <hvsock/hvsock.h>

G_BEGIN_DECLS

typedef struct _HvcatProgress HvcatProgress;

HvcatProgress *hvcat_progress_watch (HvsockRelay *relay);
void hvcat_progress_leave_line (HvcatProgress *self);
void hvcat_progress_end (HvcatProgress *self);

G_END_DECLS
