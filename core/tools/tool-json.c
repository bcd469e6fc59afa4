/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Text in the JSON that a tool prints. Separate because more than one tool prints some. */

#include "tool-json.h"

/* As one or two units of UTF-16, which any character set can hold. */
static void
append_escaped (GString *json, gunichar c)
{
  if (c < 0x10000)
    g_string_append_printf (json, "\\u%04x", c);
  else
    g_string_append_printf (json, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
                            0xdc00 + (c & 0x3ff));
}

/* JSON wants UTF-8. What files hold may be anything, and printing converts to the locale's set. */
void
tool_json_append_string (GString *json, const char *text)
{
  g_autofree char *valid = NULL;

  if (text == NULL)
    {
      g_string_append (json, "null");
      return;
    }

  valid = g_utf8_make_valid (text, -1);
  g_string_append_c (json, '"');
  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      const gunichar c = g_utf8_get_char (p);

      if (c == '"' || c == '\\')
        g_string_append_printf (json, "\\%c", *p);
      else if (c >= 0x20 && c < 0x7f)
        g_string_append_c (json, *p);
      else
        append_escaped (json, c);
    }
  g_string_append_c (json, '"');
}
