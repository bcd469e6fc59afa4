/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Virtual machines by name, as the management of Hyper-V knows them. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

void hyperv_powershell_find_async (const char *name,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);

/* An array of HvsockGuid, empty if no machine has the name. Fails with G_IO_ERROR_NOT_SUPPORTED
 * where PowerShell or its module for Hyper-V is missing, G_IO_ERROR_PERMISSION_DENIED, or
 * G_IO_ERROR_FAILED. */
GArray *hyperv_powershell_find_finish (GAsyncResult *result, GError **error);

G_END_DECLS
