/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Where plugins are installed on a Unix, which is known when the library is built. */

#include "plugin/hvsock-builtin-folder-private.h"

#include "plugin/hvsock-plugin-config.h"

char *
hvsock_builtin_folder_get (void)
{
  return g_strdup (HVSOCK_PLUGIN_DIR);
}
