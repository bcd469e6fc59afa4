/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The epoll descriptors: a main context polls one for each priority, however many streams there
 * are. Separate from what is waited for, because this is about when a descriptor is made and when
 * it is of no use any more: its context is gone, or the process is a child that shares it with its
 * parent. */

#include "stream/hvsock-epoll-private.h"

#include "base/hvsock-fd-private.h"

#include <pthread.h>
#include <sys/epoll.h>

typedef struct
{
  GSource source;
  HvsockEpoll *epoll;
  gpointer fd_tag;
} EpollSource;

static GMutex known_lock;
static GHashTable *known; /* a set, of those whose context lives */
static int n_forks;       /* atomic: how often this process is a child of its first self */

static guint
epoll_hash (gconstpointer key)
{
  const HvsockEpoll *self = key;

  return g_direct_hash (self->context) ^ (guint) self->priority;
}

static gboolean
epoll_equal (gconstpointer a, gconstpointer b)
{
  const HvsockEpoll *one = a, *other = b;

  return one->context == other->context && one->priority == other->priority;
}

static void
epoll_clear (gpointer data)
{
  HvsockEpoll *self = data;

  hvsock_fd_clear (&self->fd);
  g_sequence_free (self->timed);
  g_mutex_clear (&self->lock);
}

void
hvsock_epoll_unref (HvsockEpoll *self)
{
  g_atomic_rc_box_release_full (self, epoll_clear);
}

/* A child process shares the descriptor with its parent: what it changed would be changed for both.
 */
gboolean
hvsock_epoll_is_usable (HvsockEpoll *self)
{
  return g_atomic_int_get (&self->fd) >= 0 && self->n_forks == g_atomic_int_get (&n_forks);
}

gboolean
hvsock_epoll_is_for (HvsockEpoll *self, GMainContext *context, int priority)
{
  return self->context == context && self->priority == priority && hvsock_epoll_is_usable (self);
}

/* Operations that are pending when a process forks are its own; the child neither sees their end
 * nor is kept awake by them. */
static gboolean
epoll_source_prepare (GSource *source, int *timeout)
{
  EpollSource *self = (EpollSource *) source;

  if (hvsock_epoll_is_usable (self->epoll))
    return hvsock_epoll_has_work (self->epoll, timeout);

  if (self->fd_tag != NULL)
    g_source_remove_unix_fd (source, g_steal_pointer (&self->fd_tag));
  return FALSE;
}

static gboolean
epoll_source_has_events (EpollSource *self)
{
  return self->fd_tag != NULL && g_source_query_unix_fd (&self->source, self->fd_tag) != 0;
}

static gboolean
epoll_source_check (GSource *source)
{
  EpollSource *self = (EpollSource *) source;
  int timeout;

  return epoll_source_has_events (self) ||
         (self->fd_tag != NULL && hvsock_epoll_has_work (self->epoll, &timeout));
}

static gboolean
epoll_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  EpollSource *self = (EpollSource *) source;

  hvsock_epoll_work (self->epoll, epoll_source_has_events (self));
  return G_SOURCE_CONTINUE;
}

/* With its context. Streams that were used there may still have the epoll. */
static void
epoll_source_finalize (GSource *source)
{
  HvsockEpoll *epoll = ((EpollSource *) source)->epoll;
  hvsock_autofd fd = -1;

  g_mutex_lock (&known_lock);
  if (g_hash_table_lookup (known, epoll) == epoll)
    g_hash_table_remove (known, epoll);
  g_mutex_unlock (&known_lock);

  g_mutex_lock (&epoll->lock);
  fd = epoll->fd;
  g_atomic_int_set (&epoll->fd, -1);
  g_mutex_unlock (&epoll->lock);
  hvsock_epoll_unref (epoll);
}

static GSourceFuncs epoll_source_funcs = {
  .prepare = epoll_source_prepare,
  .check = epoll_source_check,
  .dispatch = epoll_source_dispatch,
  .finalize = epoll_source_finalize,
};

/* A callback may run a main loop of its own, which is to be served as well. */
static void
attach_source (HvsockEpoll *epoll)
{
  g_autoptr (GSource) source = g_source_new (&epoll_source_funcs, sizeof (EpollSource));
  EpollSource *self = (EpollSource *) source;

  g_source_set_static_name (source, "HvsockReactor");
  g_source_set_priority (source, epoll->priority);
  g_source_set_can_recurse (source, TRUE);
  self->epoll = g_atomic_rc_box_acquire (epoll);
  self->fd_tag = g_source_add_unix_fd (source, epoll->fd, G_IO_IN);
  g_source_attach (source, epoll->context);
}

static void
in_child_cb (void)
{
  g_atomic_int_inc (&n_forks);
}

/* Called with the lock. Returns %NULL when the system has no descriptor left. */
static HvsockEpoll *
epoll_new (GMainContext *context, int priority)
{
  int fd = epoll_create1 (EPOLL_CLOEXEC);
  HvsockEpoll *self;

  if (fd < 0)
    return NULL;
  if (known == NULL)
    {
      known = g_hash_table_new (epoll_hash, epoll_equal);
      pthread_atfork (NULL, NULL, in_child_cb);
    }

  self = g_atomic_rc_box_new0 (HvsockEpoll);
  self->context = context;
  self->priority = priority;
  self->fd = fd;
  self->n_forks = g_atomic_int_get (&n_forks);
  self->timed = g_sequence_new (NULL);
  g_mutex_init (&self->lock);
  g_queue_init (&self->ready);
  return self;
}

/* Returns a reference to the epoll of @context and @priority, or %NULL when the system has no
 * descriptor left for it. */
HvsockEpoll *
hvsock_epoll_get (GMainContext *context, int priority)
{
  const HvsockEpoll key = { .context = context, .priority = priority };
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&known_lock);
  HvsockEpoll *self = known == NULL ? NULL : g_hash_table_lookup (known, &key);

  if (self != NULL && hvsock_epoll_is_usable (self))
    return g_atomic_rc_box_acquire (self);

  self = epoll_new (context, priority);
  if (self == NULL)
    return NULL;

  g_hash_table_replace (known, self, self);
  attach_source (self);
  return self;
}
