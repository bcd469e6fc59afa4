/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Scenarios of a relay between two connections of the transport, as a forwarder has one: who
 * connected to it speaks with who serves behind it. It may be the system that moves the bytes, or a
 * buffer: nobody is to notice. */

#include "peers.h"
#include "waits.h"

/* In milliseconds. */
#define TIMEOUT 50

typedef struct
{
  ConformancePair front;
  ConformancePair back;
  HvsockRelay *relay;
  GAsyncResult *result;
} Forwarder;

static void
forwarder_init (Forwarder *self, Conformance *conformance)
{
  self->front = conformance_connect (conformance);
  self->back = conformance_connect (conformance);
  self->relay =
      hvsock_relay_new (G_IO_STREAM (self->front.server), G_IO_STREAM (self->back.client));
}

static void
forwarder_clear (Forwarder *self)
{
  g_clear_object (&self->result);
  g_clear_object (&self->relay);
  conformance_pair_clear (&self->front);
  conformance_pair_clear (&self->back);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Forwarder, forwarder_clear)

static void
forwarder_run (Forwarder *self, GCancellable *cancellable)
{
  hvsock_relay_run_async (self->relay, G_PRIORITY_DEFAULT, cancellable, conformance_result_cb,
                          &self->result);
}

static void
forwarder_expect_error (Forwarder *self, int code)
{
  g_autoptr (GError) error = NULL;

  conformance_wait (&self->result);
  g_assert_false (hvsock_relay_run_finish (self->relay, self->result, &error));
  g_assert_error (error, G_IO_ERROR, code);
}

static void
expect_both_ways (Forwarder *self, Conformance *conformance)
{
  conformance_send (conformance, self->front.client, "request");
  conformance_expect (conformance, self->back.server, "request");
  conformance_send (conformance, self->back.server, "answer");
  conformance_expect (conformance, self->front.client, "answer");
}

/* An answer after the end of the request, where the transport can. */
static void
test_half_close (Conformance *self)
{
  g_auto (Forwarder) forwarder = { 0 };
  g_autoptr (GError) error = NULL;

  forwarder_init (&forwarder, self);
  forwarder_run (&forwarder, NULL);
  expect_both_ways (&forwarder, self);
  conformance_end_writing (forwarder.front.client);
  conformance_expect_end (self, forwarder.back.server);
  conformance_send (self, forwarder.back.server, "late answer");
  conformance_end_writing (forwarder.back.server);
  conformance_expect (self, forwarder.front.client, "late answer");
  conformance_expect_end (self, forwarder.front.client);

  conformance_wait (&forwarder.result);
  hvsock_relay_run_finish (forwarder.relay, forwarder.result, &error);
  g_assert_no_error (error);
}

static void
test_cancelled (Conformance *self)
{
  g_auto (Forwarder) forwarder = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  forwarder_init (&forwarder, self);
  forwarder_run (&forwarder, cancellable);
  expect_both_ways (&forwarder, self);
  conformance_cancel (cancellable, &forwarder.result);
  forwarder_expect_error (&forwarder, G_IO_ERROR_CANCELLED);
}

/* Of either connection, or both. */
static void
test_timed_out (Conformance *self)
{
  for (guint i = 1; i <= 3; i++)
    {
      g_auto (Forwarder) forwarder = { 0 };

      forwarder_init (&forwarder, self);
      if ((i & 1) != 0)
        hvsock_connection_set_timeout (forwarder.front.server, TIMEOUT);
      if ((i & 2) != 0)
        hvsock_connection_set_timeout (forwarder.back.client, TIMEOUT);
      forwarder_run (&forwarder, NULL);
      forwarder_expect_error (&forwarder, G_IO_ERROR_TIMED_OUT);
    }
}

void
conformance_add_relay_tests (void)
{
  if (!conformance_backend.lacks_half_close)
    conformance_add_mode ("/relay/half-close", test_half_close, &conformance_async);
  conformance_add_mode ("/relay/cancelled", test_cancelled, &conformance_async);
  conformance_add_mode ("/relay/timed-out", test_timed_out, &conformance_async);
}
