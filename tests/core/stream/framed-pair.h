/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A framed connection over a socket of GIO's, and the other end of that as it is. */

#pragma once

#include <hvsock/hvsock.h>

G_BEGIN_DECLS

#define STOP_READING "\xef\xbe\xad\xde"
#define STOP_WRITING "\xad\xde\xef\xbe"
#define CLOSE        "\xad\xde\xad\xde"

typedef struct
{
  HvsockConnection *framed;
  GInputStream *input;
  GOutputStream *output;
  GIOStream *peer;
} Pair;

void pair_init (Pair *self);
void pair_init_unpollable (Pair *self);
void pair_init_narrow (Pair *self);
void pair_init_at (Pair *self, HvsockAddress *local_address, HvsockAddress *remote_address);
void pair_clear (Pair *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pair, pair_clear)

void pair_send (Pair *self, gconstpointer bytes, gsize n_bytes);
void pair_wait_arrival (Pair *self);
void pair_expect (Pair *self, gconstpointer bytes, gsize n_bytes);
void pair_expect_end (Pair *self);
gsize pair_expect_zeros (Pair *self);
void pair_close_peer (Pair *self);

/* For texts that are frames, with their NULs. */
#define PAIR_SEND(pair, text)   pair_send (pair, text, sizeof (text) - 1)
#define PAIR_EXPECT(pair, text) pair_expect (pair, text, sizeof (text) - 1)

void pair_read (Pair *self, const char *text);
void pair_read_end (Pair *self);
void pair_read_error (Pair *self, int code);
void pair_write (Pair *self, const char *text);
void pair_write_error (Pair *self, int code);
void pair_shut_down (Pair *self, gboolean read, gboolean write);

void result_cb (GObject *source, GAsyncResult *result, gpointer user_data);
void result_wait (GAsyncResult **result);
void result_expect_pending (GAsyncResult **result);

/* More than there is room for on the way. */
extern char pair_many_bytes[64 * 1024 * 1024];

G_END_DECLS
