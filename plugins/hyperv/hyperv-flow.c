/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* One direction of a channel. The system reads and writes a buffer that belongs to the channel, and
 * not to the caller: so who is cancelled need not wait until the system lets go of it, no byte that
 * came meanwhile is lost, and what was taken over from a writer is sent. It has one call under way
 * at a time, which asks for no more than somebody wants. */

#include "hyperv-flow.h"

#include <string.h>

/* The most that one call takes over from a writer, or asks for, in bytes. */
#define MOST (256 * 1024)

void
hyperv_flow_init (HypervFlow *self, HypervChannel *channel, HypervPacketFunc func)
{
  self->channel = channel;
  hyperv_packet_init (&self->packet, func);
}

void
hyperv_flow_clear (HypervFlow *self)
{
  g_clear_pointer (&self->buffer, g_free);
  g_clear_pointer (&self->contexts, g_ptr_array_unref);
}

static void
reserve (HypervFlow *self, gsize size)
{
  if (self->capacity < size)
    {
      g_free (self->buffer);
      self->buffer = g_malloc (size);
      self->capacity = size;
    }
  self->begin = self->end = 0;
}

/* A stream that is idle keeps no buffer. */
static void
release (HypervFlow *self)
{
  g_clear_pointer (&self->buffer, g_free);
  self->capacity = self->begin = self->end = 0;
}

/* @error is what the call that was just made ended with. Returns whether it is under way; if it is
 * not, nobody else will tell how it went. */
static gboolean
is_under_way (HypervFlow *self, DWORD error)
{
  self->is_busy =
      error == WSA_IO_PENDING || (error == ERROR_SUCCESS && !self->channel->skips_success);
  if (self->is_busy)
    hyperv_channel_ref (self->channel);
  return self->is_busy;
}

static void
received (HypervFlow *self, DWORD error, gsize n_bytes)
{
  self->has_changed = TRUE;
  if (error != ERROR_SUCCESS && !self->is_ended)
    self->error = error;
  else if (error == ERROR_SUCCESS && n_bytes == 0)
    self->is_ended = TRUE;
  else
    self->end = n_bytes;
}

/* Asks for up to @most bytes, of a direction that has none and is not busy. */
void
hyperv_flow_receive (HypervFlow *self, gsize most)
{
  WSABUF wanted;
  DWORD n_bytes = 0;
  DWORD flags = 0;
  DWORD error;

  reserve (self, MIN (most, MOST));
  wanted = (WSABUF){ MIN (most, MOST), self->buffer };
  hyperv_packet_init (&self->packet, self->packet.func);
  error = WSARecv (self->channel->socket, &wanted, 1, &n_bytes, &flags, &self->packet.overlapped,
                   NULL) == 0
              ? ERROR_SUCCESS
              : WSAGetLastError ();
  if (!is_under_way (self, error))
    received (self, error, n_bytes);
}

/* Returns how many bytes there were. */
gsize
hyperv_flow_take (HypervFlow *self, void *buffer, gsize count)
{
  const gsize n_bytes = MIN (count, self->end - self->begin);

  if (n_bytes == 0)
    return 0;

  memcpy (buffer, self->buffer + self->begin, n_bytes);
  self->begin += n_bytes;
  if (self->begin == self->end)
    release (self);
  return n_bytes;
}

static void send_rest (HypervFlow *self);

static void
sent (HypervFlow *self, DWORD error, gsize n_bytes)
{
  self->has_changed = TRUE;
  self->error = error;
  self->begin += n_bytes;
  if (error != ERROR_SUCCESS || self->begin == self->end)
    release (self);
  else
    send_rest (self);
}

static void
send_rest (HypervFlow *self)
{
  WSABUF rest = { self->end - self->begin, self->buffer + self->begin };
  DWORD n_bytes = 0;
  DWORD error;

  hyperv_packet_init (&self->packet, self->packet.func);
  error =
      WSASend (self->channel->socket, &rest, 1, &n_bytes, 0, &self->packet.overlapped, NULL) == 0
          ? ERROR_SUCCESS
          : WSAGetLastError ();
  if (!is_under_way (self, error))
    sent (self, error, n_bytes);
}

/* Takes over as much as one call sends, in a direction that is not busy, and returns how much. */
gsize
hyperv_flow_send (HypervFlow *self, const GOutputVector *vectors, gsize n_vectors)
{
  gsize total = 0;

  for (gsize i = 0; i < n_vectors && total < MOST; i++)
    total += MIN (vectors[i].size, MOST - total);
  if (total == 0)
    return 0;

  reserve (self, total);
  for (gsize i = 0; self->end < total; i++)
    {
      const gsize n_bytes = MIN (vectors[i].size, total - self->end);

      memcpy (self->buffer + self->end, vectors[i].buffer, n_bytes);
      self->end += n_bytes;
    }
  send_rest (self);
  return total;
}

static void
tell_end (HypervFlow *self,
          void (*done) (HypervFlow *self, DWORD error, gsize n_bytes),
          DWORD error,
          gsize n_bytes)
{
  HypervChannel *channel = self->channel;

  hyperv_channel_lock (channel);
  self->is_busy = FALSE;
  done (self, error, n_bytes);
  hyperv_channel_unlock (channel);
  hyperv_channel_unref (channel);
}

/* These two are called by the port, without the lock. */
void
hyperv_flow_received_cb (HypervPacket *packet, DWORD error, gsize n_bytes)
{
  tell_end ((HypervFlow *) packet, received, error, n_bytes);
}

void
hyperv_flow_sent_cb (HypervPacket *packet, DWORD error, gsize n_bytes)
{
  tell_end ((HypervFlow *) packet, sent, error, n_bytes);
}

/* Nothing more comes or goes, as far as this end is concerned. */
void
hyperv_flow_end (HypervFlow *self)
{
  self->is_ended = TRUE;
  self->has_changed = TRUE;
}

/* The system lets go of the buffer soon. */
void
hyperv_flow_cancel (HypervFlow *self)
{
  if (self->is_busy)
    CancelIoEx ((HANDLE) self->channel->socket, &self->packet.overlapped);
}

/* Has @context look at its sources again after the next change. */
void
hyperv_flow_wake_once (HypervFlow *self, GMainContext *context)
{
  if (self->contexts == NULL)
    self->contexts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_main_context_unref);
  if (!g_ptr_array_find (self->contexts, context, NULL))
    g_ptr_array_add (self->contexts, g_main_context_ref (context));
}

/* After a change: wakes those who wait in threads, and returns what else is to be told of it. */
HypervNews
hyperv_flow_take_news (HypervFlow *self)
{
  HypervNews news = { NULL, NULL };

  if (!self->has_changed)
    return news;

  self->has_changed = FALSE;
  g_cond_broadcast (&self->channel->changed);
  news.contexts = g_steal_pointer (&self->contexts);
  if (self->waiter != NULL && self->waiter->proceed (self->waiter))
    news.waiter = g_steal_pointer (&self->waiter);
  return news;
}

/* Nobody but us may have a context any more: then its sources go with it, and what they keep. */
void
hyperv_flow_tell (HypervNews news)
{
  if (news.contexts != NULL)
    {
      g_ptr_array_foreach (news.contexts, (GFunc) (GCallback) g_main_context_wakeup, NULL);
      g_ptr_array_unref (news.contexts);
    }
  if (news.waiter != NULL)
    news.waiter->finish (news.waiter);
}
