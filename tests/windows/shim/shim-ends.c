/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The sockets that pass for AF_HYPERV. An end lives until its socket is closed. */

#include "shim-private.h"

#include <stdlib.h>

#define N_BUCKETS 1021

/* Where none is set. */
#define DEFAULT_TIMEOUT 30000

static ShimEnd *buckets[N_BUCKETS];
static SRWLOCK lock = SRWLOCK_INIT;

/* The link that leads to the end of @socket, or that would. */
static ShimEnd **
find_link (SOCKET socket)
{
  /* Handles are multiples of four. */
  ShimEnd **link = &buckets[(socket / 4) % N_BUCKETS];

  while (*link != NULL && (*link)->socket != socket)
    link = &(*link)->next;
  return link;
}

ShimEnd *
shim_end_new (SOCKET socket)
{
  ShimEnd *self = calloc (1, sizeof *self);
  ShimEnd **link;

  if (self == NULL)
    abort ();
  self->socket = socket;
  self->local.Family = self->remote.Family = AF_HYPERV;
  self->connect_timeout = DEFAULT_TIMEOUT;
  self->companion = INVALID_SOCKET;

  AcquireSRWLockExclusive (&lock);
  link = find_link (socket);
  *link = self;
  ReleaseSRWLockExclusive (&lock);
  return self;
}

/* Returns NULL for a socket of another family. */
ShimEnd *
shim_end_find (SOCKET socket)
{
  ShimEnd *self;

  AcquireSRWLockShared (&lock);
  self = *find_link (socket);
  ReleaseSRWLockShared (&lock);
  return self;
}

/* Makes the caller its owner. */
ShimEnd *
shim_end_remove (SOCKET socket)
{
  ShimEnd **link;
  ShimEnd *self;

  AcquireSRWLockExclusive (&lock);
  link = find_link (socket);
  self = *link;
  if (self != NULL)
    *link = self->next;
  ReleaseSRWLockExclusive (&lock);
  return self;
}

BOOL
shim_is_timed_out (const OVERLAPPED *attempt)
{
  BOOL is_timed_out = FALSE;

  AcquireSRWLockShared (&lock);
  for (unsigned i = 0; i < N_BUCKETS; i++)
    for (const ShimEnd *end = buckets[i]; end != NULL; end = end->next)
      if (end->attempt == attempt && end->is_timed_out)
        is_timed_out = TRUE;
  ReleaseSRWLockShared (&lock);
  return is_timed_out;
}
