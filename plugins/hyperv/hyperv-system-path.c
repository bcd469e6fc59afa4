/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Windows itself is asked where its files are: the environment and the search path belong to
 * whoever started the program. Separate because tests have stand-ins in the place of these files.
 */

#include "hyperv-system-path.h"

#include <windows.h>

char *
hyperv_system_path (const char *name)
{
  wchar_t directory[MAX_PATH];
  g_autofree char *text = NULL;

  /* It always fits: the system directory is "%SystemRoot%\System32". */
  if (GetSystemDirectoryW (directory, G_N_ELEMENTS (directory)) == 0)
    g_error ("no system directory");

  text = g_utf16_to_utf8 ((const gunichar2 *) directory, -1, NULL, NULL, NULL);
  return g_build_filename (text, name, NULL);
}
