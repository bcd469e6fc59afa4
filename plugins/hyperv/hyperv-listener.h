/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <hvsock/hvsock-plugin.h>

G_BEGIN_DECLS

HvsockListener *hyperv_listener_new (HvsockAddress *address, GError **error);

G_END_DECLS
