/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#if !defined(HVSOCK_INSIDE) && !defined(HVSOCK_COMPILATION)
#  error "Only <hvsock/hvsock.h> and <hvsock/hvsock-plugin.h> can be included directly."
#endif

#include <gio/gio.h>
#include <hvsock/hvsock-visibility.h>

G_BEGIN_DECLS

HVSOCK_AVAILABLE_IN_1_0
GIOErrorEnum hvsock_io_error_from_connect_errno (int errsv);

HVSOCK_AVAILABLE_IN_1_0
GIOErrorEnum hvsock_io_error_from_bind_errno (int errsv);

G_END_DECLS
