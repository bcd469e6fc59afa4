/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A peer that stops reading while a writer waits for room: the system wakes nobody who polls, and
 * the write is to fail all the same. */

#include "ends.h"
#include "waits.h"

#include <string.h>

/* In milliseconds, of what the tests never wait for. */
#define LONG 60000

typedef gssize (*Write) (Ends *ends, GError **error);

static gssize
write_with_timeout (Ends *ends, GError **error)
{
  hvsock_connection_set_timeout (ends->connection, LONG);
  return g_output_stream_write (ends_output (ends), "byte", 4, NULL, error);
}

static gssize
write_with_cancellable (Ends *ends, GError **error)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  return g_output_stream_write (ends_output (ends), "byte", 4, cancellable, error);
}

/* Who uses it goes on waiting for as long as the write would block. */
static gssize
write_pollable (Ends *ends, GError **error)
{
  GPollableOutputStream *output = G_POLLABLE_OUTPUT_STREAM (ends_output (ends));
  gssize n_written;

  for (;;)
    {
      g_autoptr (GError) failure = NULL;

      n_written = g_pollable_output_stream_write_nonblocking (output, "byte", 4, NULL, &failure);
      if (!g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return n_written;
        }
      conformance_wait_writable (ends_output (ends), NULL);
    }
}

static gssize
splice (Ends *ends, GError **error)
{
  g_auto (Ends) source = { 0 };

  ends_init (&source, SOCK_STREAM);
  ends_send (&source, "byte");
  return g_output_stream_splice (ends_output (ends), ends_input (&source), 0, NULL, error);
}

static const struct
{
  const char *path;
  Write write;
} writers[] = {
  { "/stops-reading/timeout", write_with_timeout },
  { "/stops-reading/cancellable", write_with_cancellable },
  { "/stops-reading/async", ends_write_async },
  { "/stops-reading/pollable", write_pollable },
  { "/stops-reading/splice", splice },
};

typedef struct
{
  Ends *ends;
  Write write;
} Writer;

static gpointer
write_in_vain (gpointer data)
{
  Writer *self = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GError) error = NULL;

  g_main_context_push_thread_default (context);
  g_assert_cmpint (self->write (self->ends, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
test_writer (gconstpointer data)
{
  g_auto (Ends) ends = { 0 };
  Writer writer = { &ends, data };
  ConformanceThread *thread;

  ends_init (&ends, SOCK_STREAM);
  ends_fill (&ends);
  thread = conformance_thread_new (write_in_vain, &writer);
  conformance_thread_wait_asleep (thread);
  g_assert_no_errno (shutdown (ends.peer, SHUT_RD));
  conformance_thread_join (thread);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (writers); i++)
    g_test_add_data_func (writers[i].path, writers[i].write, test_writer);
  return g_test_run ();
}
