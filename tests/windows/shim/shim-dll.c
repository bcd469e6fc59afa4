/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The stand-in as a ws2_32.dll that is put beside a program. All but what it stands in for goes on
 * to the system's DLL of that name; forwards.py makes the code for it. */

#include "shim-private.h"

#include <wchar.h>

extern FARPROC shim_forwards[];
extern const char *const shim_forward_names[];

static HMODULE
load_system (void)
{
  WCHAR path[MAX_PATH];
  UINT length = GetSystemDirectoryW (path, MAX_PATH);

  wcscpy (path + length, L"\\ws2_32.dll");
  return LoadLibraryExW (path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
}

BOOL WINAPI DllMain (HINSTANCE self, DWORD reason, void *reserved);

BOOL WINAPI
DllMain (HINSTANCE self, DWORD reason, void *reserved)
{
  HMODULE ws2_32;

  if (reason != DLL_PROCESS_ATTACH)
    return TRUE;

  ws2_32 = load_system ();
  if (ws2_32 == NULL || ws2_32 == self)
    return FALSE;
  shim_init (ws2_32);
  for (unsigned i = 0; shim_forward_names[i] != NULL; i++)
    shim_forwards[i] = GetProcAddress (ws2_32, shim_forward_names[i]);
  return TRUE;
}
