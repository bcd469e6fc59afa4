/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* One read or write of a stream, in each of the ways in which GIO can ask for it. All of them try
 * first and wait only when the system says that it would block. */

#include "stream/hvsock-transfer-private.h"

#include "base/hvsock-deadline-private.h"
#include "base/hvsock-fd-private.h"
#include "stream/hvsock-message-private.h"
#include "stream/hvsock-reactor-private.h"
#include "stream/hvsock-wait-private.h"

#include <limits.h>
#include <sys/uio.h>

G_STATIC_ASSERT (sizeof (GOutputVector) == sizeof (struct iovec));
G_STATIC_ASSERT (G_STRUCT_OFFSET (GOutputVector, buffer) ==
                 G_STRUCT_OFFSET (struct iovec, iov_base));
G_STATIC_ASSERT (G_STRUCT_OFFSET (GOutputVector, size) == G_STRUCT_OFFSET (struct iovec, iov_len));

static gssize
attempt_write (const HvsockTransfer *self, int flags)
{
  struct msghdr message = { 0 };

  flags |= hvsock_fd_send_flags;
  if (self->n_vectors == 1)
    return send (self->channel->fd, self->vectors[0].buffer, self->vectors[0].size, flags);

  /* A stream may take a part; a message is whole or refused. */
  message.msg_iov = (struct iovec *) self->vectors;
  message.msg_iovlen = self->channel->is_message ? self->n_vectors : MIN (self->n_vectors, IOV_MAX);
  return sendmsg (self->channel->fd, &message, flags);
}

static gssize
attempt_read (const HvsockTransfer *self, int flags)
{
  const GOutputVector *into = self->vectors;
  gssize n_read;

  if (!self->channel->is_message)
    return recv (self->channel->fd, (void *) into->buffer, into->size, flags);

  /* The system drops what does not fit of a message: the length tells whether it did. */
  n_read = recv (self->channel->fd, (void *) into->buffer, into->size, flags | MSG_TRUNC);
  if (n_read > (gssize) into->size)
    {
      errno = EMSGSIZE;
      return -1;
    }
  return n_read;
}

/* Returns what was moved, or -1 with errno. */
static gssize
attempt (const HvsockTransfer *self, gboolean may_block)
{
  const int flags = may_block ? 0 : MSG_DONTWAIT;
  gssize moved;

  do
    moved = self->condition == G_IO_IN ? attempt_read (self, flags) : attempt_write (self, flags);
  while (moved < 0 && errno == EINTR);

  return moved;
}

static const char *
get_operation (const HvsockTransfer *self)
{
  return self->condition == G_IO_IN ? "read from" : "write to";
}

static gboolean
would_block (int errsv)
{
  return errsv == EAGAIN || errsv == EWOULDBLOCK;
}

static gboolean
sends_in_parts (const HvsockTransfer *self)
{
  return self->condition == G_IO_OUT && self->channel->sends_in_parts;
}

/* AF_VSOCK says ENOMEM of a message above the size of its buffer. */
static gboolean
is_too_long (const HvsockTransfer *self, int errsv)
{
  return self->channel->is_message && (errsv == EMSGSIZE || errsv == ENOMEM);
}

/* What came of an attempt. A channel that was closed meanwhile reads as if it had ended. */
static gssize
conclude (const HvsockTransfer *self, gssize moved, int errsv, GError **error)
{
  if (moved > 0)
    return moved;

  if (hvsock_channel_is_closed (self->channel))
    {
      hvsock_channel_set_closed_error (self->channel, error);
      return -1;
    }

  if (moved == 0)
    return 0;

  if (self->condition == G_IO_IN &&
      (errsv = hvsock_channel_get_read_error (self->channel, errsv)) == 0)
    return 0;
  if (is_too_long (self, errsv))
    errsv = EMSGSIZE;
  hvsock_channel_set_error (self->channel, get_operation (self), errsv, error);
  return -1;
}

/* Returns %TRUE when it is time for another attempt. */
static gboolean
transfer_wait (const HvsockTransfer *self,
               gint64 deadline,
               GCancellable *cancellable,
               GError **error)
{
  const gint64 end = hvsock_wait_get_end (self->condition, deadline);
  GError *failure = NULL;

  if (hvsock_wait (self->channel, self->condition, end, cancellable, &failure))
    return TRUE;

  if (end < deadline && g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    {
      g_error_free (failure);
      return TRUE;
    }
  g_propagate_error (error, failure);
  hvsock_channel_prefix_error (self->channel, get_operation (self), error);
  return FALSE;
}

/* Blocks until the message is sent. There is no connection after a failure, such as a signal,
 * unless the system refuses the message whole or lets none follow it: what the peer has said
 * remains. */
static gssize
transfer_send_message (const HvsockTransfer *self, GCancellable *cancellable, GError **error)
{
  HvsockMessage message;
  gssize moved;
  int errsv;

  hvsock_message_begin (&message, self->channel, g_atomic_int_get (&self->channel->timeout),
                        cancellable);
  moved = attempt_write (self, 0);
  errsv = errno;
  hvsock_message_end (&message, moved >= 0 || errsv == EPIPE || is_too_long (self, errsv));

  if (moved < 0 && g_cancellable_set_error_if_cancelled (cancellable, error))
    {
      hvsock_channel_prefix_error (self->channel, get_operation (self), error);
      return -1;
    }
  return conclude (self, moved, would_block (errsv) ? ETIMEDOUT : errsv, error);
}

/* Blocks until something was moved. One system call, unless there is a time-out or @cancellable to
 * look after as well and the first attempt finds nothing to do. */
gssize
hvsock_transfer_run (const HvsockTransfer *self, GCancellable *cancellable, GError **error)
{
  HvsockChannel *channel = self->channel;
  const guint timeout = g_atomic_int_get (&channel->timeout);
  const gint64 deadline = hvsock_deadline_after (timeout);
  const gboolean may_block = timeout == 0 && cancellable == NULL;
  gssize moved;
  int errsv;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return -1;
  if (!hvsock_channel_enter (channel, error))
    return -1;

  if (sends_in_parts (self))
    {
      moved = transfer_send_message (self, cancellable, error);
      hvsock_channel_leave (channel);
      return moved;
    }

  for (;;)
    {
      moved = attempt (self, may_block);
      errsv = errno;
      if (moved >= 0 || !would_block (errsv) || hvsock_channel_is_closed (channel))
        break;

      /* Also of a blocking attempt, where the descriptor is a non-blocking one: the application may
       * have made it so. */
      if (!transfer_wait (self, deadline, cancellable, error))
        {
          hvsock_channel_leave (channel);
          return -1;
        }
    }

  moved = conclude (self, moved, errsv, error);
  hvsock_channel_leave (channel);
  return moved;
}

/* Does not block: fails with %G_IO_ERROR_WOULD_BLOCK instead, and with %G_IO_ERROR_NOT_SUPPORTED
 * where a write cannot do without. */
gssize
hvsock_transfer_try (const HvsockTransfer *self, GError **error)
{
  gssize moved = -1;
  int errsv = EOPNOTSUPP;

  if (!hvsock_channel_enter (self->channel, error))
    return -1;

  if (!sends_in_parts (self))
    {
      moved = attempt (self, FALSE);
      errsv = errno;
    }
  moved = conclude (self, moved, errsv, error);
  hvsock_channel_leave (self->channel);
  return moved;
}

/* Ends an operation that has entered the channel. */
static void
transfer_return (HvsockTransfer *self, HvsockOperation *operation, gssize moved, GError *error)
{
  hvsock_channel_leave (self->channel);
  hvsock_operation_return (operation, moved, error);
}

static void transfer_ready_cb (gpointer operation, gboolean timed_out);

static void
transfer_park (HvsockTransfer *self, HvsockOperation *operation)
{
  const HvsockWaiter waiter = hvsock_operation_wait (operation, transfer_ready_cb);

  hvsock_reactor_park (self->channel, self->condition,
                       hvsock_wait_get_end (self->condition, self->deadline), &waiter);
}

/* The time is looked at after an attempt only, so that it does not begin anew when somebody else
 * was faster, nor passes while there is something to move. */
static void
transfer_step (HvsockTransfer *self, HvsockOperation *operation)
{
  GError *error = NULL;
  gssize moved = attempt (self, FALSE);
  int errsv = errno;

  if (moved < 0 && would_block (errsv) && !hvsock_channel_is_closed (self->channel))
    {
      if (!hvsock_deadline_has_passed (self->deadline))
        {
          transfer_park (self, operation);
          return;
        }
      errsv = ETIMEDOUT;
    }

  self->is_drained = self->condition == G_IO_IN && !self->channel->is_message &&
                     moved < (gssize) self->vectors->size;
  moved = conclude (self, moved, errsv, &error);
  transfer_return (self, operation, moved, error);
}

static void
transfer_ready_cb (gpointer operation, gboolean timed_out)
{
  HvsockTransfer *self = hvsock_operation_get_data (operation);
  GError *error = NULL;

  if (hvsock_operation_is_cancelled (operation, &error))
    transfer_return (self, operation, -1, error);
  else
    transfer_step (self, operation);
}

/* Finishes @operation with the number of bytes moved. @self and its vectors outlive it. What was
 * moved is reported even when the cancellation comes in between: it is gone otherwise. */
void
hvsock_transfer_start (HvsockTransfer *self, HvsockOperation *operation)
{
  GError *error = NULL;

  self->deadline = hvsock_deadline_after (g_atomic_int_get (&self->channel->timeout));
  hvsock_operation_set_data (operation, self);

  if (hvsock_operation_is_cancelled (operation, &error) ||
      !hvsock_channel_enter (self->channel, &error))
    hvsock_operation_return (operation, -1, error);
  else if (self->is_drained)
    transfer_park (self, operation);
  else
    transfer_step (self, operation);
}
