/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Connecting a descriptor: without blocking, under a deadline, cancellable, and leaving nothing
 * behind. A blocking and an asynchronous connect take the same steps (hvsock-fd-attempt.c) and
 * differ in how they wait. */

#include "stream/hvsock-fd-attempt-private.h"

#include "base/hvsock-deadline-private.h"
#include "stream/hvsock-wait-source-private.h"
#include "stream/hvsock-wait-private.h"

/**
 * HvsockFdTransport: (skip)
 *
 * A transport whose connections are sockets. A plugin derives from it and implements `open_socket`,
 * which makes a non-blocking, close-on-exec socket and says in a #HvsockSocketTarget where it is to
 * be connected; its error need not name the address. The others are optional: `get_greeting` gives
 * the bytes that the protocol begins with, which are sent in one write directly after connecting;
 * `parse_reply` looks at what the peer answers to them, before anything else is sent or read;
 * `get_remedy` tells what helps against an error of connect(2), for the message.
 *
 * Since: 1.0
 */

/**
 * HvsockFdTransportClass: (skip)
 * @open_socket: makes the socket that is to be connected to an address, and fills in where; returns
 *   a non-blocking, close-on-exec descriptor, or -1 with an error. The time-out is that of the
 *   whole attempt in milliseconds, 0 for none, for systems that keep one of their own. Must be
 *   implemented
 * @get_greeting: (nullable): writes what the protocol begins with and returns its length in bytes,
 *   at most %HVSOCK_GREETING_MAX
 * @parse_reply: (nullable): is given the answer as far as it has come, which may be too short or be
 *   followed by the first bytes of the stream; returns the length of the answer, or 0 to wait for
 *   more of it, or -1 with an error that need not name the address. An answer has at most
 *   %HVSOCK_REPLY_MAX bytes. A peer that hangs up before it is complete has refused: that is the
 *   errno `ECONNRESET` to @get_remedy
 * @get_remedy: (nullable): gives a static text on what helps against an errno of connect(2), or
 *   %NULL
 * @lacks_half_close: whether the peer may end both directions when one is closed: the connections
 *   then refuse to close one alone. Those of a listener do so where its
 *   [property@Listener:can-half-close] says so
 *
 * The virtual functions of #HvsockFdTransport. They may be called from any thread.
 *
 * Since: 1.0
 */

/**
 * HvsockSocketTarget: (skip)
 * @native: where to connect the socket
 * @length: how many bytes of @native count
 * @anchor: a descriptor that @native needs until the socket is connected, which is closed then; -1,
 *   as it is set beforehand, for none
 *
 * Where a socket is to be connected.
 *
 * Since: 1.0
 */

/**
 * HVSOCK_GREETING_MAX: (skip)
 *
 * The room for a greeting, in bytes.
 *
 * Since: 1.0
 */

/**
 * HVSOCK_REPLY_MAX: (skip)
 *
 * The room for the answer to a greeting, in bytes.
 *
 * Since: 1.0
 */

G_DEFINE_ABSTRACT_TYPE (HvsockFdTransport, hvsock_fd_transport, HVSOCK_TYPE_TRANSPORT)

static void hvsock_fd_transport_connect_async (HvsockTransport *transport,
                                               HvsockAddress *address,
                                               guint timeout,
                                               GCancellable *cancellable,
                                               GAsyncReadyCallback callback,
                                               gpointer user_data);

static HvsockConnection *
hvsock_fd_transport_connect (HvsockTransport *transport,
                             HvsockAddress *address,
                             guint timeout,
                             GCancellable *cancellable,
                             GError **error)
{
  HvsockTransportClass *parent_class = HVSOCK_TRANSPORT_CLASS (hvsock_fd_transport_parent_class);
  g_autoptr (HvsockFdAttempt) attempt = NULL;
  HvsockStep step;

  /* A transport that brings one of the two forms has the other made of it. */
  if (HVSOCK_TRANSPORT_GET_CLASS (transport)->connect_async != hvsock_fd_transport_connect_async)
    return parent_class->connect (transport, address, timeout, cancellable, error);

  attempt = hvsock_fd_attempt_new (HVSOCK_FD_TRANSPORT (transport), address, timeout);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  while ((step = hvsock_fd_attempt_step (attempt, error)) != HVSOCK_STEP_CONNECTED)
    {
      GIOCondition condition;
      gboolean is_ready;
      guint wait;

      if (step == HVSOCK_STEP_FAILED)
        return NULL;

      wait = hvsock_fd_attempt_get_wait (attempt, step, &condition);
      is_ready = hvsock_wait (hvsock_fd_attempt_get_channel (attempt), condition,
                              hvsock_deadline_after (wait), cancellable, NULL);
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      if (!is_ready && hvsock_fd_attempt_is_late (attempt))
        {
          hvsock_fd_attempt_set_timed_out (attempt, error);
          return NULL;
        }
    }

  return hvsock_fd_attempt_finish (attempt);
}

static void attempt_ready_cb (gpointer task, gboolean timed_out);

/* The attempt is gone before anybody hears of its end, and its socket with it. */
static void
attempt_return_error (GTask *task, GError *error)
{
  g_task_set_task_data (task, NULL, NULL);
  g_task_return_error (task, error);
}

static void
attempt_run (HvsockFdAttempt *self, GTask *task)
{
  GError *error = NULL;
  GIOCondition condition;
  HvsockWaiter waiter;
  guint wait;
  HvsockStep step;

  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error))
    step = HVSOCK_STEP_FAILED;
  else
    step = hvsock_fd_attempt_step (self, &error);

  switch (step)
    {
    case HVSOCK_STEP_CONNECTED:
      g_task_return_pointer (task, hvsock_fd_attempt_finish (self), g_object_unref);
      break;
    case HVSOCK_STEP_FAILED:
      attempt_return_error (task, error);
      break;
    case HVSOCK_STEP_WAIT_FOR_SOCKET:
    case HVSOCK_STEP_WAIT_FOR_REPLY:
    case HVSOCK_STEP_PAUSE:
      wait = hvsock_fd_attempt_get_wait (self, step, &condition);
      waiter = hvsock_waiter_for_task (task, attempt_ready_cb);
      hvsock_wait_source_park (hvsock_fd_attempt_get_channel (self), condition, wait, &waiter);
      break;
    }
}

static void
attempt_ready_cb (gpointer task, gboolean timed_out)
{
  HvsockFdAttempt *self = g_task_get_task_data (task);

  if (timed_out && hvsock_fd_attempt_is_late (self))
    {
      GError *error = NULL;

      hvsock_fd_attempt_set_timed_out (self, &error);
      attempt_return_error (task, error);
    }
  else
    attempt_run (self, task);
}

static void
hvsock_fd_transport_connect_async (HvsockTransport *transport,
                                   HvsockAddress *address,
                                   guint timeout,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  HvsockTransportClass *parent_class = HVSOCK_TRANSPORT_CLASS (hvsock_fd_transport_parent_class);
  g_autoptr (GTask) task = NULL;
  HvsockFdAttempt *attempt;

  if (HVSOCK_TRANSPORT_GET_CLASS (transport)->connect != hvsock_fd_transport_connect)
    {
      parent_class->connect_async (transport, address, timeout, cancellable, callback, user_data);
      return;
    }

  task = g_task_new (transport, cancellable, callback, user_data);
  attempt = hvsock_fd_attempt_new (HVSOCK_FD_TRANSPORT (transport), address, timeout);
  g_task_set_source_tag (task, hvsock_fd_transport_connect_async);
  g_task_set_task_data (task, attempt, (GDestroyNotify) hvsock_fd_attempt_free);
  attempt_run (attempt, task);
}

static void
hvsock_fd_transport_class_init (HvsockFdTransportClass *klass)
{
  HvsockTransportClass *transport_class = HVSOCK_TRANSPORT_CLASS (klass);

  transport_class->connect = hvsock_fd_transport_connect;
  transport_class->connect_async = hvsock_fd_transport_connect_async;
}

static void
hvsock_fd_transport_init (HvsockFdTransport *self)
{
}
