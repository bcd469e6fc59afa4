/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A tool that runs as a process of its own, with what it wrote. Separate because each of the tests
 * here starts some. All waiting is for events in the default main context; a wait that never ends
 * is ended by the time that Meson gives a test. */

#include "tool-process.h"

#include "tool-pipe.h"

#define CHUNK_SIZE 65536

/* Meson gives the absolute paths of what it built: HVCAT, HVSOCK_PROBE, HVSOCK_STRESS.
 */
char *
tool_path (const char *tool)
{
  g_autofree char *variable = g_strdelimit (g_ascii_strup (tool, -1), "-", '_');
  const char *path = g_getenv (variable);

  if (path == NULL)
    g_error ("%s is not set: run this test by 'meson test'", variable);
  return g_strdup (path);
}

static void read_next (GInputStream *stream, ToolProcess *self);

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  GInputStream *stream = G_INPUT_STREAM (source);
  ToolProcess *self = data;
  gboolean is_output = stream == g_subprocess_get_stdout_pipe (self->process);
  GString *text = is_output ? self->output : self->messages;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_input_stream_read_bytes_finish (stream, result, &error);

  g_assert_no_error (error);
  if (g_bytes_get_size (bytes) > 0)
    {
      g_string_append_len (text, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes));
      read_next (stream, self);
    }
  else if (is_output)
    self->output_ended = TRUE;
  else
    self->messages_ended = TRUE;
}

static void
read_next (GInputStream *stream, ToolProcess *self)
{
  g_input_stream_read_bytes_async (stream, CHUNK_SIZE, G_PRIORITY_DEFAULT, NULL, read_cb, self);
}

static void
exit_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ToolProcess *self = data;
  g_autoptr (GError) error = NULL;

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, &error);
  g_assert_no_error (error);
  self->has_exited = TRUE;
}

ToolProcess *
tool_process_start (GSubprocessLauncher *launcher, const char *const *arguments)
{
  ToolProcess *self = g_new0 (ToolProcess, 1);
  g_autoptr (GError) error = NULL;
  GInputStream *output;

  self->process = g_subprocess_launcher_spawnv (launcher, arguments, &error);
  g_assert_no_error (error);
  tool_pipe_prepare (g_subprocess_get_stdin_pipe (self->process));
  self->output = g_string_new (NULL);
  self->messages = g_string_new (NULL);

  output = g_subprocess_get_stdout_pipe (self->process);
  self->output_ended = output == NULL;
  if (output != NULL)
    read_next (output, self);
  read_next (g_subprocess_get_stderr_pipe (self->process), self);
  g_subprocess_wait_async (self->process, NULL, exit_cb, self);
  return self;
}

/* The arguments up to NULL. */
ToolProcess *
tool_process_start_valist (GSubprocessLauncher *launcher, const char *tool, va_list list)
{
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  g_autofree char *path = tool_path (tool);
  const char *argument;

  g_ptr_array_add (arguments, path);
  while ((argument = va_arg (list, const char *)) != NULL)
    g_ptr_array_add (arguments, (gpointer) argument);
  g_ptr_array_add (arguments, NULL);
  return tool_process_start (launcher, (const char *const *) arguments->pdata);
}

ToolProcess *
tool_process_new (const char *tool, ...)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                 G_SUBPROCESS_FLAGS_STDERR_PIPE);
  ToolProcess *self;
  va_list list;

  va_start (list, tool);
  self = tool_process_start_valist (launcher, tool, list);
  va_end (list);
  return self;
}

/* Whatever the test left running is ended, so that nothing outlives it. */
void
tool_process_free (ToolProcess *self)
{
  if (!self->has_exited)
    g_subprocess_force_exit (self->process);
  tool_process_wait (self);
  g_object_unref (self->process);
  g_string_free (self->output, TRUE);
  g_string_free (self->messages, TRUE);
  g_free (self);
}

/* Small data only: it must fit the pipe. */
void
tool_process_write (ToolProcess *self, GBytes *data)
{
  GOutputStream *input = g_subprocess_get_stdin_pipe (self->process);
  g_autoptr (GError) error = NULL;
  gsize size;
  gconstpointer bytes = g_bytes_get_data (data, &size);

  g_output_stream_write_all (input, bytes, size, NULL, NULL, &error);
  g_assert_no_error (error);
}

void
tool_process_end_input (ToolProcess *self)
{
  g_autoptr (GError) error = NULL;

  g_output_stream_close (g_subprocess_get_stdin_pipe (self->process), NULL, &error);
  g_assert_no_error (error);
}

/* The tool may end before it has read all: whether it should is for the test to say. */
static void
feed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);
  g_output_stream_close (G_OUTPUT_STREAM (source), NULL, NULL);
  g_bytes_unref (data);
}

/* Data of any size, then the end; goes on while the test waits for something. */
void
tool_process_feed (ToolProcess *self, GBytes *data)
{
  gsize size;
  gconstpointer bytes = g_bytes_get_data (data, &size);

  g_output_stream_write_all_async (g_subprocess_get_stdin_pipe (self->process), bytes, size,
                                   G_PRIORITY_DEFAULT, NULL, feed_cb, g_bytes_ref (data));
}

void
tool_process_wait_for_message (ToolProcess *self, const char *text)
{
  while (strstr (self->messages->str, text) == NULL)
    {
      if (self->messages_ended)
        g_error ("no '%s' in the messages: %s", text, self->messages->str);
      g_main_context_iteration (NULL, TRUE);
    }
}

void
tool_process_wait_for_output (ToolProcess *self, gsize size)
{
  while (self->output->len < size)
    {
      if (self->output_ended)
        g_error ("%" G_GSIZE_FORMAT " bytes instead of %" G_GSIZE_FORMAT ": %s", self->output->len,
                 size, self->messages->str);
      g_main_context_iteration (NULL, TRUE);
    }
}

void
tool_process_wait_for_output_end (ToolProcess *self)
{
  while (!self->output_ended)
    g_main_context_iteration (NULL, TRUE);
}

/* Returns the exit status, or as a shell does 128 and the signal that ended it. */
int
tool_process_wait (ToolProcess *self)
{
  while (!self->has_exited || !self->output_ended || !self->messages_ended)
    g_main_context_iteration (NULL, TRUE);
  if (g_subprocess_get_if_signaled (self->process))
    return 128 + g_subprocess_get_term_sig (self->process);
  return g_subprocess_get_exit_status (self->process);
}

void
tool_process_assert_ends (ToolProcess *self, int status, const char *message)
{
  int actual = tool_process_wait (self);

  if (actual != status || (message != NULL && strstr (self->messages->str, message) == NULL))
    g_test_message ("messages: %s", self->messages->str);
  g_assert_cmpint (actual, ==, status);
  if (message != NULL)
    g_assert_nonnull (strstr (self->messages->str, message));
}

void
tool_process_assert_output (ToolProcess *self, GBytes *expected)
{
  g_autoptr (GBytes) actual = g_bytes_new (self->output->str, self->output->len);

  g_assert_cmpuint (g_bytes_get_size (actual), ==, g_bytes_get_size (expected));
  g_assert_true (g_bytes_equal (actual, expected));
}

GBytes *
random_bytes (gsize size, guint32 seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  guint8 *data = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) g_rand_int (rand);
  return g_bytes_new_take (data, size);
}
