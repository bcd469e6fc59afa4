/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The reactor of Linux. A stream stays registered with the epoll of the context where it is used,
 * so that waiting for the next bytes costs no system call, and costs the same however many others
 * wait.
 *
 * It is registered level-triggered. So an operation may be parked before it has tried anything,
 * which saves the attempt that fails; and what is left of a short read is reported again, as it is
 * not by each kind of socket when only edges are. The price is that a stream with data that nobody
 * reads is to be taken out for as long. */

#include "stream/hvsock-reactor-private.h"

#include "base/hvsock-deadline-private.h"
#include "stream/hvsock-epoll-private.h"

#include <sys/epoll.h>

/* The most operations that are called before the rest of the main loop has its turn. */
#define LONGEST_TURN 256

/* After how many events in a row for one stream alone the next is taken to be for it as well, and
 * for how many at most, so that the others are seen. */
#define SHORTEST_HABIT 2
#define LONGEST_HABIT  64

typedef enum
{
  PARKING_FREE,
  PARKING_WAITING,
  PARKING_READY,
} ParkingState;

/* A call that is due. */
typedef struct
{
  GList link; /* in the epoll's queue */
  gpointer operation;
  HvsockReadyFunc ready;
  gboolean timed_out;
  gboolean is_parking; /* the first member of one */
} Turn;

/* The place of one direction's operation. It belongs to that, and to the epoll's lock while one is
 * parked there. */
typedef struct
{
  Turn turn;
  HvsockWatch *watch;
  HvsockEpoll *epoll;  /* atomic: both directions are looked at together */
  guint32 interest;    /* what of the registration is for this direction */
  gboolean overlooked; /* there was an event when nobody was here */

  ParkingState state;
  gint64 deadline;
  GSequenceIter *timed;
  GCancellable *cancellable; /* the operation's, with: */
  gulong cancelled_id;
} Parking;

struct _HvsockWatch
{
  HvsockChannel *channel; /* which owns the watch */
  Parking parkings[2];
};

#define N_DIRECTIONS 2
static const guint32 interests[N_DIRECTIONS] = { EPOLLIN | EPOLLRDHUP, EPOLLOUT };

static HvsockWatch *
watch_get (HvsockChannel *channel)
{
  HvsockWatch *self = g_atomic_pointer_get (&channel->watch);

  if (self != NULL)
    return self;

  self = g_new0 (HvsockWatch, 1);
  self->channel = channel;
  for (guint i = 0; i < N_DIRECTIONS; i++)
    {
      self->parkings[i].watch = self;
      self->parkings[i].turn.link.data = &self->parkings[i].turn;
      self->parkings[i].turn.is_parking = TRUE;
    }

  /* The other direction's first operation may be as far in another thread. */
  if (!g_atomic_pointer_compare_and_exchange (&channel->watch, NULL, self))
    g_free (self);
  return g_atomic_pointer_get (&channel->watch);
}

/* The functions from here to the next such comment are called with the lock of @epoll. */

/* A direction of another epoll is not touched. It may come into this one meanwhile, but then has no
 * interest yet. */
static guint32
watch_get_interest (HvsockWatch *self, HvsockEpoll *epoll)
{
  guint32 interest = 0;

  for (guint i = 0; i < N_DIRECTIONS; i++)
    {
      if (g_atomic_pointer_get (&self->parkings[i].epoll) == epoll)
        interest |= self->parkings[i].interest;
    }
  return interest;
}

static gboolean
parking_set_interest (Parking *self, HvsockEpoll *epoll, guint32 interest)
{
  guint32 before = watch_get_interest (self->watch, epoll);
  struct epoll_event event = { .data.ptr = self->watch };
  int operation;

  self->overlooked = FALSE;
  if (self->interest == interest)
    return TRUE;

  self->interest = interest;
  event.events = watch_get_interest (self->watch, epoll);
  operation = before == 0 ? EPOLL_CTL_ADD : event.events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
  if (!hvsock_epoll_is_usable (epoll) ||
      epoll_ctl (epoll->fd, operation, self->watch->channel->fd, &event) == 0)
    return TRUE;

  self->interest = 0;
  return FALSE;
}

static void
parking_make_ready (Parking *self, HvsockEpoll *epoll)
{
  if (self->state != PARKING_WAITING)
    return;

  self->state = PARKING_READY;
  g_clear_pointer (&self->timed, g_sequence_remove);
  g_queue_push_tail_link (&epoll->ready, &self->turn.link);
}

static int
compare_deadlines (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const Parking *one = a, *other = b;

  return (one->deadline > other->deadline) - (one->deadline < other->deadline);
}

static Parking *
epoll_get_next_timed (HvsockEpoll *epoll)
{
  GSequenceIter *first = g_sequence_get_begin_iter (epoll->timed);

  return g_sequence_iter_is_end (first) ? NULL : g_sequence_get (first);
}

static void
epoll_expire (HvsockEpoll *epoll)
{
  Parking *next;

  while ((next = epoll_get_next_timed (epoll)) != NULL &&
         hvsock_deadline_has_passed (next->deadline))
    {
      next->turn.timed_out = TRUE;
      parking_make_ready (next, epoll);
    }
}

static gboolean
parking_is_concerned (Parking *self, HvsockEpoll *epoll, guint32 events)
{
  const guint i = self == &self->watch->parkings[0] ? 0 : 1;

  return g_atomic_pointer_get (&self->epoll) == epoll &&
         (events & (interests[i] | EPOLLHUP | EPOLLERR)) != 0;
}

/* An event that nobody waits for may be overlooked once, since its reader is often just about to
 * come. After that the direction is taken out until it does. */
static void
parking_overlook (Parking *self, HvsockEpoll *epoll)
{
  if (self->overlooked)
    parking_set_interest (self, epoll, 0);
  else
    self->overlooked = TRUE;
}

/* Returns one that the event is for. */
static Parking *
watch_take_event (HvsockWatch *self, HvsockEpoll *epoll, guint32 events)
{
  Parking *concerned = NULL;
  gboolean is_expected = FALSE;

  for (guint i = 0; i < N_DIRECTIONS; i++)
    {
      Parking *parking = &self->parkings[i];

      if (!parking_is_concerned (parking, epoll, events))
        continue;
      concerned = parking;
      is_expected |= parking->state != PARKING_FREE;
      parking_make_ready (parking, epoll);
    }

  for (guint i = 0; i < N_DIRECTIONS && !is_expected; i++)
    {
      if (parking_is_concerned (&self->parkings[i], epoll, events))
        parking_overlook (&self->parkings[i], epoll);
    }
  return concerned;
}

static void
epoll_collect (HvsockEpoll *epoll)
{
  struct epoll_event events[LONGEST_TURN];
  int n_events = epoll_wait (epoll->fd, events, G_N_ELEMENTS (events), 0);
  Parking *latest = NULL;

  for (int i = 0; i < n_events; i++)
    latest = watch_take_event (events[i].data.ptr, epoll, events[i].events);

  if (n_events != 1)
    latest = NULL;
  if (latest == NULL || latest != epoll->latest || epoll->n_repeated > LONGEST_HABIT)
    epoll->n_repeated = 0;
  epoll->n_repeated++;
  epoll->latest = latest;
}

/* A program that talks to one peer need not ask each time for whom an event is. A wrong guess costs
 * an attempt that fails; it is found out by the operation, which then waits again. */
static gboolean
epoll_guess (HvsockEpoll *epoll)
{
  Parking *latest = epoll->latest;

  if (latest == NULL || latest->interest == 0 || epoll->n_repeated < SHORTEST_HABIT ||
      epoll->n_repeated > LONGEST_HABIT)
    return FALSE;

  epoll->n_repeated++;
  if (latest->state == PARKING_FREE)
    parking_overlook (latest, epoll);
  parking_make_ready (latest, epoll);
  return TRUE;
}

/* From here on the lock is not held. */

static void
cancelled_cb (GCancellable *cancellable, Parking *parking)
{
  HvsockEpoll *epoll = parking->epoll;

  g_mutex_lock (&epoll->lock);
  parking_make_ready (parking, epoll);
  g_mutex_unlock (&epoll->lock);
  g_main_context_wakeup (epoll->context);
}

static Turn *
epoll_take_turn (HvsockEpoll *epoll)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&epoll->lock);
  GList *link = g_queue_pop_head_link (&epoll->ready);

  if (link != NULL && ((Turn *) link->data)->is_parking)
    ((Parking *) link->data)->state = PARKING_FREE;
  return link == NULL ? NULL : link->data;
}

/* Waits for a cancellation that is on its way. */
static void
parking_disconnect (Parking *self)
{
  if (self->cancelled_id != 0)
    g_cancellable_disconnect (self->cancellable, self->cancelled_id);
  self->cancelled_id = 0;
  self->cancellable = NULL;
}

/* Calls the operation that has been ready for longest. */
static gboolean
epoll_run_next (HvsockEpoll *epoll)
{
  Turn *turn = epoll_take_turn (epoll);
  g_autoptr (GObject) operation = NULL;
  HvsockReadyFunc ready;
  gboolean timed_out;

  if (turn == NULL)
    return FALSE;

  /* The next operation may take its place. */
  operation = g_steal_pointer (&turn->operation);
  ready = turn->ready;
  timed_out = turn->timed_out;
  if (turn->is_parking)
    parking_disconnect ((Parking *) turn);
  else
    g_free (turn);

  ready (operation, timed_out);
  return TRUE;
}

/* Whether there is something to do that the descriptor does not tell, or when there will be: after
 * @timeout milliseconds. */
gboolean
hvsock_epoll_has_work (HvsockEpoll *epoll, int *timeout)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&epoll->lock);
  Parking *next = epoll_get_next_timed (epoll);

  *timeout = next == NULL ? -1 : (int) hvsock_deadline_get_remaining (next->deadline);
  return !g_queue_is_empty (&epoll->ready) ||
         (next != NULL && hvsock_deadline_has_passed (next->deadline));
}

/* What a callback leaves undone because it runs a main loop of its own, that one finds here. */
void
hvsock_epoll_work (HvsockEpoll *epoll, gboolean has_events)
{
  g_mutex_lock (&epoll->lock);
  if (has_events && g_queue_is_empty (&epoll->ready) && !epoll_guess (epoll))
    epoll_collect (epoll);
  epoll_expire (epoll);
  g_mutex_unlock (&epoll->lock);

  for (guint i = 0; i < LONGEST_TURN; i++)
    {
      if (!epoll_run_next (epoll))
        break;
    }
}

static void
parking_leave (Parking *self)
{
  HvsockEpoll *epoll = self->epoll;

  if (epoll == NULL)
    return;

  g_mutex_lock (&epoll->lock);
  parking_set_interest (self, epoll, 0);
  if (epoll->latest == self)
    epoll->latest = NULL;
  g_atomic_pointer_set (&self->epoll, NULL);
  g_mutex_unlock (&epoll->lock);
  hvsock_epoll_unref (epoll);
}

/* Moves to the epoll where @waiter is to be called. */
static gboolean
parking_move (Parking *self, const HvsockWaiter *waiter)
{
  if (self->epoll != NULL && hvsock_epoll_is_for (self->epoll, waiter->context, waiter->priority))
    return TRUE;

  parking_leave (self);
  g_atomic_pointer_set (&self->epoll, hvsock_epoll_get (waiter->context, waiter->priority));
  return self->epoll != NULL;
}

static void
parking_set_deadline (Parking *self, HvsockEpoll *epoll, gint64 deadline)
{
  self->deadline = deadline;
  self->turn.timed_out = FALSE;
  if (deadline == HVSOCK_DEADLINE_NEVER)
    return;

  self->timed = g_sequence_insert_sorted (epoll->timed, self, compare_deadlines, NULL);
  if (epoll_get_next_timed (epoll) == self && !g_main_context_is_owner (epoll->context))
    g_main_context_wakeup (epoll->context);
}

/* Returns %FALSE when the system has no room for one more that waits. */
static gboolean
parking_take (Parking *self, guint32 interest, gint64 deadline, const HvsockWaiter *waiter)
{
  HvsockEpoll *epoll = self->epoll;
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&epoll->lock);

  if (!parking_set_interest (self, epoll, interest))
    return FALSE;

  if (waiter->is_again)
    epoll->latest = NULL;

  self->state = PARKING_WAITING;
  self->turn.operation = g_object_ref (waiter->operation);
  self->turn.ready = waiter->ready;
  parking_set_deadline (self, epoll, deadline);

  /* The handler had nothing to wake yet if it was called before this. */
  if (g_cancellable_is_cancelled (waiter->cancellable))
    {
      parking_make_ready (self, epoll);
      g_main_context_wakeup (epoll->context);
    }
  return TRUE;
}

/* Parks @waiter until @channel may be ready for @direction, which is %G_IO_IN or %G_IO_OUT. A
 * stream has one at a time parked for each. The caller has entered the channel, and does not leave
 * it before the waiter is called. */
void
hvsock_reactor_park (HvsockChannel *channel,
                     GIOCondition direction,
                     gint64 deadline,
                     const HvsockWaiter *waiter)
{
  const guint i = direction == G_IO_IN ? 0 : 1;
  Parking *parking = &watch_get (channel)->parkings[i];

  if (parking_move (parking, waiter))
    {
      parking->cancellable = waiter->cancellable;
      if (waiter->cancellable != NULL)
        parking->cancelled_id =
            g_cancellable_connect (waiter->cancellable, G_CALLBACK (cancelled_cb), parking, NULL);
      if (parking_take (parking, interests[i], deadline, waiter))
        return;
      parking_disconnect (parking);
    }

  hvsock_wait_source_park (channel, direction, hvsock_deadline_get_remaining (deadline), waiter);
}

/* Calls @waiter soon: what it would wait for is there already. */
void
hvsock_reactor_defer (const HvsockWaiter *waiter)
{
  HvsockEpoll *epoll = hvsock_epoll_get (waiter->context, waiter->priority);
  Turn *turn;

  if (epoll == NULL)
    {
      hvsock_wait_source_defer (waiter);
      return;
    }

  turn = g_new0 (Turn, 1);
  turn->link.data = turn;
  turn->operation = g_object_ref (waiter->operation);
  turn->ready = waiter->ready;
  g_mutex_lock (&epoll->lock);
  g_queue_push_tail_link (&epoll->ready, &turn->link);
  g_mutex_unlock (&epoll->lock);
  if (!g_main_context_is_owner (epoll->context))
    g_main_context_wakeup (epoll->context);
  hvsock_epoll_unref (epoll);
}

/* Before the descriptor of @channel is closed: a copy of it, in another process perhaps, would keep
 * the registration alive. */
void
hvsock_reactor_forget (HvsockChannel *channel)
{
  if (channel->watch == NULL)
    return;

  for (guint i = 0; i < N_DIRECTIONS; i++)
    parking_leave (&channel->watch->parkings[i]);
  g_clear_pointer (&channel->watch, g_free);
}
