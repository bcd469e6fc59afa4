/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* An echo by plain system calls, which may do it wrong: what hvsock-stress is for, without the
 * library. It serves one connection after the other, and keeps what they sent. */

#include "stress-echo.h"

#include "hvcat-fixture.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

struct _StressEcho
{
  StressEchoFault fault;
  int listener;
  GThread *thread;
  GPtrArray *heard; /* a GByteArray for each connection */
};

/* The client may have gone. */
static gboolean
send_all (int fd, const guint8 *data, gsize size)
{
  gssize n;

  for (gsize sent = 0; sent < size; sent += (gsize) n)
    {
      n = send (fd, data + sent, size - sent, MSG_NOSIGNAL);
      if (n < 0)
        return FALSE;
    }
  return TRUE;
}

/* Returns what is to be sent back of the @n bytes that follow the first @position. */
static gsize
spoil (StressEchoFault fault, guint8 *buffer, gsize position, gsize n)
{
  if (position > STRESS_ECHO_FAULT_AT)
    return fault == STRESS_ECHO_ENDS ? 0 : n;
  if (position + n <= STRESS_ECHO_FAULT_AT)
    return n;

  if (fault == STRESS_ECHO_ENDS)
    return STRESS_ECHO_FAULT_AT - position;
  if (fault == STRESS_ECHO_FLIPS)
    buffer[STRESS_ECHO_FAULT_AT - position] ^= 1;
  return n;
}

static void
serve (StressEcho *self, int fd, GByteArray *heard)
{
  guint8 buffer[4096];
  gssize n;

  while ((n = recv (fd, buffer, sizeof buffer, 0)) > 0)
    {
      const gsize position = heard->len;

      g_byte_array_append (heard, buffer, (guint) n);
      if (!send_all (fd, buffer, spoil (self->fault, buffer, position, (gsize) n)))
        return;
      if (self->fault == STRESS_ECHO_ENDS && heard->len > STRESS_ECHO_FAULT_AT)
        shutdown (fd, SHUT_WR);
    }
  if (n == 0 && self->fault == STRESS_ECHO_ADDS)
    send_all (fd, buffer, 1);
}

static gpointer
echo_run (gpointer data)
{
  StressEcho *self = data;
  int fd;

  while ((fd = accept (self->listener, NULL, NULL)) >= 0)
    {
      GByteArray *heard = g_byte_array_new ();

      g_ptr_array_add (self->heard, heard);
      serve (self, fd, heard);
      close (fd);
    }
  g_assert_cmpint (errno, ==, EINVAL);
  return NULL;
}

StressEcho *
stress_echo_new (const char *path, StressEchoFault fault)
{
  StressEcho *self = g_new0 (StressEcho, 1);

  self->fault = fault;
  self->listener = socket_listen (path, SOCK_STREAM, 16);
  self->heard = g_ptr_array_new_with_free_func ((GDestroyNotify) g_byte_array_unref);
  self->thread = g_thread_new ("echo", echo_run, self);
  return self;
}

/* Returns what was heard of each connection. The socket's file stays. */
GPtrArray *
stress_echo_end (StressEcho *self)
{
  GPtrArray *heard = self->heard;

  g_assert_no_errno (shutdown (self->listener, SHUT_RDWR));
  g_thread_join (self->thread);
  close (self->listener);
  g_free (self);
  return heard;
}
