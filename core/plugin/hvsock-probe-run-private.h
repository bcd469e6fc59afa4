/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <hvsock/hvsock-transport.h>

G_BEGIN_DECLS

typedef struct _HvsockProbeRun HvsockProbeRun;

HvsockProbeRun *hvsock_probe_run_start (HvsockTransport *transport, guint timeout, GError **error);
HvsockProbeRun *hvsock_probe_run_ref (HvsockProbeRun *self);
void hvsock_probe_run_unref (HvsockProbeRun *self);
gboolean hvsock_probe_run_is_over (HvsockProbeRun *self);
gboolean hvsock_probe_run_is_given_up (HvsockProbeRun *self);
HvsockProbe *hvsock_probe_run_wait (HvsockProbeRun *self,
                                    gint64 deadline,
                                    GCancellable *cancellable,
                                    GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HvsockProbeRun, hvsock_probe_run_unref)

G_END_DECLS
