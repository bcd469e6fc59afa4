/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Services of Hyper-V, as far as they are registered on this machine. */

#pragma once

#include <hvsock/hvsock.h>

G_BEGIN_DECLS

char *probe_service_dup_name (const char *guid);
char *probe_service_dup_remedy (const char *uri);

G_END_DECLS
