/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include "plugin-folder.h"

G_BEGIN_DECLS

PluginFolder *make_folder (void);
void assert_good_serves (HvsockRegistry *registry);
void assert_kept (HvsockPluginInfo *info, int code, const char *file, const char *expected);
void assert_fails (PluginFolder *folder,
                   const char *name,
                   int code,
                   const char *file_name,
                   const char *expected);

G_END_DECLS
