/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#if !defined(HVSOCK_INSIDE) && !defined(HVSOCK_COMPILATION)
#  error "Only <hvsock/hvsock.h> and <hvsock/hvsock-plugin.h> can be included directly."
#endif

#include <glib-object.h>
#include <hvsock/hvsock-visibility.h>

G_BEGIN_DECLS

typedef struct _HvsockUri HvsockUri;

HVSOCK_AVAILABLE_IN_1_0
HvsockUri *hvsock_uri_split (const char *text, GError **error);

HVSOCK_AVAILABLE_IN_1_0
void hvsock_uri_free (HvsockUri *self);

HVSOCK_AVAILABLE_IN_1_0
const char *hvsock_uri_get_scheme (const HvsockUri *self);

HVSOCK_AVAILABLE_IN_1_0
const char *hvsock_uri_get_host (const HvsockUri *self);

HVSOCK_AVAILABLE_IN_1_0
const char *hvsock_uri_get_port (const HvsockUri *self);

HVSOCK_AVAILABLE_IN_1_0
const char *hvsock_uri_get_path (const HvsockUri *self);

HVSOCK_AVAILABLE_IN_1_0
const char *hvsock_uri_get_option (const HvsockUri *self, const char *key);

HVSOCK_AVAILABLE_IN_1_0
gboolean hvsock_uri_check_options (const HvsockUri *self, const char *const *known, GError **error);

HVSOCK_AVAILABLE_IN_1_0
char *hvsock_uri_decode_path (const HvsockUri *self, GError **error);

HVSOCK_AVAILABLE_IN_1_0
char *hvsock_uri_encode_path (const char *path);

HVSOCK_AVAILABLE_IN_1_0
gboolean hvsock_uri_parse_number (const char *text, guint64 maximum, guint64 *number);

HVSOCK_AVAILABLE_IN_1_0
void hvsock_uri_set_error (const HvsockUri *self, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HvsockUri, hvsock_uri_free)

G_END_DECLS
