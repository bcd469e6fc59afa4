/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Which virtual machine has a name. */

#pragma once

#include <hvsock/hvsock.h>

G_BEGIN_DECLS

/* @callback runs in the thread-default main context of the caller, and has no source object. */
void hyperv_names_look_up_async (const char *name,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);

/* Fails with G_IO_ERROR_NOT_FOUND if no machine has the name, G_IO_ERROR_INVALID_ARGUMENT if
 * several have it, G_IO_ERROR_PERMISSION_DENIED, G_IO_ERROR_NOT_SUPPORTED if nothing here knows
 * names, G_IO_ERROR_CANCELLED, or G_IO_ERROR_FAILED. */
gboolean hyperv_names_look_up_finish (GAsyncResult *result, HvsockGuid *vm_id, GError **error);

G_END_DECLS
