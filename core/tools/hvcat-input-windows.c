/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Standard input on Windows. Reading from a console or a pipe cannot be given up, so a thread reads
 * into memory that belongs to nobody else. A stream that no longer waits for it leaves what comes
 * to the next one, which is that of the next connection. */

#include "hvcat-input.h"

#include "hvcat-output.h"
#include "tool-console.h"

#include <string.h>

#define CHUNK_SIZE (64 * 1024)

/* In UTF-16 units, each of which becomes three bytes at most. */
#define LINE_SIZE    4096

#define END_OF_INPUT 0x1a

struct _HvcatInput
{
  GInputStream parent_instance;
};

#define HVCAT_TYPE_INPUT (hvcat_input_get_type ())
G_DECLARE_FINAL_TYPE (HvcatInput, hvcat_input, HVCAT, INPUT, GInputStream)
G_DEFINE_FINAL_TYPE (HvcatInput, hvcat_input, G_TYPE_INPUT_STREAM)

/* What was read, or an error, and nobody has taken yet. Who is given it has taken it once it has
 * the result: a cancellation in between turns that into an error, and the next one is given the
 * same. */
typedef struct
{
  char bytes[CHUNK_SIZE];
  gssize n_bytes;
  gssize n_taken;
  GError *error;
} Chunk;

/* Who waits for it. */
typedef struct
{
  GTask *task;
  GSource *cancelled; /* NULL if nobody can cancel it */
  void *buffer;
  gsize count;
} Wait;

static Chunk chunk;
static gboolean has_chunk;
static gboolean is_reading;
static Wait waiting;

/* A line, unless it is longer. Ctrl-C ends the reading as well, and hvcat unless that is ignored.
 */
static gboolean
read_line (HANDLE console)
{
  WCHAR line[LINE_SIZE + 1];
  DWORD n_read;
  DWORD n_more = 0;

  do
    {
      SetLastError (ERROR_SUCCESS);
      if (!ReadConsoleW (console, line, LINE_SIZE, &n_read, NULL))
        return FALSE;
    }
  while (n_read == 0 && GetLastError () == ERROR_OPERATION_ABORTED);

  if (n_read > 0 && line[0] == END_OF_INPUT)
    n_read = 0;
  if (n_read == LINE_SIZE && IS_HIGH_SURROGATE (line[n_read - 1]) &&
      !ReadConsoleW (console, line + n_read, 1, &n_more, NULL))
    return FALSE;
  chunk.n_bytes = WideCharToMultiByte (CP_UTF8, 0, line, (int) (n_read + n_more), chunk.bytes,
                                       sizeof chunk.bytes, NULL, NULL);
  return TRUE;
}

/* A pipe ends by an error. Some programs write nothing at all to find out whether they can. */
static gboolean
read_bytes (HANDLE handle)
{
  const gboolean is_pipe = GetNamedPipeInfo (handle, NULL, NULL, NULL, NULL);
  DWORD n_read;

  do
    {
      if (!ReadFile (handle, chunk.bytes, sizeof chunk.bytes, &n_read, NULL) &&
          GetLastError () != ERROR_MORE_DATA)
        return FALSE;
    }
  while (n_read == 0 && is_pipe);
  chunk.n_bytes = n_read;
  return TRUE;
}

static gboolean
is_end (DWORD code)
{
  return code == ERROR_BROKEN_PIPE || code == ERROR_HANDLE_EOF;
}

/* A caller that gave none gave one that is at its end. */
static void
read_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  HANDLE handle = GetStdHandle (STD_INPUT_HANDLE);

  chunk.n_bytes = 0;
  chunk.n_taken = 0;
  if (handle != NULL && handle != INVALID_HANDLE_VALUE &&
      !(tool_console_is (handle) ? read_line (handle) : read_bytes (handle)) &&
      !is_end (GetLastError ()))
    hvcat_output_set_error (&chunk.error, GetLastError ());
  g_task_return_boolean (task, TRUE);
}

static GTask *
end_wait (void)
{
  if (waiting.cancelled != NULL)
    g_source_destroy (waiting.cancelled);
  g_clear_pointer (&waiting.cancelled, g_source_unref);
  return g_steal_pointer (&waiting.task);
}

/* Where both are there. */
static void
give (void)
{
  g_autoptr (GTask) task = NULL;
  gssize n_given;

  if (waiting.task == NULL || !has_chunk)
    return;

  task = end_wait ();
  n_given = MIN (chunk.n_bytes - chunk.n_taken, (gssize) MIN (waiting.count, G_MAXSSIZE));
  memcpy (waiting.buffer, chunk.bytes + chunk.n_taken, (gsize) n_given);
  if (chunk.error != NULL)
    g_task_return_error (task, g_error_copy (chunk.error));
  else
    g_task_return_int (task, n_given);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  is_reading = FALSE;
  has_chunk = TRUE;
  give ();
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GTask) task = end_wait ();

  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

static void
read_async (GInputStream *stream,
            void *buffer,
            gsize count,
            int io_priority,
            GCancellable *cancellable,
            GAsyncReadyCallback callback,
            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (stream, cancellable, callback, user_data);

  g_task_set_source_tag (task, read_async);
  g_task_set_priority (task, io_priority);
  waiting = (Wait){ g_object_ref (task), NULL, buffer, count };
  if (cancellable != NULL)
    {
      waiting.cancelled = g_cancellable_source_new (cancellable);
      g_task_attach_source (task, waiting.cancelled, G_SOURCE_FUNC (cancelled_cb));
    }
  if (!has_chunk && !is_reading)
    {
      g_autoptr (GTask) reading = g_task_new (NULL, NULL, read_cb, NULL);

      is_reading = TRUE;
      g_task_run_in_thread (reading, read_in_thread);
    }
  give ();
}

static gssize
read_finish (GInputStream *stream, GAsyncResult *result, GError **error)
{
  GError *failure = NULL;
  gssize n_given = g_task_propagate_int (G_TASK (result), &failure);

  if (!g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      chunk.n_taken += MAX (n_given, 0);
      has_chunk = chunk.n_taken < chunk.n_bytes;
      g_clear_error (&chunk.error);
    }
  if (failure != NULL)
    g_propagate_error (error, failure);
  return n_given;
}

static void
hvcat_input_class_init (HvcatInputClass *klass)
{
  GInputStreamClass *stream_class = G_INPUT_STREAM_CLASS (klass);

  stream_class->read_async = read_async;
  stream_class->read_finish = read_finish;
}

static void
hvcat_input_init (HvcatInput *self)
{
}

GInputStream *
hvcat_input_new (void)
{
  return g_object_new (HVCAT_TYPE_INPUT, NULL);
}
