/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Where plugins are installed on Windows: what was installed together may be moved together, so
 * that is found from the module that this code is in, libhvsock's DLL or a program that it is
 * linked into. */

#include "plugin/hvsock-builtin-folder-private.h"

#include "plugin/hvsock-plugin-config.h"

#include <windows.h>

/* Of the folder that holds `bin`, or of the module's own if that has another name. */
char *
hvsock_builtin_folder_get (void)
{
  HMODULE module = NULL;
  g_autofree char *prefix = NULL;
  g_autofree char *folder = NULL;

  GetModuleHandleExW (GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                          GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                      (LPCWSTR) hvsock_builtin_folder_get, &module);
  prefix = g_win32_get_package_installation_directory_of_module (module);
  folder = g_build_filename (prefix, HVSOCK_PLUGIN_DIR, NULL);
  return g_canonicalize_filename (folder, NULL);
}
