/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* One epoll descriptor for each main context and I/O priority, and how it is found. What is done
 * with it is in hvsock-reactor-epoll.c. */

#pragma once

#include "stream/hvsock-channel-private.h"

G_BEGIN_DECLS

typedef struct
{
  GMainContext *context; /* not a reference: whoever waits there has one */
  int priority;

  GMutex lock;
  int fd;           /* -1 once the context is gone */
  int n_forks;      /* of which child process it is */
  GQueue ready;     /* turns: whom to call */
  GSequence *timed; /* parkings with a deadline, the next one first */
  gpointer latest;  /* the parking that the last event alone was for */
  guint n_repeated; /* how often in a row it was */
} HvsockEpoll;

HvsockEpoll *hvsock_epoll_get (GMainContext *context, int priority);
void hvsock_epoll_unref (HvsockEpoll *self);
gboolean hvsock_epoll_is_for (HvsockEpoll *self, GMainContext *context, int priority);
gboolean hvsock_epoll_is_usable (HvsockEpoll *self);

/* By hvsock-reactor-epoll.c. */
gboolean hvsock_epoll_has_work (HvsockEpoll *self, int *timeout);
void hvsock_epoll_work (HvsockEpoll *self, gboolean has_events);

G_END_DECLS
