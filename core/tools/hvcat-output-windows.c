/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Standard output on Windows. GIO has a stream for handles, but that writes to a file always at its
 * beginning, and to a console in its code page. Writes wait, each in a thread. */

#include "hvcat-output.h"

#include "tool-console.h"

#include <string.h>

/* A character in UTF-8 is not longer. */
#define MAX_CHARACTER 4

struct _HvcatOutput
{
  GOutputStream parent_instance;

  HANDLE handle;
  gboolean close_handle;
  gboolean is_console;
  char beginning[MAX_CHARACTER]; /* of a character whose rest is still to come */
  gsize n_beginning;
};

#define HVCAT_TYPE_OUTPUT (hvcat_output_get_type ())
G_DECLARE_FINAL_TYPE (HvcatOutput, hvcat_output, HVCAT, OUTPUT, GOutputStream)
G_DEFINE_FINAL_TYPE (HvcatOutput, hvcat_output, G_TYPE_OUTPUT_STREAM)

void
hvcat_output_set_error (GError **error, DWORD code)
{
  g_autofree char *message = g_win32_error_message ((int) code);

  g_set_error_literal (error, G_IO_ERROR,
                       code == ERROR_BROKEN_PIPE || code == ERROR_NO_DATA
                           ? G_IO_ERROR_BROKEN_PIPE
                           : g_io_error_from_win32_error ((int) code),
                       message);
}

static gsize
count_incomplete (const char *text, gsize size)
{
  for (gsize n = MIN (MAX_CHARACTER - 1, size); n > 0; n--)
    {
      if (g_utf8_get_char_validated (text + size - n, (gssize) n) == (gunichar) -2)
        return n;
    }
  return 0;
}

/* A character may come in two pieces. */
static gboolean
write_to_console (HvcatOutput *self, const char *bytes, gsize count)
{
  g_autoptr (GString) text = g_string_new_len (self->beginning, (gssize) self->n_beginning);
  gsize n_incomplete;

  g_string_append_len (text, bytes, (gssize) count);
  n_incomplete = count_incomplete (text->str, text->len);
  if (!tool_console_write (self->handle, text->str, text->len - n_incomplete))
    return FALSE;

  memcpy (self->beginning, text->str + text->len - n_incomplete, n_incomplete);
  self->n_beginning = n_incomplete;
  return TRUE;
}

static gssize
write_bytes (GOutputStream *stream,
             const void *buffer,
             gsize count,
             GCancellable *cancellable,
             GError **error)
{
  HvcatOutput *self = HVCAT_OUTPUT (stream);
  DWORD n_written = (DWORD) MIN (count, G_MAXINT);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return -1;
  if (self->is_console ? write_to_console (self, buffer, n_written)
                       : WriteFile (self->handle, buffer, n_written, &n_written, NULL))
    return n_written;
  hvcat_output_set_error (error, GetLastError ());
  return -1;
}

static gboolean
close_stream (GOutputStream *stream, GCancellable *cancellable, GError **error)
{
  HvcatOutput *self = HVCAT_OUTPUT (stream);

  if (!self->close_handle || CloseHandle (self->handle))
    return TRUE;
  hvcat_output_set_error (error, GetLastError ());
  return FALSE;
}

static void
hvcat_output_class_init (HvcatOutputClass *klass)
{
  GOutputStreamClass *stream_class = G_OUTPUT_STREAM_CLASS (klass);

  stream_class->write_fn = write_bytes;
  stream_class->close_fn = close_stream;
}

static void
hvcat_output_init (HvcatOutput *self)
{
}

GOutputStream *
hvcat_output_new (HANDLE handle, gboolean close_handle)
{
  HvcatOutput *self = g_object_new (HVCAT_TYPE_OUTPUT, NULL);

  self->handle = handle;
  self->close_handle = close_handle;
  self->is_console = tool_console_is (handle);
  return G_OUTPUT_STREAM (self);
}
