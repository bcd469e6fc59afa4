/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#if !defined(HVSOCK_INSIDE) && !defined(HVSOCK_COMPILATION)
#  error "Only <hvsock/hvsock.h> and <hvsock/hvsock-plugin.h> can be included directly."
#endif

#include <gio/gio.h>
#include <hvsock/hvsock-visibility.h>

G_BEGIN_DECLS

typedef enum /*< flags >*/
{
  HVSOCK_FEATURE_NONE = 0,
  HVSOCK_FEATURE_CONNECT = 1 << 0,
  HVSOCK_FEATURE_LISTEN = 1 << 1,
  HVSOCK_FEATURE_STREAM = 1 << 2,
  HVSOCK_FEATURE_SEQPACKET = 1 << 3,
  HVSOCK_FEATURE_HALF_CLOSE = 1 << 4,
  HVSOCK_FEATURE_PEER_ADDRESS = 1 << 5,
} HvsockFeatures;

#define HVSOCK_TYPE_PROBE (hvsock_probe_get_type ())

HVSOCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (HvsockProbe, hvsock_probe, HVSOCK, PROBE, GObject)

HVSOCK_AVAILABLE_IN_1_0
HvsockProbe *hvsock_probe_new_available (HvsockFeatures features);

HVSOCK_AVAILABLE_IN_1_0
HvsockProbe *hvsock_probe_new_unavailable (const char *reason, const char *remedy);

HVSOCK_AVAILABLE_IN_1_0
void hvsock_probe_add_detail (HvsockProbe *self, const char *name, const char *value);

HVSOCK_AVAILABLE_IN_1_0
void hvsock_probe_add_note (HvsockProbe *self, const char *note);

HVSOCK_AVAILABLE_IN_1_0
gboolean hvsock_probe_is_available (HvsockProbe *self);

HVSOCK_AVAILABLE_IN_1_0
HvsockFeatures hvsock_probe_get_features (HvsockProbe *self);

HVSOCK_AVAILABLE_IN_1_0
const char *hvsock_probe_get_reason (HvsockProbe *self);

HVSOCK_AVAILABLE_IN_1_0
const char *hvsock_probe_get_remedy (HvsockProbe *self);

HVSOCK_AVAILABLE_IN_1_0
char **hvsock_probe_list_details (HvsockProbe *self);

HVSOCK_AVAILABLE_IN_1_0
const char *hvsock_probe_get_detail (HvsockProbe *self, const char *name);

HVSOCK_AVAILABLE_IN_1_0
char **hvsock_probe_list_notes (HvsockProbe *self);

G_END_DECLS
