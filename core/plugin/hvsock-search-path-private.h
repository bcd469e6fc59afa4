/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char **hvsock_search_path_split (const char *search_path);
char **hvsock_search_path_get_default (void);

G_END_DECLS
