/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A listener over a descriptor: what every transport on Unix gives. */

#include "stream/hvsock-fd-listener-private.h"

#include "base/hvsock-deadline-private.h"
#include "base/hvsock-fd-private.h"
#include "stream/hvsock-fd-connection-private.h"
#include "stream/hvsock-operation-private.h"
#include "stream/hvsock-wait-source-private.h"
#include "stream/hvsock-wait-private.h"

/* How long to let be, in milliseconds, when the system has no descriptor or memory for a peer. */
#define PAUSE                   50

#define HVSOCK_TYPE_FD_LISTENER (hvsock_fd_listener_get_type ())
G_DECLARE_FINAL_TYPE (HvsockFdListener, hvsock_fd_listener, HVSOCK, FD_LISTENER, HvsockListener)

struct _HvsockFdListener
{
  HvsockListener parent_instance;

  HvsockChannel *channel;
  GDestroyNotify when_closed;
  gpointer data;
};

G_DEFINE_FINAL_TYPE (HvsockFdListener, hvsock_fd_listener, HVSOCK_TYPE_LISTENER)

/* What to wait for before the next attempt: @condition, or with none the end of a @pause. */
typedef struct
{
  GIOCondition condition;
  guint pause;
} NextAttempt;

/* Says when to try again after accept(2) has failed with @errsv, or returns %FALSE when that will
 * not help. What is neither lasting nor a failure of the peer that was next in the queue, which is
 * gone from there, is a lack of descriptors or memory, or unknown: a pause keeps it from spinning.
 */
static gboolean
plan_next_attempt (int errsv, NextAttempt *next)
{
  switch (errsv)
    {
    case EBADF:
    case EFAULT:
    case EINVAL:
    case ENOTSOCK:
    case EOPNOTSUPP:
      return FALSE;
    case EAGAIN:
    case ECONNABORTED:
    case ECONNRESET:
    case EINTR:
    case EPROTO:
      *next = (NextAttempt){ G_IO_IN, 0 };
      return TRUE;
    default:
      *next = (NextAttempt){ 0, PAUSE };
      return TRUE;
    }
}

/* A Unix socket that another process has shut down always seems to have a peer, and never has. */
static gboolean
is_shut_down (int fd)
{
  GPollFD polled = { .fd = fd };

  return g_poll (&polled, 1, 0) > 0 && (polled.revents & G_IO_HUP) != 0;
}

/* Where a listener hears all of this machine's addresses, the system knows which one was meant. */
static HvsockAddress *
get_address_of_accepted (HvsockFdListener *self)
{
  HvsockAddress *address = hvsock_listener_get_local_address (HVSOCK_LISTENER (self));

  return address != NULL && hvsock_address_is_listen_only (address) ? NULL : address;
}

/* Accepts a peer that waits already. Returns %NULL with @error, or without it when there is none
 * yet, and then says what to wait for. */
static HvsockConnection *
try_accept (HvsockFdListener *self, NextAttempt *next, GError **error)
{
  HvsockAddress *local_address = get_address_of_accepted (self);
  g_autoptr (HvsockAddress) remote_address = NULL;
  struct sockaddr_storage native;
  socklen_t length = sizeof native;
  int fd, errsv;

  if (!hvsock_channel_enter (self->channel, error))
    return NULL;

  fd = hvsock_fd_accept (self->channel->fd, (struct sockaddr *) &native, &length);
  errsv = errno;
  if (fd < 0 && errsv == EAGAIN && is_shut_down (self->channel->fd))
    errsv = EINVAL;
  hvsock_channel_leave (self->channel);

  if (fd >= 0)
    {
      remote_address = hvsock_address_new_from_native (&native, length);
      return hvsock_fd_connection_new (hvsock_channel_new_for_accepted (fd, self->channel),
                                       local_address, remote_address,
                                       hvsock_listener_can_half_close (HVSOCK_LISTENER (self)));
    }

  if (!plan_next_attempt (errsv, next))
    hvsock_channel_set_error (self->channel, "accept", errsv, error);
  return NULL;
}

static HvsockConnection *
hvsock_fd_listener_accept (HvsockListener *listener, GCancellable *cancellable, GError **error)
{
  HvsockFdListener *self = HVSOCK_FD_LISTENER (listener);
  HvsockConnection *connection;
  g_autoptr (GError) failure = NULL;
  NextAttempt next;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  while ((connection = try_accept (self, &next, &failure)) == NULL && failure == NULL)
    {
      gint64 deadline = hvsock_deadline_after (next.pause);

      if (!hvsock_channel_enter (self->channel, error))
        return NULL;
      hvsock_wait (self->channel, next.condition, deadline, cancellable, NULL);
      hvsock_channel_leave (self->channel);
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
    }

  if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  return connection;
}

/* A peer that was accepted is handed over even when the cancellation comes in between. */
static void
accept_ready_cb (gpointer operation, gboolean timed_out)
{
  HvsockFdListener *self = hvsock_operation_get_source (operation);
  HvsockConnection *connection = NULL;
  GError *error = NULL;
  HvsockWaiter waiter;
  NextAttempt next;

  if (!hvsock_operation_is_cancelled (operation, &error))
    connection = try_accept (self, &next, &error);

  if (connection != NULL)
    hvsock_operation_return_object (operation, connection);
  else if (error != NULL)
    hvsock_operation_return (operation, -1, error);
  else
    {
      waiter = hvsock_operation_wait (operation, accept_ready_cb);
      hvsock_wait_source_park (self->channel, next.condition, next.pause, &waiter);
    }
}

static void
hvsock_fd_listener_accept_async (HvsockListener *listener,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autoptr (HvsockOperation) operation =
      hvsock_operation_new (listener, G_PRIORITY_DEFAULT, cancellable, callback, user_data);

  accept_ready_cb (operation, FALSE);
}

static HvsockConnection *
hvsock_fd_listener_accept_finish (HvsockListener *listener, GAsyncResult *result, GError **error)
{
  return hvsock_operation_finish_object (result, listener, error);
}

static void
hvsock_fd_listener_close (HvsockListener *listener)
{
  HvsockFdListener *self = HVSOCK_FD_LISTENER (listener);

  /* First what others see, so that nobody connects to a socket that is about to vanish. */
  if (self->when_closed != NULL)
    self->when_closed (self->data);
  hvsock_channel_close (self->channel);
}

static void
hvsock_fd_listener_finalize (GObject *object)
{
  hvsock_channel_unref (HVSOCK_FD_LISTENER (object)->channel);
  G_OBJECT_CLASS (hvsock_fd_listener_parent_class)->finalize (object);
}

static void
hvsock_fd_listener_class_init (HvsockFdListenerClass *klass)
{
  HvsockListenerClass *listener_class = HVSOCK_LISTENER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = hvsock_fd_listener_finalize;
  listener_class->accept = hvsock_fd_listener_accept;
  listener_class->accept_async = hvsock_fd_listener_accept_async;
  listener_class->accept_finish = hvsock_fd_listener_accept_finish;
  listener_class->close = hvsock_fd_listener_close;
}

static void
hvsock_fd_listener_init (HvsockFdListener *self)
{
}

/* @fd is a non-blocking, close-on-exec listening socket. @when_closed gets @data once. On failure
 * both stay the caller's. */
HvsockListener *
hvsock_fd_listener_new (int fd,
                        HvsockAddress *local_address,
                        GDestroyNotify when_closed,
                        gpointer data,
                        GError **error)
{
  HvsockChannel *channel = hvsock_channel_new_for_listener (fd, error);
  HvsockFdListener *self;

  if (channel == NULL)
    return NULL;

  hvsock_channel_set_addresses (channel, local_address, NULL);
  self = g_object_new (HVSOCK_TYPE_FD_LISTENER, "local-address", local_address, NULL);
  self->channel = channel;
  self->when_closed = when_closed;
  self->data = data;
  return HVSOCK_LISTENER (self);
}

static gboolean
is_listening_socket (int fd, GError **error)
{
  gboolean is_listening = FALSE;
  int errsv = hvsock_fd_is_listening (fd, &is_listening);

  if (errsv != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   "cannot listen on descriptor %d: %s", fd, g_strerror (errsv));
      return FALSE;
    }
  if (!is_listening)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 "cannot listen on descriptor %d: it is not a listening socket", fd);
  return is_listening;
}

/**
 * hvsock_listener_new_for_fd:
 * @fd: a listening socket, which the listener takes over
 * @local_address: (nullable): the address that it listens on, or %NULL to ask the system
 * @error: return location for an error
 *
 * Adopts a listening socket: one that a transport has made, or that was inherited from the process
 * which started this one, as by systemd's socket activation.
 *
 * @fd is made close-on-exec and non-blocking, and is closed with the listener. A socket file that
 * it is bound to is not removed, since somebody else created it. When @fd is no listening socket
 * the call fails with %G_IO_ERROR_INVALID_ARGUMENT, and @fd stays open and the caller's.
 *
 * Returns: (transfer full): a listener
 *
 * Since: 1.0
 */
HvsockListener *
hvsock_listener_new_for_fd (int fd, HvsockAddress *local_address, GError **error)
{
  g_autoptr (HvsockAddress) address = NULL;
  struct sockaddr_storage native;
  socklen_t length = sizeof native;

  g_return_val_if_fail (fd >= 0, NULL);
  g_return_val_if_fail (local_address == NULL || HVSOCK_IS_ADDRESS (local_address), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!is_listening_socket (fd, error))
    return NULL;

  if (local_address != NULL)
    address = g_object_ref (local_address);
  else if (getsockname (fd, (struct sockaddr *) &native, &length) == 0)
    address = hvsock_address_new_from_native (&native, length);

  hvsock_fd_set_cloexec (fd);
  hvsock_fd_set_blocking (fd, FALSE);
  return hvsock_fd_listener_new (fd, address, NULL, NULL, error);
}
