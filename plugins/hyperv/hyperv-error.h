/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the error codes of Winsock mean. */

#pragma once

#include <gio/gio.h>

#include "hyperv-winsock.h"

G_BEGIN_DECLS

char *hyperv_error_describe (DWORD error);

GIOErrorEnum hyperv_error_from_connect (DWORD error);
GIOErrorEnum hyperv_error_from_bind (DWORD error);
GIOErrorEnum hyperv_error_from_read (DWORD error);
GIOErrorEnum hyperv_error_from_write (DWORD error);

G_END_DECLS
