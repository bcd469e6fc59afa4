/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What a socket receives, until the receiving is ended. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define HVCAT_TYPE_SOCKET_INPUT (hvcat_socket_input_get_type ())
G_DECLARE_FINAL_TYPE (HvcatSocketInput, hvcat_socket_input, HVCAT, SOCKET_INPUT, GInputStream)

HvcatSocketInput *hvcat_socket_input_new (GInputStream *inner);
void hvcat_socket_input_end (HvcatSocketInput *self);

G_END_DECLS
