/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Virtual machines by name, as the Host Compute Service knows them. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

void hyperv_hcs_find_async (const char *name,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);

/* An array of HvsockGuid, empty if no running machine has the name. Fails with
 * G_IO_ERROR_NOT_SUPPORTED where there is no such service, G_IO_ERROR_PERMISSION_DENIED, or with
 * whatever else keeps its answer from being had or understood. */
GArray *hyperv_hcs_find_finish (GAsyncResult *result, GError **error);

G_END_DECLS
