/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The module @file of the fixtures, as one that can be linked into a temporary folder. */
char *plugin_folder_find_fixture (const char *file);
void plugin_folder_link (const char *fixture, const char *path);
void plugin_folder_remove (const char *path);

G_END_DECLS
