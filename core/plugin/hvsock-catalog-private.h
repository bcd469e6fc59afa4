/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include "plugin/hvsock-plugin-slot-private.h"

G_BEGIN_DECLS

typedef struct _HvsockCatalog HvsockCatalog;

HvsockCatalog *hvsock_catalog_new (const char *const *folders);
void hvsock_catalog_free (HvsockCatalog *self);
GPtrArray *hvsock_catalog_list_plugins (HvsockCatalog *self);
HvsockPluginSlot *hvsock_catalog_find (HvsockCatalog *self, HvsockPluginInfo *info);
const GPtrArray *hvsock_catalog_get_candidates (HvsockCatalog *self, const char *scheme);
char *hvsock_catalog_describe (HvsockCatalog *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HvsockCatalog, hvsock_catalog_free)

G_END_DECLS
