/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#if !defined(HVSOCK_INSIDE) && !defined(HVSOCK_COMPILATION)
#  error "Only <hvsock/hvsock.h> and <hvsock/hvsock-plugin.h> can be included directly."
#endif

#include <gio/gio.h>
#include <hvsock/hvsock-visibility.h>

G_BEGIN_DECLS

typedef enum
{
  HVSOCK_ERROR_INVALID_URI,
  HVSOCK_ERROR_NO_TRANSPORT,
  HVSOCK_ERROR_UNAVAILABLE,
  HVSOCK_ERROR_PLUGIN_INVALID,
  HVSOCK_ERROR_PLUGIN_INCOMPATIBLE,
} HvsockError;

#define HVSOCK_ERROR (hvsock_error_quark ())

HVSOCK_AVAILABLE_IN_1_0
GQuark hvsock_error_quark (void);

G_END_DECLS
