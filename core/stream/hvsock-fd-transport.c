/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Connecting a descriptor: without blocking, under a deadline, cancellable, and leaving nothing
 * behind. A blocking and an asynchronous connect take the same steps and differ in how they wait.
 */

#include <hvsock/hvsock-fd-transport.h>

#include <hvsock/hvsock-io-error.h>

#include "base/hvsock-deadline-private.h"
#include "base/hvsock-fd-private.h"
#include "stream/hvsock-fd-connection-private.h"
#include "stream/hvsock-wait-source-private.h"
#include "stream/hvsock-wait-private.h"

/**
 * HvsockFdTransport: (skip)
 *
 * A transport whose connections are sockets. A plugin derives from it and implements `open_socket`,
 * which makes a non-blocking, close-on-exec socket and says in a #HvsockSocketTarget where it is to
 * be connected; its error need not name the address. Two more are optional: `get_greeting` gives
 * the bytes that the protocol begins with, which are sent in one write directly after connecting;
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
 * @get_remedy: (nullable): gives a static text on what helps against an errno of connect(2), or
 *   %NULL
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

/* Between two attempts when the queue of a Unix socket is full, in milliseconds. */
#define SHORTEST_PAUSE 1
#define LONGEST_PAUSE  32

G_DEFINE_ABSTRACT_TYPE (HvsockFdTransport, hvsock_fd_transport, HVSOCK_TYPE_TRANSPORT)

typedef struct
{
  HvsockFdTransport *transport;
  HvsockAddress *address;
  guint timeout;
  gint64 deadline;
  HvsockChannel *channel;
  HvsockSocketTarget target;
  gboolean is_under_way; /* connect(2) was called and SO_ERROR will tell */
  guint pause;
} Attempt;

typedef enum
{
  STEP_CONNECTED,
  STEP_FAILED,
  STEP_WAIT_FOR_SOCKET,
  STEP_PAUSE,
} Step;

static Attempt *
attempt_new (HvsockFdTransport *transport, HvsockAddress *address, guint timeout)
{
  Attempt *self = g_new0 (Attempt, 1);

  self->transport = g_object_ref (transport);
  self->address = g_object_ref (address);
  self->timeout = timeout;
  self->deadline = hvsock_deadline_after (timeout);
  self->target.anchor = -1;
  return self;
}

static void
attempt_free (Attempt *self)
{
  g_clear_pointer (&self->channel, hvsock_channel_unref);
  hvsock_fd_clear (&self->target.anchor);
  g_object_unref (self->address);
  g_object_unref (self->transport);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Attempt, attempt_free)

/* What helps against @errsv, as the end of a message. */
static char *
attempt_get_remedy (Attempt *self, int errsv)
{
  HvsockFdTransportClass *klass = HVSOCK_FD_TRANSPORT_GET_CLASS (self->transport);
  const char *remedy = NULL;

  if (klass->get_remedy != NULL)
    remedy = klass->get_remedy (self->transport, self->address, errsv);
  return remedy != NULL ? g_strconcat (": ", remedy, NULL) : g_strdup ("");
}

static Step
attempt_fail (Attempt *self, int errsv, GError **error)
{
  g_autofree char *uri = hvsock_address_to_uri (self->address);
  g_autofree char *remedy = attempt_get_remedy (self, errsv);

  g_set_error (error, G_IO_ERROR, hvsock_io_error_from_connect_errno (errsv),
               "cannot connect to '%s': %s%s", uri, g_strerror (errsv), remedy);
  return STEP_FAILED;
}

static void
attempt_set_timed_out (Attempt *self, GError **error)
{
  g_autofree char *uri = hvsock_address_to_uri (self->address);
  g_autofree char *remedy = attempt_get_remedy (self, ETIMEDOUT);

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
               "cannot connect to '%s': no answer within %u ms%s", uri, self->timeout, remedy);
}

static gboolean
attempt_open (Attempt *self, GError **error)
{
  HvsockFdTransportClass *klass = HVSOCK_FD_TRANSPORT_GET_CLASS (self->transport);
  int fd = klass->open_socket (self->transport, self->address, self->timeout, &self->target, error);

  if (fd < 0)
    {
      g_autofree char *uri = hvsock_address_to_uri (self->address);

      g_prefix_error (error, "cannot connect to '%s': ", uri);
      return FALSE;
    }

  self->channel = hvsock_channel_new (fd);
  return TRUE;
}

/* In one write, which a new socket always has room for. */
static Step
attempt_greet (Attempt *self, GError **error)
{
  HvsockFdTransportClass *klass = HVSOCK_FD_TRANSPORT_GET_CLASS (self->transport);
  char greeting[HVSOCK_GREETING_MAX];
  gsize length;
  gssize sent;

  if (klass->get_greeting == NULL)
    return STEP_CONNECTED;

  length = klass->get_greeting (self->transport, self->address, greeting);
  sent = send (self->channel->fd, greeting, length, hvsock_fd_send_flags);
  if (sent == (gssize) length)
    return STEP_CONNECTED;

  return attempt_fail (self, sent < 0 ? errno : EMSGSIZE, error);
}

/* Goes on as far as it can without waiting. */
static Step
attempt_step (Attempt *self, GError **error)
{
  socklen_t length = sizeof (int);
  int errsv = 0;

  if (self->channel == NULL && !attempt_open (self, error))
    return STEP_FAILED;

  if (self->is_under_way)
    {
      if (getsockopt (self->channel->fd, SOL_SOCKET, SO_ERROR, &errsv, &length) != 0)
        errsv = errno;
    }
  else if (connect (self->channel->fd, (struct sockaddr *) &self->target.native,
                    self->target.length) != 0)
    errsv = errno;

  switch (errsv)
    {
    case 0:
      return attempt_greet (self, error);
    case EINPROGRESS:
    case EINTR:
      self->is_under_way = TRUE;
      return STEP_WAIT_FOR_SOCKET;
    case EAGAIN:
      /* Of a Unix socket whose queue is full: there is nothing to poll for. */
      self->pause = CLAMP (self->pause * 2, SHORTEST_PAUSE, LONGEST_PAUSE);
      return STEP_PAUSE;
    default:
      return attempt_fail (self, errsv, error);
    }
}

static HvsockConnection *
attempt_finish (Attempt *self)
{
  hvsock_fd_set_blocking (self->channel->fd, TRUE);
  return hvsock_fd_connection_new (g_steal_pointer (&self->channel), NULL, self->address);
}

/* How long the next wait may take in milliseconds, and for what. */
static guint
attempt_get_wait (Attempt *self, Step step, GIOCondition *condition)
{
  guint remaining = hvsock_deadline_get_remaining (self->deadline);

  *condition = step == STEP_WAIT_FOR_SOCKET ? G_IO_OUT : 0;
  if (step == STEP_WAIT_FOR_SOCKET)
    return remaining;
  return remaining == 0 ? self->pause : MIN (self->pause, remaining);
}

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
  g_autoptr (Attempt) attempt = NULL;
  Step step;

  /* A transport that brings one of the two forms has the other made of it. */
  if (HVSOCK_TRANSPORT_GET_CLASS (transport)->connect_async != hvsock_fd_transport_connect_async)
    return parent_class->connect (transport, address, timeout, cancellable, error);

  attempt = attempt_new (HVSOCK_FD_TRANSPORT (transport), address, timeout);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  while ((step = attempt_step (attempt, error)) != STEP_CONNECTED)
    {
      GIOCondition condition;
      gboolean is_ready;
      guint wait;

      if (step == STEP_FAILED)
        return NULL;

      wait = attempt_get_wait (attempt, step, &condition);
      is_ready = hvsock_wait (attempt->channel, condition, hvsock_deadline_after (wait),
                              cancellable, NULL);
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      if (!is_ready && hvsock_deadline_has_passed (attempt->deadline))
        {
          attempt_set_timed_out (attempt, error);
          return NULL;
        }
    }

  return attempt_finish (attempt);
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
attempt_run (Attempt *self, GTask *task)
{
  GError *error = NULL;
  GIOCondition condition;
  HvsockWaiter waiter;
  guint wait;
  Step step;

  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error))
    step = STEP_FAILED;
  else
    step = attempt_step (self, &error);

  switch (step)
    {
    case STEP_CONNECTED:
      g_task_return_pointer (task, attempt_finish (self), g_object_unref);
      break;
    case STEP_FAILED:
      attempt_return_error (task, error);
      break;
    case STEP_WAIT_FOR_SOCKET:
    case STEP_PAUSE:
      wait = attempt_get_wait (self, step, &condition);
      waiter = hvsock_waiter_for_task (task, attempt_ready_cb);
      hvsock_wait_source_park (self->channel, condition, wait, &waiter);
      break;
    }
}

static void
attempt_ready_cb (gpointer task, gboolean timed_out)
{
  Attempt *self = g_task_get_task_data (task);

  if (timed_out && hvsock_deadline_has_passed (self->deadline))
    {
      GError *error = NULL;

      attempt_set_timed_out (self, &error);
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
  Attempt *attempt;

  if (HVSOCK_TRANSPORT_GET_CLASS (transport)->connect != hvsock_fd_transport_connect)
    {
      parent_class->connect_async (transport, address, timeout, cancellable, callback, user_data);
      return;
    }

  task = g_task_new (transport, cancellable, callback, user_data);
  attempt = attempt_new (HVSOCK_FD_TRANSPORT (transport), address, timeout);
  g_task_set_source_tag (task, hvsock_fd_transport_connect_async);
  g_task_set_task_data (task, attempt, (GDestroyNotify) attempt_free);
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
