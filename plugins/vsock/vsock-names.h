/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Which CID the machine of a name has. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* @callback runs in the thread-default main context of the caller, and has no source object. */
void vsock_names_look_up_async (const char *name,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);

/* Fails with G_IO_ERROR_NOT_FOUND if no machine has the name, or the one that has it has no CID or
 * none that is told; G_IO_ERROR_NOT_SUPPORTED if nobody here knows names, for lack of the bus or of
 * systemd-machined; G_IO_ERROR_PERMISSION_DENIED, G_IO_ERROR_CANCELLED, or G_IO_ERROR_FAILED. */
gboolean vsock_names_look_up_finish (GAsyncResult *result, guint32 *cid, GError **error);

G_END_DECLS
