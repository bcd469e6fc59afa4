/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* One attempt to connect a descriptor, in steps that never wait: socket, connect(2), greeting,
 * answer. It is separate from how its two users wait, a blocking connect and an asynchronous one.
 */

#include "stream/hvsock-fd-attempt-private.h"

#include <hvsock/hvsock-io-error.h>

#include "base/hvsock-deadline-private.h"
#include "base/hvsock-fd-private.h"
#include "stream/hvsock-fd-connection-private.h"
#include "stream/hvsock-transport-private.h"

/* Between two attempts when the queue of a Unix socket is full, in milliseconds. */
#define SHORTEST_PAUSE 1
#define LONGEST_PAUSE  32

struct _HvsockFdAttempt
{
  HvsockFdTransport *transport;
  HvsockAddress *address;
  guint timeout;
  gint64 deadline;
  HvsockChannel *channel;
  HvsockSocketTarget target;
  guint pause;

  gboolean is_under_way; /* connect(2) was called and SO_ERROR will tell */
  gboolean is_greeted;   /* and the answer is to come */
  char reply[HVSOCK_REPLY_MAX];
  gsize reply_length;
};

HvsockFdAttempt *
hvsock_fd_attempt_new (HvsockFdTransport *transport, HvsockAddress *address, guint timeout)
{
  HvsockFdAttempt *self = g_new0 (HvsockFdAttempt, 1);

  self->transport = g_object_ref (transport);
  self->address = g_object_ref (address);
  self->timeout = timeout;
  self->deadline = hvsock_deadline_after (timeout);
  self->target.anchor = -1;
  return self;
}

void
hvsock_fd_attempt_free (HvsockFdAttempt *self)
{
  g_clear_pointer (&self->channel, hvsock_channel_unref);
  hvsock_fd_clear (&self->target.anchor);
  g_object_unref (self->address);
  g_object_unref (self->transport);
  g_free (self);
}

/* What helps against @errsv, as the end of a message. */
static char *
attempt_get_remedy (HvsockFdAttempt *self, int errsv)
{
  HvsockFdTransportClass *klass = HVSOCK_FD_TRANSPORT_GET_CLASS (self->transport);
  const char *remedy = NULL;

  if (klass->get_remedy != NULL)
    remedy = klass->get_remedy (self->transport, self->address, errsv);
  return remedy != NULL ? g_strconcat (": ", remedy, NULL) : g_strdup ("");
}

static HvsockStep
attempt_fail (HvsockFdAttempt *self, int errsv, GError **error)
{
  g_autofree char *uri = hvsock_address_to_uri (self->address);
  g_autofree char *remedy = attempt_get_remedy (self, errsv);

  g_set_error (error, G_IO_ERROR, hvsock_io_error_from_connect_errno (errsv),
               "cannot connect to '%s': %s%s", uri, g_strerror (errsv), remedy);
  return HVSOCK_STEP_FAILED;
}

/* The deadline has passed in a wait. */
void
hvsock_fd_attempt_set_timed_out (HvsockFdAttempt *self, GError **error)
{
  g_autofree char *uri = hvsock_address_to_uri (self->address);
  g_autofree char *remedy = attempt_get_remedy (self, ETIMEDOUT);

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
               "cannot connect to '%s': no answer within %u ms%s", uri, self->timeout, remedy);
}

static gboolean
attempt_open (HvsockFdAttempt *self, GError **error)
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

static gboolean
expects_reply (HvsockFdAttempt *self)
{
  return HVSOCK_FD_TRANSPORT_GET_CLASS (self->transport)->parse_reply != NULL;
}

/* In one write, which a new socket always has room for. A peer that hangs up on it has refused, and
 * where an answer is expected its absence tells so. */
static gboolean
attempt_greet (HvsockFdAttempt *self, GError **error)
{
  HvsockFdTransportClass *klass = HVSOCK_FD_TRANSPORT_GET_CLASS (self->transport);
  char greeting[HVSOCK_GREETING_MAX];
  gsize length;
  gssize sent;

  if (klass->get_greeting == NULL)
    return TRUE;

  length = klass->get_greeting (self->transport, self->address, greeting);
  sent = send (self->channel->fd, greeting, length, hvsock_fd_send_flags);
  if (sent == (gssize) length || (sent < 0 && errno == EPIPE && expects_reply (self)))
    return TRUE;

  attempt_fail (self, sent < 0 ? errno : EMSGSIZE, error);
  return FALSE;
}

/* The bytes that follow the answer are the stream's, so they are looked at only. Returns how many
 * there are after those that were taken before, 0 at the end of the stream, or -1 with errno. */
static gssize
attempt_peek (HvsockFdAttempt *self)
{
  const gsize room = sizeof self->reply - self->reply_length;
  gssize n;

  do
    n = recv (self->channel->fd, self->reply + self->reply_length, room, MSG_PEEK);
  while (n < 0 && errno == EINTR);
  return n < 0 && errno == ECONNRESET ? 0 : n;
}

static gboolean
attempt_take (HvsockFdAttempt *self, gsize length)
{
  gssize n;

  do
    n = recv (self->channel->fd, self->reply + self->reply_length, length, 0);
  while (n < 0 && errno == EINTR);
  self->reply_length += length;
  return n == (gssize) length;
}

static HvsockStep
attempt_read_reply (HvsockFdAttempt *self, GError **error)
{
  HvsockFdTransportClass *klass = HVSOCK_FD_TRANSPORT_GET_CLASS (self->transport);
  gssize n, length, taken;

  while ((n = attempt_peek (self)) > 0)
    {
      length = klass->parse_reply (self->transport, self->address, self->reply,
                                   self->reply_length + n, error);
      if (length < 0)
        {
          g_autofree char *uri = hvsock_address_to_uri (self->address);

          g_prefix_error (error, "cannot connect to '%s': ", uri);
          return HVSOCK_STEP_FAILED;
        }
      taken = length > 0 ? length - (gssize) self->reply_length : n;
      if (taken <= 0 || taken > n || !attempt_take (self, taken))
        return attempt_fail (self, EPROTO, error);
      if (length > 0)
        return HVSOCK_STEP_CONNECTED;
      if (self->reply_length == sizeof self->reply)
        return attempt_fail (self, EMSGSIZE, error);
    }

  if (n == 0)
    return attempt_fail (self, ECONNRESET, error);
  return errno == EAGAIN ? HVSOCK_STEP_WAIT_FOR_REPLY : attempt_fail (self, errno, error);
}

/* Returns 0 or an errno. */
static int
attempt_connect (HvsockFdAttempt *self)
{
  socklen_t length = sizeof (int);
  int errsv = 0;

  if (!self->is_under_way)
    return connect (self->channel->fd, (struct sockaddr *) &self->target.native,
                    self->target.length) == 0
               ? 0
               : errno;

  return getsockopt (self->channel->fd, SOL_SOCKET, SO_ERROR, &errsv, &length) == 0 ? errsv : errno;
}

/* Goes on as far as it can without waiting. */
HvsockStep
hvsock_fd_attempt_step (HvsockFdAttempt *self, GError **error)
{
  int errsv;

  if (self->is_greeted)
    return attempt_read_reply (self, error);
  if (self->channel == NULL && !attempt_open (self, error))
    return HVSOCK_STEP_FAILED;

  switch (errsv = attempt_connect (self))
    {
    case 0:
      if (!attempt_greet (self, error))
        return HVSOCK_STEP_FAILED;
      if (!expects_reply (self))
        return HVSOCK_STEP_CONNECTED;
      self->is_greeted = TRUE;
      hvsock_transport_tell_handshake (HVSOCK_TRANSPORT (self->transport), self->address);
      return HVSOCK_STEP_WAIT_FOR_REPLY;
    case EINPROGRESS:
    case EINTR:
      self->is_under_way = TRUE;
      return HVSOCK_STEP_WAIT_FOR_SOCKET;
    case EAGAIN:
      /* Of a Unix socket whose queue is full: there is nothing to poll for. */
      self->pause = CLAMP (self->pause * 2, SHORTEST_PAUSE, LONGEST_PAUSE);
      return HVSOCK_STEP_PAUSE;
    default:
      return attempt_fail (self, errsv, error);
    }
}

/* What the attempt was for, once it is connected. */
HvsockConnection *
hvsock_fd_attempt_finish (HvsockFdAttempt *self)
{
  HvsockFdTransportClass *klass = HVSOCK_FD_TRANSPORT_GET_CLASS (self->transport);

  hvsock_fd_set_blocking (self->channel->fd, hvsock_fd_connected_is_blocking);
  return hvsock_fd_connection_new (g_steal_pointer (&self->channel), NULL, self->address,
                                   !klass->lacks_half_close);
}

HvsockChannel *
hvsock_fd_attempt_get_channel (HvsockFdAttempt *self)
{
  return self->channel;
}

/* In a wait that has come to its end. */
gboolean
hvsock_fd_attempt_is_late (HvsockFdAttempt *self)
{
  return hvsock_deadline_has_passed (self->deadline);
}

/* How long the next wait may take in milliseconds, 0 for ever, and for what. */
guint
hvsock_fd_attempt_get_wait (HvsockFdAttempt *self, HvsockStep step, GIOCondition *condition)
{
  const guint remaining = hvsock_deadline_get_remaining (self->deadline);

  *condition = step == HVSOCK_STEP_WAIT_FOR_SOCKET  ? G_IO_OUT
               : step == HVSOCK_STEP_WAIT_FOR_REPLY ? G_IO_IN
                                                    : 0;
  if (step != HVSOCK_STEP_PAUSE)
    return remaining;
  return remaining == 0 ? self->pause : MIN (self->pause, remaining);
}
