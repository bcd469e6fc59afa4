/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Writing to the console of Windows. Separate because messages and hvcat's data go there alike. */

#include "tool-console.h"

/* In UTF-16 units. Older systems take no more than 64 KiB at once. */
#define MAX_WRITE 8192

gboolean
tool_console_is (HANDLE handle)
{
  DWORD mode;

  return GetConsoleMode (handle, &mode);
}

/* What is not UTF-8 shows as such. When this returns FALSE, GetLastError() tells why. */
gboolean
tool_console_write (HANDLE console, const char *text, gsize size)
{
  g_autofree char *valid = g_utf8_make_valid (text, (gssize) size);
  glong length;
  g_autofree gunichar2 *wide = g_utf8_to_utf16 (valid, -1, NULL, &length, NULL);
  DWORD n_written;

  for (glong i = 0; i < length; i += (glong) n_written)
    {
      if (!WriteConsoleW (console, wide + i, (DWORD) MIN (length - i, MAX_WRITE), &n_written, NULL))
        return FALSE;
    }
  return TRUE;
}
