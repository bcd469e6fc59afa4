/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Moving between two descriptors by splice(2): the bytes go from one to the other through a pipe,
 * inside the kernel. */

#include "stream/hvsock-move-private.h"

#include "base/hvsock-deadline-private.h"
#include "base/hvsock-fd-private.h"
#include "stream/hvsock-fd-streams-private.h"
#include "stream/hvsock-reactor-private.h"
#include "stream/hvsock-stream-private.h"
#include "stream/hvsock-wait-private.h"

#include <gio/gfiledescriptorbased.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* Larger pipes were slower: what is in them does not stay in the processor's cache. */
#define PIPE_SIZE (256 * 1024)

/* The most that is moved before the rest of the main loop has its turn, in bytes. */
#define LONGEST_TURN (1024 * 1024)

/* Pipes that are kept for whoever moves something next. */
#define N_KEPT 8

/* One of the two descriptors. */
typedef struct
{
  int fd;
  GObject *stream;
  HvsockChannel *channel; /* NULL if the stream is not one of ours */
  gint64 deadline;        /* of the wait */
} End;

typedef struct
{
  HvsockMove *move;
  End from;
  End to;
  int pipe[2];
  gsize n_held; /* in the pipe */
} Splice;

static GMutex kept_lock;
static int kept[N_KEPT][2];
static guint n_kept;
static pid_t keeper; /* what a child process has inherited is in use by its parent */

static gboolean
take_kept_pipe (int fds[2])
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&kept_lock);

  if (n_kept == 0 || keeper != getpid ())
    return FALSE;

  n_kept--;
  fds[0] = kept[n_kept][0];
  fds[1] = kept[n_kept][1];
  return TRUE;
}

static gboolean
take_pipe (int fds[2])
{
  if (take_kept_pipe (fds))
    return TRUE;
  if (pipe2 (fds, O_CLOEXEC | O_NONBLOCK) != 0)
    return FALSE;

  /* Beyond what its user may have, a pipe stays at the usual size. */
  fcntl (fds[0], F_SETPIPE_SZ, PIPE_SIZE);
  return TRUE;
}

/* An empty one. */
static void
keep_pipe (int fds[2])
{
  g_mutex_lock (&kept_lock);
  if (keeper != getpid ())
    {
      while (n_kept > 0)
        {
          n_kept--;
          close (kept[n_kept][0]);
          close (kept[n_kept][1]);
        }
      keeper = getpid ();
    }
  if (n_kept < N_KEPT)
    {
      kept[n_kept][0] = hvsock_fd_steal (&fds[0]);
      kept[n_kept][1] = hvsock_fd_steal (&fds[1]);
      n_kept++;
    }
  g_mutex_unlock (&kept_lock);
  hvsock_fd_clear (&fds[0]);
  hvsock_fd_clear (&fds[1]);
}

/* Whether splice(2) can be kept from blocking on it, which it ignores SPLICE_F_NONBLOCK for unless
 * it is a pipe. A file never blocks; a terminal does, and is not for this. What may have to wait is
 * to be polled for: a stream of GFile cannot, even if what it has opened is a FIFO. */
static gboolean
can_be_spliced (gpointer stream, int fd)
{
  struct stat status;

  if (fstat (fd, &status) != 0 || (fcntl (fd, F_GETFL) & O_APPEND) != 0)
    return FALSE;
  switch (status.st_mode & S_IFMT)
    {
    case S_IFREG:
      return TRUE;
    case S_IFIFO:
      return hvsock_stream_can_poll (stream);
    case S_IFCHR:
      return status.st_rdev == makedev (1, 3); /* /dev/null */
    case S_IFSOCK:
      return hvsock_stream_can_poll (stream) && (fcntl (fd, F_GETFL) & O_NONBLOCK) != 0;
    default:
      return FALSE;
    }
}

static gboolean
end_init (End *self, gpointer stream, HvsockChannel *channel)
{
  *self = (End){ .fd = -1, .stream = stream, .channel = channel };
  if (channel != NULL)
    self->fd = channel->is_message ? -1 : channel->fd;
  else if (G_IS_FILE_DESCRIPTOR_BASED (stream))
    self->fd = g_file_descriptor_based_get_fd (stream);
  return self->fd >= 0 && (channel != NULL || can_be_spliced (stream, self->fd));
}

/* The socket stays non-blocking: the other direction may be spliced as well, and blocking calls
 * look after that themselves. */
static gboolean
end_enter (End *self)
{
  if (self->channel == NULL)
    return TRUE;
  if (!hvsock_channel_enter (self->channel, NULL))
    return FALSE;
  hvsock_fd_set_blocking (self->fd, FALSE);
  return TRUE;
}

static void
end_leave (End *self)
{
  if (self->channel != NULL)
    hvsock_channel_leave (self->channel);
}

static gboolean
end_is_closed (End *self)
{
  return self->channel != NULL && hvsock_channel_is_closed (self->channel);
}

/* An errno, or 0 for the end of the stream. */
static int
end_get_read_error (End *self, int errsv)
{
  return self->channel == NULL ? errsv : hvsock_channel_get_read_error (self->channel, errsv);
}

static GError *
end_make_error (End *self, const char *operation, int errsv)
{
  GError *error = NULL;

  if (end_is_closed (self))
    hvsock_channel_set_closed_error (self->channel, &error);
  else if (self->channel != NULL)
    hvsock_channel_set_error (self->channel, operation, errsv, &error);
  else
    g_set_error (&error, G_IO_ERROR, g_io_error_from_errno (errsv), "cannot %s descriptor %d: %s",
                 operation, self->fd, g_strerror (errsv));
  return error;
}

static void
splice_free (Splice *self)
{
  if (self->n_held == 0 && self->pipe[0] >= 0)
    keep_pipe (self->pipe);
  hvsock_fd_clear (&self->pipe[0]);
  hvsock_fd_clear (&self->pipe[1]);
  end_leave (&self->from);
  end_leave (&self->to);
  g_input_stream_clear_pending (self->move->from);
  g_output_stream_clear_pending (self->move->to);
  g_free (self);
}

/* Everything is given back before anybody hears of the end. */
static void
splice_return (GTask *task, GError *error)
{
  g_task_set_task_data (task, NULL, NULL);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
splice_fail (GTask *task, End *end, int errsv)
{
  Splice *self = g_task_get_task_data (task);
  const gboolean is_reading = end == &self->from;

  self->move->failed_to_read = is_reading;
  splice_return (task, end_make_error (end, is_reading ? "read from" : "write to", errsv));
}

static void splice_next (GTask *task);

static gboolean
turn_cb (gpointer user_data)
{
  splice_next (user_data);
  return G_SOURCE_REMOVE;
}

static gboolean
stream_ready_cb (GObject *stream, gpointer user_data)
{
  return turn_cb (user_data);
}

static void
parked_cb (gpointer task, gboolean timed_out)
{
  splice_next (task);
}

static void
attach (GSource *source, GSourceFunc callback, GTask *task)
{
  g_source_set_callback (source, callback, g_object_ref (task), g_object_unref);
  g_source_set_priority (source, g_task_get_priority (task));
  g_source_attach (source, g_task_get_context (task));
}

static void
splice_wait (GTask *task, End *end)
{
  Splice *self = g_task_get_task_data (task);
  const gboolean is_reading = end == &self->from;
  const GIOCondition condition = is_reading ? G_IO_IN : G_IO_OUT;
  g_autoptr (GSource) source = NULL;
  HvsockWaiter waiter;

  if (end->channel != NULL)
    {
      if (end->deadline == 0)
        end->deadline = hvsock_deadline_after (g_atomic_int_get (&end->channel->timeout));
      waiter = hvsock_waiter_for_task (task, parked_cb);
      if (hvsock_deadline_has_passed (end->deadline))
        splice_fail (task, end, ETIMEDOUT);
      else
        hvsock_reactor_park (end->channel, condition,
                             hvsock_wait_get_end (condition, end->deadline), &waiter);
      return;
    }

  if (is_reading)
    source = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (end->stream),
                                                    g_task_get_cancellable (task));
  else
    source = g_pollable_output_stream_create_source (G_POLLABLE_OUTPUT_STREAM (end->stream),
                                                     g_task_get_cancellable (task));
  attach (source, G_SOURCE_FUNC (stream_ready_cb), task);
}

static void
splice_yield (GTask *task)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  attach (source, turn_cb, task);
}

/* Returns what was moved, or -1 with errno. */
static gssize
move_some (int from, int to, gsize size)
{
  gssize n_moved;

  do
    n_moved = splice (from, NULL, to, NULL, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  while (n_moved < 0 && errno == EINTR);
  return n_moved;
}

/* Unlike send(2), splice(2) cannot be told to raise no SIGPIPE. So it is blocked for this thread,
 * and taken back unless there was one already. It comes with EPIPE, and without an error when the
 * peer goes after a part was moved. */
static gssize
move_some_quietly (int from, int to, gsize size)
{
  const struct timespec at_once = { 0 };
  sigset_t pipe_signal, before, pending;
  gssize n_moved;
  int errsv;

  sigemptyset (&pipe_signal);
  sigaddset (&pipe_signal, SIGPIPE);
  pthread_sigmask (SIG_BLOCK, &pipe_signal, &before);
  sigpending (&pending);
  n_moved = move_some (from, to, size);
  errsv = errno;
  if (n_moved < (gssize) size && !sigismember (&pending, SIGPIPE))
    while (sigtimedwait (&pipe_signal, NULL, &at_once) < 0 && errno == EINTR)
      continue;
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  errno = errsv;
  return n_moved;
}

/* Goes on with a buffer: this kind of file asks for one, or there is no descriptor for a pipe. */
static void
splice_give_up (GTask *task)
{
  Splice *self = g_task_get_task_data (task);
  HvsockMove *move = self->move;
  g_autofree char *held = NULL;
  gssize n_held = 0;

  if (self->n_held > 0)
    {
      held = g_malloc (PIPE_SIZE);
      n_held = read (self->pipe[0], held, self->n_held);
      if (n_held != (gssize) self->n_held)
        {
          splice_fail (task, &self->from, n_held < 0 ? errno : EIO);
          return;
        }
      self->n_held = 0;
    }
  g_task_set_task_data (task, NULL, NULL);
  hvsock_move_start_copy (move, task, held, (gsize) MAX (n_held, 0));
}

/* Fills the pipe. Returns %FALSE when the task is finished or waits. */
static gboolean
splice_fill (GTask *task)
{
  Splice *self = g_task_get_task_data (task);
  gssize n_moved;
  int errsv;

  if (self->pipe[0] < 0 && !take_pipe (self->pipe))
    errsv = EINVAL;
  else if ((n_moved = move_some (self->from.fd, self->pipe[1], PIPE_SIZE)) > 0)
    {
      self->n_held = (gsize) n_moved;
      self->from.deadline = 0;
      return TRUE;
    }
  else
    errsv = n_moved == 0 ? 0 : end_get_read_error (&self->from, errno);

  if (errsv == 0 && !end_is_closed (&self->from))
    splice_return (task, NULL);
  else if (errsv == EAGAIN && !end_is_closed (&self->from))
    {
      /* Who waits needs no pipe. */
      keep_pipe (self->pipe);
      splice_wait (task, &self->from);
    }
  else if (errsv == EINVAL)
    splice_give_up (task);
  else
    splice_fail (task, &self->from, errsv);
  return FALSE;
}

/* Empties it. */
static gboolean
splice_drain (GTask *task)
{
  Splice *self = g_task_get_task_data (task);
  gssize n_moved = move_some_quietly (self->pipe[0], self->to.fd, self->n_held);
  int errsv = errno;

  if (n_moved > 0)
    {
      self->n_held -= (gsize) n_moved;
      self->move->n_moved += (gsize) n_moved;
      self->to.deadline = 0;
      return TRUE;
    }

  if (n_moved < 0 && errsv == EAGAIN && !end_is_closed (&self->to))
    splice_wait (task, &self->to);
  else if (n_moved < 0 && errsv == EINVAL)
    splice_give_up (task);
  else
    splice_fail (task, &self->to, n_moved < 0 ? errsv : EPIPE);
  return FALSE;
}

static void
splice_next (GTask *task)
{
  Splice *self = g_task_get_task_data (task);
  const guint64 n_before = self->move->n_moved;
  GError *error = NULL;

  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error))
    {
      splice_return (task, error);
      return;
    }

  for (;;)
    {
      if (self->n_held > 0)
        {
          if (!splice_drain (task))
            return;
        }
      else if (self->move->n_moved - n_before >= LONGEST_TURN)
        {
          splice_yield (task);
          return;
        }
      else if (!splice_fill (task))
        return;
    }
}

/* So that nobody else comes in between. */
static gboolean
splice_occupy (Splice *self)
{
  if (!g_input_stream_set_pending (self->move->from, NULL))
    return FALSE;
  if (g_output_stream_set_pending (self->move->to, NULL))
    {
      if (end_enter (&self->from))
        {
          if (end_enter (&self->to))
            return TRUE;
          end_leave (&self->from);
        }
      g_output_stream_clear_pending (self->move->to);
    }
  g_input_stream_clear_pending (self->move->from);
  return FALSE;
}

/* Returns %FALSE when the two streams are not of the kind for it, or are in use. */
gboolean
hvsock_move_start_splice (HvsockMove *self, GTask *task)
{
  g_autofree Splice *splice = g_new0 (Splice, 1);

  *splice = (Splice){ .move = self, .pipe = { -1, -1 } };
  if (!end_init (&splice->from, self->from, hvsock_fd_input_stream_get_channel (self->from)) ||
      !end_init (&splice->to, self->to, hvsock_fd_output_stream_get_channel (self->to)) ||
      !splice_occupy (splice))
    return FALSE;

  g_task_set_task_data (task, g_steal_pointer (&splice), (GDestroyNotify) splice_free);
  splice_next (task);
  return TRUE;
}
