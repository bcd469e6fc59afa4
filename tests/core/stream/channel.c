/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The life of a descriptor that several threads use: it is closed once, and under nobody's hands.
 */

#include "stream/hvsock-channel-private.h"

#include <hvsock/hvsock-unix-address.h>

#include "ends.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

typedef struct
{
  HvsockChannel *channel;
  int fd;
  int peer;
} Pair;

static void
pair_init (Pair *self, int type)
{
  int fds[2];

  g_assert_no_errno (socketpair (AF_UNIX, type | SOCK_CLOEXEC, 0, fds));
  self->channel = hvsock_channel_new (fds[0]);
  self->fd = fds[0];
  self->peer = fds[1];
}

static void
pair_clear (Pair *self)
{
  g_clear_pointer (&self->channel, hvsock_channel_unref);
  close (self->peer);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pair, pair_clear)

static void
enter (HvsockChannel *channel)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (hvsock_channel_enter (channel, &error));
  g_assert_no_error (error);
}

static gboolean
peer_sees_end (int peer)
{
  char byte;

  return recv (peer, &byte, 1, MSG_DONTWAIT) == 0;
}

static void
test_close_unused (void)
{
  g_auto (Pair) pair = { 0 };

  pair_init (&pair, SOCK_STREAM);
  g_assert_false (hvsock_channel_is_closed (pair.channel));
  hvsock_channel_close (pair.channel);
  g_assert_true (hvsock_channel_is_closed (pair.channel));
  g_assert_false (is_open (pair.fd));
  g_assert_true (peer_sees_end (pair.peer));
}

static void
test_close_used (void)
{
  g_auto (Pair) pair = { 0 };

  pair_init (&pair, SOCK_STREAM);
  enter (pair.channel);
  enter (pair.channel);
  hvsock_channel_close (pair.channel);
  g_assert_true (is_open (pair.fd));
  g_assert_true (peer_sees_end (pair.peer));

  hvsock_channel_leave (pair.channel);
  g_assert_true (is_open (pair.fd));
  hvsock_channel_leave (pair.channel);
  g_assert_false (is_open (pair.fd));
}

static void
test_close_with_last_reference (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (HvsockChannel) other = NULL;

  pair_init (&pair, SOCK_STREAM);
  other = hvsock_channel_ref (pair.channel);
  g_clear_pointer (&pair.channel, hvsock_channel_unref);
  g_assert_true (is_open (pair.fd));
  g_clear_pointer (&other, hvsock_channel_unref);
  g_assert_false (is_open (pair.fd));
}

/* The number is somebody else's after the first close. */
static void
test_close_twice (void)
{
  g_auto (Pair) pair = { 0 };
  int other;

  pair_init (&pair, SOCK_STREAM);
  hvsock_channel_close (pair.channel);
  other = fcntl (pair.peer, F_DUPFD_CLOEXEC, 0);
  g_assert_cmpint (other, ==, pair.fd);

  hvsock_channel_close (pair.channel);
  g_assert_true (is_open (other));
  g_clear_pointer (&pair.channel, hvsock_channel_unref);
  g_assert_true (is_open (other));
  close (other);
}

typedef struct
{
  HvsockChannel *channel;
  int fd;
  ino_t inode;
  int n_entered; /* atomic: those who were in at least once */
  int is_over;   /* atomic */
} Crowd;

static gpointer
use (gpointer data)
{
  Crowd *crowd = data;
  gboolean is_first = TRUE;
  struct stat status;

  while (hvsock_channel_enter (crowd->channel, NULL))
    {
      g_assert_no_errno (fstat (crowd->channel->fd, &status));
      g_assert_cmpuint (status.st_ino, ==, crowd->inode);
      hvsock_channel_leave (crowd->channel);
      if (is_first)
        g_atomic_int_inc (&crowd->n_entered);
      is_first = FALSE;
    }
  return NULL;
}

/* Wants the number, and finds out if anybody closes a descriptor that is not theirs. */
static gpointer
open_and_close (gpointer data)
{
  Crowd *crowd = data;

  while (!g_atomic_int_get (&crowd->is_over))
    {
      int fd = fcntl (STDERR_FILENO, F_DUPFD_CLOEXEC, crowd->fd);

      g_assert_cmpint (fd, >=, 0);
      g_assert_no_errno (close (fd));
    }
  return NULL;
}

static void
test_threads (void)
{
  for (guint round = 0; round < 50; round++)
    {
      g_auto (Pair) pair = { 0 };
      GThread *threads[4];
      struct stat status;
      Crowd crowd = { 0 };

      pair_init (&pair, SOCK_STREAM);
      g_assert_no_errno (fstat (pair.fd, &status));
      crowd.channel = pair.channel;
      crowd.fd = pair.fd;
      crowd.inode = status.st_ino;
      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        threads[i] = g_thread_new ("channel", i == 0 ? open_and_close : use, &crowd);
      while (g_atomic_int_get (&crowd.n_entered) < (int) G_N_ELEMENTS (threads) - 1)
        g_thread_yield ();

      hvsock_channel_close (pair.channel);
      for (guint i = 1; i < G_N_ELEMENTS (threads); i++)
        g_thread_join (threads[i]);
      g_atomic_int_set (&crowd.is_over, TRUE);
      g_thread_join (threads[0]);
      g_assert_false (is_open (pair.fd));
      g_assert_true (peer_sees_end (pair.peer));
    }
}

static void
test_closed_error (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GError) error = NULL;

  pair_init (&pair, SOCK_STREAM);
  hvsock_channel_close (pair.channel);
  g_assert_false (hvsock_channel_enter (pair.channel, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_clear_error (&error);

  g_assert_false (hvsock_channel_shutdown (pair.channel, TRUE, TRUE, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_assert_true (hvsock_channel_is_ready (pair.channel, G_IO_IN));
}

static void
test_error_texts (void)
{
  static const struct
  {
    const char *remote;
    const char *local;
    gboolean is_listener;
    const char *read;
    const char *closed;
  } cases[] = {
    { "/r", "/l", FALSE,
      "cannot read from 'unix:///r': ", "the connection to 'unix:///r' is closed" },
    { NULL, "/l", FALSE, "cannot read from a peer of 'unix:///l': ",
      "the connection to a peer of 'unix:///l' is closed" },
    { NULL, NULL, FALSE, "cannot read from a peer without an address: ",
      "the connection to a peer without an address is closed" },
    { NULL, "/l", TRUE, "cannot read from a peer of 'unix:///l': ",
      "cannot accept a peer of 'unix:///l': the listener is closed" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (HvsockAddress) remote = NULL;
      g_autoptr (HvsockAddress) local = NULL;
      g_autoptr (HvsockChannel) channel = NULL;
      g_autoptr (GError) failed = NULL;
      g_autoptr (GError) closed = NULL;
      g_autofree char *failed_text = g_strconcat (cases[i].read, g_strerror (ECONNRESET), NULL);
      int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

      channel = cases[i].is_listener ? hvsock_channel_new_for_listener (fd, NULL)
                                     : hvsock_channel_new (fd);
      remote = cases[i].remote != NULL ? hvsock_unix_address_new (cases[i].remote) : NULL;
      local = cases[i].local != NULL ? hvsock_unix_address_new (cases[i].local) : NULL;
      hvsock_channel_set_addresses (channel, local, remote);
      hvsock_channel_set_error (channel, "read from", ECONNRESET, &failed);
      g_assert_error (failed, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
      g_assert_cmpstr (failed->message, ==, failed_text);
      hvsock_channel_set_closed_error (channel, &closed);
      g_assert_error (closed, G_IO_ERROR, G_IO_ERROR_CLOSED);
      g_assert_cmpstr (closed->message, ==, cases[i].closed);
    }
}

static void
test_shutdown (void)
{
  static const struct
  {
    gboolean read, write;
  } cases[] = { { FALSE, FALSE }, { TRUE, FALSE }, { FALSE, TRUE }, { TRUE, TRUE } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Pair) pair = { 0 };
      g_autoptr (GError) error = NULL;
      char byte;

      pair_init (&pair, SOCK_STREAM);
      hvsock_channel_shutdown (pair.channel, cases[i].read, cases[i].write, &error);
      g_assert_no_error (error);
      g_assert_cmpint (peer_sees_end (pair.peer), ==, cases[i].write);
      g_assert_cmpint (recv (pair.fd, &byte, 1, MSG_DONTWAIT) == 0, ==, cases[i].read);
      g_assert_false (hvsock_channel_is_closed (pair.channel));
    }
}

/* An unconnected socket says what one says whose peer is gone on some systems. */
static void
test_shutdown_not_connected (void)
{
  g_autoptr (HvsockChannel) channel = NULL;
  g_autoptr (GError) error = NULL;

  channel = hvsock_channel_new (socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  g_assert_true (hvsock_channel_shutdown (channel, TRUE, TRUE, &error));
  g_assert_no_error (error);
}

static void
test_ready (void)
{
  g_auto (Pair) pair = { 0 };

  pair_init (&pair, SOCK_STREAM);
  g_assert_false (hvsock_channel_is_ready (pair.channel, G_IO_IN));
  g_assert_true (hvsock_channel_is_ready (pair.channel, G_IO_OUT));
  g_assert_cmpint (send (pair.peer, "a", 1, MSG_NOSIGNAL), ==, 1);
  g_assert_true (hvsock_channel_is_ready (pair.channel, G_IO_IN));
}

static void
test_message (void)
{
  g_auto (Pair) stream = { 0 };
  g_auto (Pair) seqpacket = { 0 };

  pair_init (&stream, SOCK_STREAM);
  pair_init (&seqpacket, SOCK_SEQPACKET);
  g_assert_false (stream.channel->is_message);
  g_assert_true (seqpacket.channel->is_message);
}

/* It may be shared with another process, which goes on to use it. */
static void
test_listener (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (HvsockChannel) channel = NULL;
  g_autoptr (GError) error = NULL;
  guint n_before;
  int fd;

  pair_init (&pair, SOCK_STREAM);
  n_before = count_descriptors ();
  fd = fcntl (pair.fd, F_DUPFD_CLOEXEC, 0);
  channel = hvsock_channel_new_for_listener (fd, &error);
  g_assert_no_error (error);
  enter (channel);
  hvsock_channel_close (channel);
  g_assert_true (is_open (fd));
  g_assert_false (peer_sees_end (pair.peer));
  hvsock_channel_leave (channel);
  g_assert_cmpuint (count_descriptors (), ==, n_before);
}

static void
test_listener_without_descriptors (void)
{
  g_auto (Pair) pair = { 0 };
  g_autoptr (GError) error = NULL;
  HvsockChannel *channel;

  pair_init (&pair, SOCK_STREAM);
  take_all_descriptors ();
  channel = hvsock_channel_new_for_listener (pair.peer, &error);
  free_all_descriptors ();
  g_assert_null (channel);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES);
  g_assert_true (is_open (pair.peer));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/channel/close/unused", test_close_unused);
  g_test_add_func ("/channel/close/used", test_close_used);
  g_test_add_func ("/channel/close/with-last-reference", test_close_with_last_reference);
  g_test_add_func ("/channel/close/twice", test_close_twice);
  g_test_add_func ("/channel/close/threads", test_threads);
  g_test_add_func ("/channel/closed-error", test_closed_error);
  g_test_add_func ("/channel/error-texts", test_error_texts);
  g_test_add_func ("/channel/shutdown/directions", test_shutdown);
  g_test_add_func ("/channel/shutdown/not-connected", test_shutdown_not_connected);
  g_test_add_func ("/channel/ready", test_ready);
  g_test_add_func ("/channel/message", test_message);
  g_test_add_func ("/channel/listener/shared", test_listener);
  g_test_add_func ("/channel/listener/without-descriptors", test_listener_without_descriptors);

  return g_test_run ();
}
