/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#if !defined(HVSOCK_INSIDE) && !defined(HVSOCK_COMPILATION)
#  error "Only <hvsock/hvsock.h> and <hvsock/hvsock-plugin.h> can be included directly."
#endif

#include <glib-object.h>
#include <hvsock/hvsock-visibility.h>

G_BEGIN_DECLS

#define HVSOCK_TYPE_GUID (hvsock_guid_get_type ())

typedef struct _HvsockGuid HvsockGuid;

struct _HvsockGuid
{
  guint8 bytes[16];
};

HVSOCK_AVAILABLE_IN_1_0
GType hvsock_guid_get_type (void);

HVSOCK_AVAILABLE_IN_1_0
gboolean hvsock_guid_parse (HvsockGuid *self, const char *text);

HVSOCK_AVAILABLE_IN_1_0
char *hvsock_guid_to_string (const HvsockGuid *self);

HVSOCK_AVAILABLE_IN_1_0
void hvsock_guid_init_from_windows (HvsockGuid *self, const guint8 bytes[16]);

HVSOCK_AVAILABLE_IN_1_0
void hvsock_guid_to_windows (const HvsockGuid *self, guint8 bytes[16]);

HVSOCK_AVAILABLE_IN_1_0
void hvsock_guid_init_from_port (HvsockGuid *self, guint32 port);

HVSOCK_AVAILABLE_IN_1_0
gboolean hvsock_guid_get_port (const HvsockGuid *self, guint32 *port);

HVSOCK_AVAILABLE_IN_1_0
gboolean hvsock_guid_equal (gconstpointer a, gconstpointer b);

HVSOCK_AVAILABLE_IN_1_0
guint hvsock_guid_hash (gconstpointer guid);

HVSOCK_AVAILABLE_IN_1_0
HvsockGuid *hvsock_guid_copy (const HvsockGuid *self);

HVSOCK_AVAILABLE_IN_1_0
void hvsock_guid_free (HvsockGuid *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HvsockGuid, hvsock_guid_free)

G_END_DECLS
