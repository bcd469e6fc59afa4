/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A GAsyncReadyCallback that keeps the result in its data, a GAsyncResult *. */
void conformance_result_cb (GObject *source, GAsyncResult *result, gpointer user_data);
void conformance_wait (GAsyncResult **result);
void conformance_cancel (GCancellable *cancellable, GAsyncResult **result);

/* A GSourceFunc that sets its data, a gboolean. */
gboolean conformance_flag_cb (gpointer user_data);
void conformance_wait_flag (gboolean *flag);
void conformance_turn (void);

gboolean conformance_pollable_cb (GObject *stream, gpointer user_data);
void conformance_wait_readable (GInputStream *stream, GCancellable *cancellable);
void conformance_wait_writable (GOutputStream *stream, GCancellable *cancellable);

typedef struct _ConformanceThread ConformanceThread;

ConformanceThread *conformance_thread_new (GThreadFunc func, gpointer data);
void conformance_thread_wait_asleep (ConformanceThread *self);
gpointer conformance_thread_join (ConformanceThread *self);

G_END_DECLS
