/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The life of a socket that is used from several threads. Closing must neither wait for operations
 * that are under way nor take the descriptor's number away under their hands, since the system
 * gives that number to the next file at once. So each operation enters and leaves; closing shuts
 * the socket down, which ends the operations, and the last one to leave closes the descriptor. */

#include "stream/hvsock-channel-private.h"

#include "base/hvsock-fd-private.h"
#include "stream/hvsock-reactor-private.h"
#include "stream/hvsock-stream-private.h"

/* In @users, beside the number of operations under way and one for not being closed. */
#define CLOSED (1 << 30)

static HvsockChannel *
channel_new (int fd, gboolean is_message)
{
  HvsockChannel *self = g_atomic_rc_box_new0 (HvsockChannel);

  self->fd = fd;
  self->users = 1;
  self->closing[0] = -1;
  self->closing[1] = -1;
  self->is_message = is_message;
  self->sends_in_parts = is_message && hvsock_fd_sends_in_parts (fd);
  hvsock_fd_set_no_sigpipe (fd);
  return self;
}

HvsockChannel *
hvsock_channel_new (int fd)
{
  socklen_t length = sizeof (int);
  int type = SOCK_STREAM;

  return channel_new (fd, getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 &&
                              type == SOCK_SEQPACKET);
}

/* An accepted socket is of its listener's type. */
HvsockChannel *
hvsock_channel_new_for_accepted (int fd, HvsockChannel *listener)
{
  return channel_new (fd, listener->is_message);
}

/* A listening socket may be shared with the process that gave it, and not every system wakes the
 * waiters of one that is shut down. So it has a wake-up of its own, made in advance: there may be
 * no descriptor left when it is needed. On failure @fd stays the caller's. */
HvsockChannel *
hvsock_channel_new_for_listener (int fd, GError **error)
{
  HvsockChannel *self;
  int closing[2];

  if (hvsock_fd_pipe (closing) != 0)
    {
      int errsv = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errsv), "cannot make a listener: %s",
                   g_strerror (errsv));
      return NULL;
    }

  self = hvsock_channel_new (fd);
  self->is_listener = TRUE;
  self->closing[0] = closing[0];
  self->closing[1] = closing[1];
  return self;
}

HvsockChannel *
hvsock_channel_ref (HvsockChannel *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
channel_clear (gpointer data)
{
  HvsockChannel *self = data;

  hvsock_channel_close (self);
  g_clear_object (&self->local_address);
  g_clear_object (&self->remote_address);
}

void
hvsock_channel_unref (HvsockChannel *self)
{
  g_atomic_rc_box_release_full (self, channel_clear);
}

/* Begins an operation: until hvsock_channel_leave() the descriptor stays what it is. Fails with
 * %G_IO_ERROR_CLOSED. */
gboolean
hvsock_channel_enter (HvsockChannel *self, GError **error)
{
  int users;

  do
    {
      users = g_atomic_int_get (&self->users);
      if (users & CLOSED)
        {
          hvsock_channel_set_closed_error (self, error);
          return FALSE;
        }
    }
  while (!g_atomic_int_compare_and_exchange (&self->users, users, users + 1));

  return TRUE;
}

void
hvsock_channel_leave (HvsockChannel *self)
{
  if (g_atomic_int_add (&self->users, -1) == (CLOSED | 1))
    {
      hvsock_reactor_forget (self);
      hvsock_fd_clear (&self->fd);
      hvsock_fd_clear (&self->closing[0]);
    }
}

/* What is written wakes whoever waits even if a forked process holds the other end open as well. */
static void
wake_listener (HvsockChannel *self)
{
  while (write (self->closing[1], "", 1) < 0 && errno == EINTR)
    ;
  hvsock_fd_clear (&self->closing[1]);
}

/* Ends every operation under way with %G_IO_ERROR_CLOSED. */
void
hvsock_channel_close (HvsockChannel *self)
{
  guint users = g_atomic_int_or ((guint *) &self->users, CLOSED);

  if (users & CLOSED)
    return;

  if (self->is_listener)
    wake_listener (self);
  else if (users > 1)
    shutdown (self->fd, SHUT_RDWR);
  hvsock_channel_leave (self);
}

gboolean
hvsock_channel_is_closed (HvsockChannel *self)
{
  return (g_atomic_int_get (&self->users) & CLOSED) != 0;
}

/* Whether an operation would find out at once how it stands. */
gboolean
hvsock_channel_is_ready (HvsockChannel *self, GIOCondition condition)
{
  GPollFD polled = { .events = condition };
  gboolean is_ready;

  if (!hvsock_channel_enter (self, NULL))
    return TRUE;

  polled.fd = self->fd;
  is_ready = g_poll (&polled, 1, 0) > 0;
  hvsock_channel_leave (self);
  return is_ready;
}

/* Before the channel is shared only. */
void
hvsock_channel_set_addresses (HvsockChannel *self,
                              HvsockAddress *local_address,
                              HvsockAddress *remote_address)
{
  g_set_object (&self->local_address, local_address);
  g_set_object (&self->remote_address, remote_address);
}

gboolean
hvsock_channel_shutdown (HvsockChannel *self, gboolean read, gboolean write, GError **error)
{
  int how = !write ? SHUT_RD : read ? SHUT_RDWR : SHUT_WR;
  int errsv;

  if (!read && !write)
    return TRUE;
  if (!hvsock_channel_enter (self, error))
    return FALSE;

  errsv = shutdown (self->fd, how) == 0 ? 0 : errno;
  hvsock_channel_leave (self);

  /* A connection that the peer has ended is shut down already. */
  if (errsv == 0 || errsv == ENOTCONN)
    return TRUE;

  hvsock_channel_set_error (self, "shut down", errsv, error);
  return FALSE;
}

/* What reading has met, whose errno was @errsv: an errno too, or 0 for the end of the stream. Linux
 * forgets that the peer of an AF_VSOCK connection ended it in good order as soon as this end is
 * shut down as well, and calls it not connected. Of a reset it keeps the error. */
int
hvsock_channel_get_read_error (HvsockChannel *self, int errsv)
{
  int pending = errsv;
  socklen_t length = sizeof pending;

  if (errsv != ENOTCONN || getsockopt (self->fd, SOL_SOCKET, SO_ERROR, &pending, &length) != 0)
    return errsv;
  return pending;
}

static char *
describe (HvsockChannel *self)
{
  return hvsock_stream_describe_peer (self->remote_address, self->local_address);
}

/* @operation ends where the address follows: "read from". */
void
hvsock_channel_set_error (HvsockChannel *self, const char *operation, int errsv, GError **error)
{
  g_autofree char *peer = describe (self);
  int code = g_io_error_from_errno (errsv);

  /* A socket that its peer has reset is not connected any more, rather than not yet. */
  if (code == G_IO_ERROR_NOT_CONNECTED)
    code = G_IO_ERROR_CONNECTION_CLOSED;

  g_set_error (error, G_IO_ERROR, code, "cannot %s %s: %s", operation, peer, g_strerror (errsv));
}

void
hvsock_channel_prefix_error (HvsockChannel *self, const char *operation, GError **error)
{
  g_autofree char *peer = describe (self);

  g_prefix_error (error, "cannot %s %s: ", operation, peer);
}

void
hvsock_channel_set_closed_error (HvsockChannel *self, GError **error)
{
  g_autofree char *peer = describe (self);

  if (self->is_listener)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "cannot accept %s: the listener is closed",
                 peer);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "the connection to %s is closed", peer);
}
