/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Scenarios of main contexts: callbacks run in the thread-default one of whoever called. */

#include "peers.h"
#include "waits.h"

/* Everything in a context of the thread's own, while nobody runs the default one. */
static void
talk_in_own_context (Conformance *self)
{
  Conformance own = *self;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (HvsockClient) client = conformance_client_new ();
  g_autoptr (GAsyncResult) accepted = NULL;
  g_autoptr (GAsyncResult) connected = NULL;
  g_autoptr (GError) error = NULL;

  g_main_context_push_thread_default (context);
  {
    g_auto (ConformancePair) pair = { NULL, NULL };

    hvsock_listener_accept_async (self->listener, NULL, conformance_result_cb, &accepted);
    hvsock_client_connect_async (client, self->uri, NULL, conformance_result_cb, &connected);
    conformance_wait (&accepted);
    conformance_wait (&connected);
    pair.server = hvsock_listener_accept_finish (self->listener, accepted, &error);
    g_assert_no_error (error);
    pair.client = hvsock_client_connect_finish (client, connected, &error);
    g_assert_no_error (error);

    own.mode = &conformance_async;
    conformance_expect_alive (&own, &pair);
    own.mode = &conformance_pollable;
    conformance_expect_alive (&own, &pair);
  }
  conformance_turn ();
  g_main_context_pop_thread_default (context);
}

static void
test_main_thread (Conformance *self)
{
  talk_in_own_context (self);
}

static gpointer
talk (gpointer data)
{
  talk_in_own_context (data);
  return NULL;
}

static void
test_other_thread (Conformance *self)
{
  g_thread_join (g_thread_new ("context", talk, self));
}

typedef struct
{
  GThread *thread;
  gboolean is_done;
} Expected;

static void
check_thread_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Expected *expected = user_data;

  g_assert_true (g_thread_self () == expected->thread);
  expected->is_done = TRUE;
}

static gpointer
close_listener (gpointer data)
{
  hvsock_listener_close (data);
  return NULL;
}

static gpointer
close_connection (gpointer data)
{
  conformance_close (data);
  return NULL;
}

/* A close from another thread ends the wait here. */
static void
test_closed_elsewhere (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  Expected read = { g_thread_self (), FALSE };
  Expected accept = { g_thread_self (), FALSE };
  GThread *closes_connection, *closes_listener;
  char byte;

  g_input_stream_read_async (conformance_input (pair.client), &byte, 1, G_PRIORITY_DEFAULT, NULL,
                             check_thread_cb, &read);
  hvsock_listener_accept_async (self->listener, NULL, check_thread_cb, &accept);
  conformance_turn ();
  closes_connection = g_thread_new ("close", close_connection, pair.client);
  closes_listener = g_thread_new ("close", close_listener, self->listener);
  conformance_wait_flag (&read.is_done);
  conformance_wait_flag (&accept.is_done);
  g_thread_join (closes_connection);
  g_thread_join (closes_listener);
}

void
conformance_add_context_tests (void)
{
  conformance_add ("/context/main-thread", test_main_thread);
  conformance_add ("/context/other-thread", test_other_thread);
  conformance_add ("/context/closed-elsewhere", test_closed_elsewhere);
}
