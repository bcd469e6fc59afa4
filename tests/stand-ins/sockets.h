/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

int socket_file_listen (const char *path);
int socket_file_connect (const char *path);

G_END_DECLS
