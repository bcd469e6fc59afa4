/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A connected socket, which a connection, its two streams, and the system share. One lock guards
 * it, under which no call waits. Closing lets the system send what it was given; so the socket goes
 * when no call is under way any more. */

#include "hyperv-channel.h"

#include "hyperv-error.h"
#include "hyperv-flow.h"

/* How long a peer may take to read what was written before the end, in seconds. */
#define PATIENCE 30

/* Takes over @socket, which is at the completion port. @address is that of the peer, or NULL. */
HypervChannel *
hyperv_channel_new (SOCKET socket, HvsockAddress *address)
{
  HypervChannel *self = g_new0 (HypervChannel, 1);

  self->ref_count = 1;
  self->socket = socket;
  self->skips_success = hyperv_port_skip_success (socket);
  g_set_object (&self->address, address);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  hyperv_flow_init (&self->input, self, hyperv_flow_received_cb);
  hyperv_flow_init (&self->output, self, hyperv_flow_sent_cb);
  return self;
}

HypervChannel *
hyperv_channel_ref (HypervChannel *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
hyperv_channel_unref (HypervChannel *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  if (self->socket != INVALID_SOCKET)
    closesocket (self->socket);
  hyperv_flow_clear (&self->input);
  hyperv_flow_clear (&self->output);
  g_clear_object (&self->address);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
hyperv_channel_lock (HypervChannel *self)
{
  g_mutex_lock (&self->lock);
}

/* What had to wait until no call was under way. */
static void
settle (HypervChannel *self)
{
  if (self->is_shutdown_due && !self->output.is_busy)
    {
      shutdown (self->socket, SD_SEND);
      self->is_shutdown_due = FALSE;
    }
  if (self->is_closed && !self->input.is_busy && !self->output.is_busy &&
      self->socket != INVALID_SOCKET)
    {
      closesocket (self->socket);
      self->socket = INVALID_SOCKET;
    }
}

/* Whatever was changed meanwhile is told now. */
void
hyperv_channel_unlock (HypervChannel *self)
{
  HypervNews of_input = hyperv_flow_take_news (&self->input);
  HypervNews of_output = hyperv_flow_take_news (&self->output);

  settle (self);
  g_mutex_unlock (&self->lock);
  hyperv_flow_tell (of_input);
  hyperv_flow_tell (of_output);
}

static void CALLBACK
patience_ended_cb (PTP_CALLBACK_INSTANCE instance, void *channel, PTP_TIMER timer)
{
  HypervChannel *self = channel;

  CloseThreadpoolTimer (timer);
  hyperv_channel_lock (self);
  hyperv_flow_cancel (&self->output);
  hyperv_channel_unlock (self);
  hyperv_channel_unref (self);
}

/* A peer that does not read must not keep the socket for ever. */
static void
limit_last_words (HypervChannel *self)
{
  const gint64 due = -PATIENCE * (gint64) 10000000;
  FILETIME time = { (DWORD) due, (DWORD) (due >> 32) };
  PTP_TIMER timer = CreateThreadpoolTimer (patience_ended_cb, self, NULL);

  if (timer == NULL)
    {
      hyperv_flow_cancel (&self->output);
      return;
    }
  hyperv_channel_ref (self);
  SetThreadpoolTimer (timer, &time, 0, 0);
}

/* May be called from any thread, and again. */
void
hyperv_channel_close (HypervChannel *self)
{
  hyperv_channel_lock (self);
  if (!self->is_closed)
    {
      self->is_closed = TRUE;
      hyperv_flow_end (&self->input);
      hyperv_flow_end (&self->output);
      hyperv_flow_cancel (&self->input);
      if (self->output.is_busy)
        limit_last_words (self);
    }
  hyperv_channel_unlock (self);
}

gboolean
hyperv_channel_is_closed (HypervChannel *self)
{
  gboolean is_closed;

  hyperv_channel_lock (self);
  is_closed = self->is_closed;
  hyperv_channel_unlock (self);
  return is_closed;
}

/* A peer that is gone has ended both directions, so what the system says is no news. */
gboolean
hyperv_channel_shutdown (HypervChannel *self, gboolean read, gboolean write, GError **error)
{
  gboolean is_open;

  hyperv_channel_lock (self);
  is_open = !self->is_closed;
  if (is_open && read && !self->input.is_ended)
    {
      shutdown (self->socket, SD_RECEIVE);
      hyperv_flow_end (&self->input);
      hyperv_flow_cancel (&self->input);
    }
  if (is_open && write && !self->output.is_ended)
    {
      hyperv_flow_end (&self->output);
      self->is_shutdown_due = TRUE;
    }
  hyperv_channel_unlock (self);

  if (!is_open)
    hyperv_channel_set_closed_error (self, error);
  return is_open;
}

/* Returns NULL when the channel is closed. */
HvsockAddress *
hyperv_channel_get_local_address (HypervChannel *self)
{
  SOCKADDR_HV native;
  int length = sizeof native;
  HvsockAddress *address = NULL;

  hyperv_channel_lock (self);
  if (self->socket != INVALID_SOCKET &&
      getsockname (self->socket, (struct sockaddr *) &native, &length) == 0)
    address = hvsock_address_new_from_native (&native, length);
  hyperv_channel_unlock (self);
  return address;
}

static char *
describe_peer (HypervChannel *self)
{
  g_autofree char *uri = NULL;

  if (self->address == NULL)
    return g_strdup ("the peer");

  uri = hvsock_address_to_uri (self->address);
  return g_strdup_printf ("'%s'", uri);
}

/* @operation is "read from" or the like. */
void
hyperv_channel_set_error (HypervChannel *self,
                          GError **error,
                          GIOErrorEnum code,
                          const char *operation,
                          DWORD reason)
{
  g_autofree char *peer = describe_peer (self);
  g_autofree char *text = hyperv_error_describe (reason);

  g_set_error (error, G_IO_ERROR, code, "cannot %s %s: %s", operation, peer, text);
}

void
hyperv_channel_set_closed_error (HypervChannel *self, GError **error)
{
  g_autofree char *peer = describe_peer (self);

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "the connection to %s is closed", peer);
}
