/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#if !defined(HVSOCK_INSIDE) && !defined(HVSOCK_COMPILATION)
#  error "Only <hvsock/hvsock.h> and <hvsock/hvsock-plugin.h> can be included directly."
#endif

#include <hvsock/hvsock-visibility.h>

#include <gio/gio.h>

G_BEGIN_DECLS

#define HVSOCK_TYPE_RELAY (hvsock_relay_get_type ())

HVSOCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (HvsockRelay, hvsock_relay, HVSOCK, RELAY, GObject)

HVSOCK_AVAILABLE_IN_1_0
HvsockRelay *hvsock_relay_new (GIOStream *first, GIOStream *second);

HVSOCK_AVAILABLE_IN_1_0
void hvsock_relay_run_async (HvsockRelay *self,
                             int io_priority,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
HVSOCK_AVAILABLE_IN_1_0
gboolean hvsock_relay_run_finish (HvsockRelay *self, GAsyncResult *result, GError **error);

HVSOCK_AVAILABLE_IN_1_0
guint64 hvsock_relay_get_bytes_from_first (HvsockRelay *self);
HVSOCK_AVAILABLE_IN_1_0
guint64 hvsock_relay_get_bytes_from_second (HvsockRelay *self);
HVSOCK_AVAILABLE_IN_1_0
guint hvsock_relay_get_progress_interval (HvsockRelay *self);
HVSOCK_AVAILABLE_IN_1_0
void hvsock_relay_set_progress_interval (HvsockRelay *self, guint interval);

G_END_DECLS
