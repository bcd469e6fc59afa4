/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* An asynchronous operation of a stream or a listener, and the result that its callback is given.
 */

#pragma once

#include "stream/hvsock-waiter-private.h"

G_BEGIN_DECLS

#define HVSOCK_TYPE_OPERATION (hvsock_operation_get_type ())
G_DECLARE_FINAL_TYPE (HvsockOperation, hvsock_operation, HVSOCK, OPERATION, GObject)

HvsockOperation *hvsock_operation_new (gpointer source,
                                       int priority,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
HvsockOperation *hvsock_operation_renew (HvsockOperation **kept,
                                         gpointer source,
                                         int priority,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
void hvsock_operation_give_up (HvsockOperation **kept);

gpointer hvsock_operation_get_source (HvsockOperation *self);
void hvsock_operation_set_data (HvsockOperation *self, gpointer data);
gpointer hvsock_operation_get_data (HvsockOperation *self);
HvsockWaiter hvsock_operation_wait (HvsockOperation *self, HvsockReadyFunc ready);
gboolean hvsock_operation_is_cancelled (HvsockOperation *self, GError **error);

void hvsock_operation_return (HvsockOperation *self, gssize number, GError *error);
void hvsock_operation_return_object (HvsockOperation *self, gpointer object);

gssize hvsock_operation_finish (GAsyncResult *result, gpointer source, GError **error);
gpointer hvsock_operation_finish_object (GAsyncResult *result, gpointer source, GError **error);

G_END_DECLS
