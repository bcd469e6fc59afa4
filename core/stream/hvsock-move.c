/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Moving between any two streams, through a buffer. Where the system can do it alone, it is asked
 * to first. */

#include "stream/hvsock-move-private.h"

#include "base/hvsock-context-private.h"
#include "stream/hvsock-stream-private.h"

#include <string.h>

/* Also the most that is handed over by hvsock_move_start_copy(). */
#define BUFFER_SIZE (256 * 1024)

typedef struct
{
  HvsockMove *move;
  char *buffer; /* NULL while there is nothing to read */
} Copy;

static void
copy_free (Copy *self)
{
  g_free (self->buffer);
  g_free (self);
}

static void copy_next (GTask *task);

static void
copy_fail (GTask *task, gboolean failed_to_read, GError *error)
{
  Copy *self = g_task_get_task_data (task);

  self->move->failed_to_read = failed_to_read;
  g_task_return_error (task, error);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Copy *self = g_task_get_task_data (task);
  GError *error = NULL;
  gsize n_written;

  g_output_stream_write_all_finish (self->move->to, result, &n_written, &error);
  self->move->n_moved += n_written;
  if (error != NULL)
    copy_fail (task, FALSE, error);
  else
    copy_next (task);
}

/* Takes what reading has given. */
static void
copy_write (GTask *task, gssize n_read, GError *error)
{
  Copy *self = g_task_get_task_data (task);

  if (n_read < 0)
    copy_fail (task, TRUE, error);
  else if (n_read == 0)
    g_task_return_boolean (task, TRUE);
  else
    g_output_stream_write_all_async (self->move->to, self->buffer, (gsize) n_read,
                                     g_task_get_priority (task), g_task_get_cancellable (task),
                                     written_cb, g_object_ref (task));
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  gssize n_read = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  copy_write (task, n_read, error);
}

/* Whoever runs the task's context need not have made it the thread's default, and what is begun
 * here is to be in it. */
static gboolean
readable_cb (GObject *source, gpointer user_data)
{
  GMainContext *context = g_task_get_context (user_data);
  const gboolean has_entered = hvsock_context_enter (context);

  copy_next (user_data);
  hvsock_context_leave (context, has_entered);
  return G_SOURCE_REMOVE;
}

static void
wait_until_readable (GTask *task, GPollableInputStream *from)
{
  g_autoptr (GSource) source =
      g_pollable_input_stream_create_source (from, g_task_get_cancellable (task));

  g_source_set_callback (source, G_SOURCE_FUNC (readable_cb), g_object_ref (task), g_object_unref);
  g_source_set_priority (source, g_task_get_priority (task));
  g_source_attach (source, g_task_get_context (task));
}

/* A stream that can be polled needs no buffer while it waits; but what waits for it knows nothing
 * of time-outs. */
static gboolean
may_poll (HvsockMove *move)
{
  return hvsock_stream_can_poll (move->from) &&
         (move->connection == NULL || hvsock_connection_get_timeout (move->connection) == 0);
}

static void
copy_next (GTask *task)
{
  Copy *self = g_task_get_task_data (task);
  GInputStream *from = self->move->from;
  GError *error = NULL;
  gssize n_read;

  if (self->buffer == NULL)
    self->buffer = g_malloc (BUFFER_SIZE);

  if (!may_poll (self->move))
    {
      g_input_stream_read_async (from, self->buffer, BUFFER_SIZE, g_task_get_priority (task),
                                 g_task_get_cancellable (task), read_cb, g_object_ref (task));
      return;
    }

  n_read =
      g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (from), self->buffer,
                                                BUFFER_SIZE, g_task_get_cancellable (task), &error);
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      copy_write (task, n_read, error);
      return;
    }

  g_error_free (error);
  g_clear_pointer (&self->buffer, g_free);
  wait_until_readable (task, G_POLLABLE_INPUT_STREAM (from));
}

void
hvsock_move_init (HvsockMove *self,
                  HvsockConnection *connection,
                  GInputStream *from,
                  GOutputStream *to)
{
  *self = (HvsockMove){ .from = g_object_ref (from), .to = g_object_ref (to) };
  g_set_object (&self->connection, connection);
}

void
hvsock_move_clear (HvsockMove *self)
{
  g_clear_object (&self->connection);
  g_clear_object (&self->from);
  g_clear_object (&self->to);
}

/* Finishes @task with %TRUE when everything was moved, or with an error. @self outlives it. */
void
hvsock_move_start (HvsockMove *self, GTask *task)
{
  if (!hvsock_move_start_splice (self, task))
    hvsock_move_start_copy (self, task, NULL, 0);
}

/* Moves the @n_first bytes before what is still to be read. */
void
hvsock_move_start_copy (HvsockMove *self, GTask *task, const char *first, gsize n_first)
{
  GMainContext *context = g_task_get_context (task);
  const gboolean has_entered = hvsock_context_enter (context);
  Copy *copy = g_new0 (Copy, 1);

  copy->move = self;
  g_task_set_task_data (task, copy, (GDestroyNotify) copy_free);
  if (n_first > 0)
    {
      copy->buffer = g_malloc (BUFFER_SIZE);
      memcpy (copy->buffer, first, n_first);
      copy_write (task, (gssize) n_first, NULL);
    }
  else
    copy_next (task);
  hvsock_context_leave (context, has_entered);
}
