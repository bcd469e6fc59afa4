/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#if !defined(HVSOCK_INSIDE) && !defined(HVSOCK_COMPILATION)
#  error "Only <hvsock/hvsock.h> and <hvsock/hvsock-plugin.h> can be included directly."
#endif

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _HvsockAddress HvsockAddress;
typedef struct _HvsockConnection HvsockConnection;
typedef struct _HvsockGuid HvsockGuid;
typedef struct _HvsockListener HvsockListener;
typedef struct _HvsockPluginInfo HvsockPluginInfo;
typedef struct _HvsockProbe HvsockProbe;
typedef struct _HvsockRegistry HvsockRegistry;
typedef struct _HvsockTransport HvsockTransport;

G_END_DECLS
