/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The three ways to read and write that GIO's streams have, each made to look like a blocking call,
 * so that a scenario need not be written three times. */

#include "conformance.h"

#include "waits.h"

static gssize
async_read (GInputStream *stream,
            void *buffer,
            gsize count,
            GCancellable *cancellable,
            GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_input_stream_read_async (stream, buffer, count, G_PRIORITY_DEFAULT, cancellable,
                             conformance_result_cb, &result);
  conformance_wait (&result);
  return g_input_stream_read_finish (stream, result, error);
}

static gssize
async_write (GOutputStream *stream,
             const void *buffer,
             gsize count,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_output_stream_write_async (stream, buffer, count, G_PRIORITY_DEFAULT, cancellable,
                               conformance_result_cb, &result);
  conformance_wait (&result);
  return g_output_stream_write_finish (stream, result, error);
}

static gssize
pollable_read (GInputStream *stream,
               void *buffer,
               gsize count,
               GCancellable *cancellable,
               GError **error)
{
  while (TRUE)
    {
      g_autoptr (GError) local_error = NULL;
      gssize n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (stream), buffer,
                                                           count, cancellable, &local_error);

      if (!g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          if (local_error != NULL)
            g_propagate_error (error, g_steal_pointer (&local_error));
          return n;
        }
      conformance_wait_readable (stream, cancellable);
    }
}

static gssize
pollable_write (GOutputStream *stream,
                const void *buffer,
                gsize count,
                GCancellable *cancellable,
                GError **error)
{
  while (TRUE)
    {
      g_autoptr (GError) local_error = NULL;
      gssize n = g_pollable_output_stream_write_nonblocking (
          G_POLLABLE_OUTPUT_STREAM (stream), buffer, count, cancellable, &local_error);

      if (!g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          if (local_error != NULL)
            g_propagate_error (error, g_steal_pointer (&local_error));
          return n;
        }
      conformance_wait_writable (stream, cancellable);
    }
}

const ConformanceMode conformance_blocking = {
  .name = "blocking",
  .read = g_input_stream_read,
  .write = g_output_stream_write,
};

const ConformanceMode conformance_async = {
  .name = "async",
  .read = async_read,
  .write = async_write,
};

const ConformanceMode conformance_pollable = {
  .name = "pollable",
  .read = pollable_read,
  .write = pollable_write,
};
