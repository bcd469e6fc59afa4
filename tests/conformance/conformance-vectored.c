/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Scenarios of writing many buffers with one call. */

#include "lanes.h"

#include "waits.h"

/* More vectors than a system takes at once (IOV_MAX is 1024 on Linux), and more bytes. */
#define N_SMALL       3000
#define LARGEST_SMALL 37
#define N_LARGE       5

typedef struct
{
  GOutputVector *vectors;
  gsize n_vectors;
  gsize size;
} Vectors;

static void
vectors_clear (Vectors *self)
{
  g_free (self->vectors);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Vectors, vectors_clear)

static Vectors
make_small_vectors (void)
{
  Vectors self = { g_new (GOutputVector, N_SMALL), N_SMALL, 0 };

  for (gsize i = 0; i < N_SMALL; i++)
    {
      gsize size = i % (LARGEST_SMALL + 1);

      self.vectors[i] = (GOutputVector){ conformance_get_random_bytes () + self.size, size };
      self.size += size;
    }
  return self;
}

static Vectors
make_large_vectors (void)
{
  Vectors self = { g_new (GOutputVector, N_LARGE), N_LARGE, 0 };

  for (gsize i = 0; i < N_LARGE; i++)
    {
      gsize size = CONFORMANCE_MOST / N_LARGE + (i == N_LARGE - 1 ? CONFORMANCE_MOST % N_LARGE : 0);

      self.vectors[i] = (GOutputVector){ conformance_get_random_bytes () + self.size, size };
      self.size += size;
    }
  return self;
}

/* What remains after @written bytes, as g_output_stream_writev_all() has it. */
static void
skip (GOutputVector **vectors, gsize *n_vectors, gsize written)
{
  while (*n_vectors > 0 && written >= (*vectors)[0].size)
    {
      written -= (*vectors)[0].size;
      (*vectors)++;
      (*n_vectors)--;
    }
  if (written > 0)
    {
      (*vectors)[0].buffer = (const guint8 *) (*vectors)[0].buffer + written;
      (*vectors)[0].size -= written;
    }
}

typedef gboolean (*WriteFunc) (GOutputStream *stream,
                               GOutputVector *vectors,
                               gsize n_vectors,
                               gsize *written,
                               GError **error);

static gboolean
write_one (GOutputStream *stream,
           GOutputVector *vectors,
           gsize n_vectors,
           gsize *written,
           GError **error)
{
  return g_output_stream_writev (stream, vectors, n_vectors, written, NULL, error);
}

static gboolean
write_all (GOutputStream *stream,
           GOutputVector *vectors,
           gsize n_vectors,
           gsize *written,
           GError **error)
{
  return g_output_stream_writev_all (stream, vectors, n_vectors, written, NULL, error);
}

static gboolean
write_async (GOutputStream *stream,
             GOutputVector *vectors,
             gsize n_vectors,
             gsize *written,
             GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_output_stream_writev_async (stream, vectors, n_vectors, G_PRIORITY_DEFAULT, NULL,
                                conformance_result_cb, &result);
  conformance_wait (&result);
  return g_output_stream_writev_finish (stream, result, written, error);
}

static gboolean
write_all_async (GOutputStream *stream,
                 GOutputVector *vectors,
                 gsize n_vectors,
                 gsize *written,
                 GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_output_stream_writev_all_async (stream, vectors, n_vectors, G_PRIORITY_DEFAULT, NULL,
                                    conformance_result_cb, &result);
  conformance_wait (&result);
  return g_output_stream_writev_all_finish (stream, result, written, error);
}

static gboolean
write_pollable (GOutputStream *stream,
                GOutputVector *vectors,
                gsize n_vectors,
                gsize *written,
                GError **error)
{
  GPollableOutputStream *pollable = G_POLLABLE_OUTPUT_STREAM (stream);
  GPollableReturn result;

  while ((result = g_pollable_output_stream_writev_nonblocking (
              pollable, vectors, n_vectors, written, NULL, error)) == G_POLLABLE_RETURN_WOULD_BLOCK)
    conformance_wait_writable (stream, NULL);
  return result == G_POLLABLE_RETURN_OK;
}

static void
write_vectors (Conformance *self, Vectors *vectors, WriteFunc write)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  ConformanceLane *lane = conformance_receive_in_thread (pair.server, vectors->size);
  GOutputVector *rest = vectors->vectors;
  gsize n_rest = vectors->n_vectors;
  g_autoptr (GError) error = NULL;

  for (gsize total = 0; total < vectors->size;)
    {
      gsize written = 0;

      g_assert_true (write (conformance_output (pair.client), rest, n_rest, &written, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (written, >, 0);
      total += written;
      if (write == write_all || write == write_all_async)
        g_assert_cmpuint (total, ==, vectors->size);
      else
        skip (&rest, &n_rest, written);
    }

  conformance_end_writing (pair.client);
  conformance_received (lane);
}

static void
write_each (Conformance *self, WriteFunc write)
{
  g_auto (Vectors) small = make_small_vectors ();
  g_auto (Vectors) large = make_large_vectors ();

  write_vectors (self, &small, write);
  write_vectors (self, &large, write);
}

static void
test_one (Conformance *self)
{
  write_each (self, write_one);
}

static void
test_all (Conformance *self)
{
  write_each (self, write_all);
}

static void
test_async (Conformance *self)
{
  write_each (self, write_async);
}

static void
test_all_async (Conformance *self)
{
  write_each (self, write_all_async);
}

static void
test_pollable (Conformance *self)
{
  write_each (self, write_pollable);
}

void
conformance_add_vectored_tests (void)
{
  conformance_add ("/connection/vectored/blocking", test_one);
  conformance_add ("/connection/vectored/blocking-all", test_all);
  conformance_add ("/connection/vectored/async", test_async);
  conformance_add ("/connection/vectored/async-all", test_all_async);
  conformance_add ("/connection/vectored/pollable", test_pollable);
}
