/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Standard output on Windows. */

#pragma once

#include <gio/gio.h>
#include <windows.h>

G_BEGIN_DECLS

GOutputStream *hvcat_output_new (HANDLE handle, gboolean close_handle);
void hvcat_output_set_error (GError **error, DWORD code);

G_END_DECLS
