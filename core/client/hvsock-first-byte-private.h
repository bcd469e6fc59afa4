/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <hvsock/hvsock-connection.h>

G_BEGIN_DECLS

typedef void (*HvsockFirstByteFunc) (HvsockConnection *connection,
                                     gboolean has_spoken,
                                     gpointer data);

void hvsock_first_byte_await (HvsockConnection *connection,
                              guint timeout,
                              HvsockFirstByteFunc func,
                              gpointer data,
                              GDestroyNotify destroy);

G_END_DECLS
