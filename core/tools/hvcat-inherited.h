/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Listening sockets that whoever started hvcat has made for it. */

#pragma once

#include <hvsock/hvsock.h>

G_BEGIN_DECLS

GPtrArray *hvcat_inherited_listen (GError **error);

G_END_DECLS
