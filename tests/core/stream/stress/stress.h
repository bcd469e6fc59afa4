/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <hvsock/hvsock-plugin.h>

G_BEGIN_DECLS

/* The longest run of bytes that stress_bytes_at() gives, from any offset. */
#define STRESS_LONGEST 65521

typedef enum
{
  STRESS_READ,
  STRESS_WRITE,
} StressDirection;

/* What was done to a connection, each noted before it is: whoever finds the effect may rely on it.
 */
typedef enum
{
  STRESS_CLOSED = 1 << 0,
  STRESS_READ_SHUT = 1 << 1,
  STRESS_WRITE_SHUT = 1 << 2,
  STRESS_TIMED = 1 << 3,
} StressFate;

typedef struct
{
  HvsockConnection *connection;
  int fate;           /* atomic, of StressFate */
  int is_closing;     /* atomic: a GIOStream takes one close at a time */
  int is_busy[2];     /* atomic, by StressDirection: a stream has one user at a time */
  guint64 n_moved[2]; /* by StressDirection: the user's */
  gsize n_doubtful;   /* of a last write: they may have been moved as well */
  gboolean has_ended; /* reading gave the end of the stream; the reader's */
} StressEnd;

/* Two connections that are each other's peer. */
typedef struct
{
  int n_refs; /* atomic */
  StressEnd ends[2];
} StressPair;

/* One thread. */
typedef struct
{
  GRand *random;
  GMainContext *context;
  gboolean is_main;  /* its context is the default one, and it never waits for others alone */
  gboolean is_aside; /* its context is one for a single operation */
  guint n_pending;   /* callbacks that are still to come */
  guint n_nested;
  GSource *tick;
  guint64 n_actions;
} StressWorker;

/* stress.c */
gboolean stress_is_over (void);
void stress_begin (StressWorker *worker);
void stress_end (StressWorker *worker);

/* stress-pairs.c */
void stress_pairs_open (GRand *random);
void stress_pairs_close (void);
void stress_pairs_clear (void);
int stress_count_alive (void);
gpointer stress_track (gpointer object);
const guint8 *stress_bytes_at (guint64 offset);
gboolean stress_chance (StressWorker *worker, int one_in);
gsize stress_choose_size (StressWorker *worker);
int stress_choose_priority (StressWorker *worker);
HvsockConnection *stress_connection_new (int fd);
void stress_connections_new (HvsockConnection **first, HvsockConnection **second);
StressPair *stress_pair_pick (StressWorker *worker);
void stress_pair_unref (StressPair *self);
void stress_pair_wear_out (StressWorker *worker, StressPair *self);
void stress_pair_replace (StressWorker *worker);
StressEnd *stress_pair_get_peer (StressPair *self, StressEnd *end);
gboolean stress_stream_take (StressEnd *end, StressDirection direction);
void stress_stream_give_back (StressEnd *end, StressDirection direction);
void stress_end_close (StressEnd *self);
GCancellable *stress_cancellable_new (StressWorker *worker);
void stress_cancel_some (StressWorker *worker);
void stress_context_unref (GMainContext *context);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (StressPair, stress_pair_unref)

/* stress-streams.c */
void stress_start (StressWorker *worker);
void stress_block (StressWorker *worker);
void stress_try (StressWorker *worker);
void stress_poll (StressWorker *worker);
void stress_step_aside (StressWorker *worker);

/* stress-fates.c */
void stress_close (StressWorker *worker);
void stress_shut_down (StressWorker *worker);
void stress_set_timeout (StressWorker *worker);
void stress_ask (StressWorker *worker);

/* stress-moves.c */
void stress_move (StressWorker *worker);
void stress_splice (StressWorker *worker);

/* stress-peers.c */
void stress_listen (const char *folder);
void stress_stop_listening (void);
void stress_listen_anew (StressWorker *worker);
void stress_meet (StressWorker *worker);
void stress_meet_blocking (StressWorker *worker);

G_END_DECLS
