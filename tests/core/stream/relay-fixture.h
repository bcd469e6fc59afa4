/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <hvsock/hvsock-plugin.h>

G_BEGIN_DECLS

/* A side of the relay, and its other end, which the test has. */
typedef struct
{
  GIOStream *stream;
  GIOStream *peer;
} RelaySide;

typedef void (*RelaySideFunc) (RelaySide *self);

void relay_side_finish (RelaySide *self);

typedef struct
{
  RelaySide first;
  RelaySide second;
  HvsockRelay *relay;
  GAsyncResult *result;
} RelayFixture;

void relay_fixture_init (RelayFixture *self, RelaySideFunc make_first, RelaySideFunc make_second);
void relay_fixture_tear_down (RelayFixture *self, gconstpointer data);

void relay_fixture_run (RelayFixture *self, GCancellable *cancellable);
void relay_fixture_wait (RelayFixture *self);
void relay_fixture_wait_error (RelayFixture *self, int code);
void relay_fixture_exchange (RelayFixture *self, gsize first_size, gsize second_size);

/* What holds for streams of all kinds. */
void relay_test_both_ways (RelayFixture *fixture, gconstpointer data);
void relay_test_half_close (RelayFixture *fixture, gconstpointer data);
void relay_test_cancelled (RelayFixture *fixture, gconstpointer data);

G_END_DECLS
