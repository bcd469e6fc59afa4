/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A relay, whatever its streams are, and the scenarios that hold for all of them. Separate because
 * some streams are there on every system, and some on Unix only. */

#include "relay-fixture.h"

#include "streams.h"
#include "waits.h"

#define SIZE (5 * 1024 * 1024 + 77)

/* The peer sends nothing more, and still receives. */
void
relay_side_finish (RelaySide *self)
{
  g_autoptr (GError) error = NULL;

  if (G_IS_SOCKET_CONNECTION (self->peer))
    g_socket_shutdown (g_socket_connection_get_socket (G_SOCKET_CONNECTION (self->peer)), FALSE,
                       TRUE, &error);
  else
    g_output_stream_close (g_io_stream_get_output_stream (self->peer), NULL, &error);
  g_assert_no_error (error);
}

static void
relay_side_clear (RelaySide *self)
{
  g_clear_object (&self->stream);
  g_clear_object (&self->peer);
}

void
relay_fixture_init (RelayFixture *self, RelaySideFunc make_first, RelaySideFunc make_second)
{
  make_first (&self->first);
  make_second (&self->second);
  self->relay = hvsock_relay_new (self->first.stream, self->second.stream);
}

void
relay_fixture_tear_down (RelayFixture *self, gconstpointer data)
{
  g_clear_object (&self->result);
  g_clear_object (&self->relay);
  relay_side_clear (&self->first);
  relay_side_clear (&self->second);
}

void
relay_fixture_run (RelayFixture *self, GCancellable *cancellable)
{
  hvsock_relay_run_async (self->relay, G_PRIORITY_DEFAULT, cancellable, conformance_result_cb,
                          &self->result);
}

void
relay_fixture_wait (RelayFixture *self)
{
  g_autoptr (GError) error = NULL;

  conformance_wait (&self->result);
  hvsock_relay_run_finish (self->relay, self->result, &error);
  g_assert_no_error (error);
}

/* @code is of G_IO_ERROR. */
void
relay_fixture_wait_error (RelayFixture *self, int code)
{
  g_autoptr (GError) error = NULL;

  conformance_wait (&self->result);
  g_assert_false (hvsock_relay_run_finish (self->relay, self->result, &error));
  g_assert_error (error, G_IO_ERROR, code);
}

/* What a peer does meanwhile, and sums of what it sent and received. */
typedef struct
{
  RelaySide *side;
  guint32 seed;
  gsize size;
  GChecksum *sent;
  GChecksum *received;
  GThread *sender;
  GThread *receiver;
} Talk;

/* Random enough, and made faster than /dev/urandom gives it. */
static gpointer
send_all (gpointer data)
{
  Talk *self = data;
  GOutputStream *output = g_io_stream_get_output_stream (self->side->peer);
  g_autoptr (GRand) random = g_rand_new_with_seed (self->seed);
  g_autoptr (GError) error = NULL;
  guint32 words[4096];
  gsize left = self->size;

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    words[i] = g_rand_int (random);
  while (left > 0)
    {
      gsize size = MIN (left, sizeof words - (gsize) g_rand_int_range (random, 0, 1000));

      words[0]++;
      g_checksum_update (self->sent, (guchar *) words, (gssize) size);
      g_output_stream_write_all (output, words, size, NULL, NULL, &error);
      g_assert_no_error (error);
      left -= size;
    }
  relay_side_finish (self->side);
  return NULL;
}

static gpointer
receive_all (gpointer data)
{
  Talk *self = data;
  GInputStream *input = g_io_stream_get_input_stream (self->side->peer);
  g_autoptr (GError) error = NULL;
  guchar bytes[50000];
  gssize n;

  while ((n = g_input_stream_read (input, bytes, sizeof bytes, NULL, &error)) > 0)
    g_checksum_update (self->received, bytes, n);
  g_assert_no_error (error);
  return NULL;
}

static void
talk_start (Talk *self, RelaySide *side, gsize size)
{
  static guint32 seed;

  *self = (Talk){
    .side = side,
    .seed = ++seed,
    .size = size,
    .sent = g_checksum_new (G_CHECKSUM_SHA256),
    .received = g_checksum_new (G_CHECKSUM_SHA256),
  };
  self->sender = g_thread_new ("sender", send_all, self);
  self->receiver = g_thread_new ("receiver", receive_all, self);
}

static void
talk_finish (Talk *self)
{
  g_thread_join (self->sender);
  g_thread_join (self->receiver);
}

static void
talk_clear (Talk *self)
{
  g_checksum_free (self->sent);
  g_checksum_free (self->received);
}

static void
assert_arrived (const Talk *from, const Talk *to)
{
  g_assert_cmpstr (g_checksum_get_string (from->sent), ==, g_checksum_get_string (to->received));
}

/* Runs the relay until the peers have sent that many bytes each, and then their ends. */
void
relay_fixture_exchange (RelayFixture *self, gsize first_size, gsize second_size)
{
  Talk first, second;

  talk_start (&first, &self->first, first_size);
  talk_start (&second, &self->second, second_size);
  relay_fixture_run (self, NULL);
  relay_fixture_wait (self);
  talk_finish (&first);
  talk_finish (&second);

  assert_arrived (&first, &second);
  assert_arrived (&second, &first);
  g_assert_cmpuint (hvsock_relay_get_bytes_from_first (self->relay), ==, first_size);
  g_assert_cmpuint (hvsock_relay_get_bytes_from_second (self->relay), ==, second_size);
  talk_clear (&first);
  talk_clear (&second);
}

void
relay_test_both_ways (RelayFixture *fixture, gconstpointer data)
{
  relay_fixture_exchange (fixture, SIZE, SIZE / 3);
  g_assert_false (
      g_input_stream_has_pending (g_io_stream_get_input_stream (fixture->first.stream)));
}

static void
ended_cb (HvsockRelay *relay,
          GIOStream *from,
          GIOStream *failed,
          const GError *error,
          gpointer user_data)
{
  GPtrArray *ended = user_data;

  g_assert_null (failed);
  g_assert_no_error (error);
  g_ptr_array_add (ended, from);
}

/* The answer comes after the end of the request was passed on. */
void
relay_test_half_close (RelayFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) ended = g_ptr_array_new ();

  g_signal_connect (fixture->relay, "ended", G_CALLBACK (ended_cb), ended);
  relay_fixture_run (fixture, NULL);
  stream_send (fixture->first.peer, "request");
  relay_side_finish (&fixture->first);
  while (ended->len == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (ended->pdata[0] == fixture->first.stream);
  stream_expect (fixture->second.peer, "request");
  stream_expect_end (fixture->second.peer);
  g_assert_null (fixture->result);

  stream_send (fixture->second.peer, "answer");
  relay_side_finish (&fixture->second);
  relay_fixture_wait (fixture);
  stream_expect (fixture->first.peer, "answer");
  stream_expect_end (fixture->first.peer);
  g_assert_cmpuint (ended->len, ==, 2);
}

void
relay_test_cancelled (RelayFixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  relay_fixture_run (fixture, cancellable);
  stream_send (fixture->first.peer, "request");
  while (hvsock_relay_get_bytes_from_first (fixture->relay) == 0)
    g_main_context_iteration (NULL, TRUE);
  stream_expect (fixture->second.peer, "request");
  g_assert_null (fixture->result);
  g_cancellable_cancel (cancellable);
  relay_fixture_wait_error (fixture, G_IO_ERROR_CANCELLED);
}
